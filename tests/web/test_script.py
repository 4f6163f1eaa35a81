"""Our script in Chromium: drafts come back, a press sends once, a lost line loses nothing, keys go by their place."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, redirect, render_template_string, request
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.bare import bare_app, follow, patient, served

pytestmark = pytest.mark.once
EDIT = """{% extends "base.html" %}{% import "shared/layout.html" as layout %}{% import "shared/actions.html" as act %}
{% block title %}فرم{% endblock %}{% block scripts %}{{ super() }}{{ layout.htmx() }}{% endblock %}
{% block content %}<h1>فرم</h1>
<form method="post" action="/edit" data-draft="edit" novalidate>
<input type="hidden" name="form_key" value="k1"><label for="t">عنوان</label>
<input class="input" id="t" name="t" value="{{ t }}">
{% if more|default("") %}<label for="more">نامه</label><input class="input" id="more" name="more">{% endif %}
<label><input type="checkbox" name="d" value="1">شنبه</label>
<label><input type="checkbox" name="d" value="2">یکشنبه</label>
<label><input type="radio" name="r" value="a">صبح</label><label><input type="radio" name="r" value="b">عصر</label>
<label for="s">کلید</label><input id="s" name="secret" type="password" autocomplete="off">
{% call act.row() %}{{ act.button("ثبت", "primary", "do", "save") }}{% endcall %}</form>
<form method="post" action="/fail" hx-post="/fail" hx-swap="none"><button id="fail">شکست</button></form>
<form method="post" action="/edit" data-bulk="پرونده" aria-label="پرونده‌ها">{{ act.bulk_bar([("تأیید", "do", "x")]) }}
<input type="checkbox" name="i" value="1" aria-label="۱">
<input type="checkbox" name="i" value="2" aria-label="۲"></form>
<a id="next" href="#next" data-key="KeyJ">بعدی</a>{{ layout.keys([("J", "بعدی")]) }}
<p id="shown">{{ request.method }}</p>{% endblock %}"""
DONE = '{% extends "base.html" %}{% block title %}شد{% endblock %}{% block content %}<h1>شد</h1>{% endblock %}'


@dataclass
class Seen:
    """What the server got, and how it is to behave."""

    posts: list[dict[str, list[str]]] = field(default_factory=list)
    answer: int = 303
    hold: threading.Event = field(default_factory=threading.Event)


def form_app(seen: Seen) -> Flask:
    app = bare_app()
    app.context_processor(
        lambda: {"account": ("من", "#"), "sign_out": "/out", "draft_owner": request.args.get("who", "one")}
    )

    @app.get("/edit")
    @app.get("/done")
    def show() -> str:
        return render_template_string(EDIT if request.path == "/edit" else DONE, t="")

    add_posts(app, seen)
    return app


def add_posts(app: Flask, seen: Seen) -> None:
    @app.post("/edit")
    def post() -> Response | tuple[str, int]:
        seen.posts.append(request.form.to_dict(flat=False))
        if len(seen.posts) == 1:
            seen.hold.wait(60)
        seen.hold.set()
        if seen.answer == 422:
            return render_template_string(EDIT, t=request.form["t"], more=True), 422
        return redirect("/done", 303)  # type: ignore[return-value]

    @app.post("/out")
    def out() -> Response:
        return redirect("/edit", 303)  # type: ignore[return-value]

    @app.post("/fail")
    def fail() -> Response:
        return Response("", 500, headers={"X-Request-Id": "A7-3921"})


@pytest.fixture
def seen() -> Seen:
    seen = Seen()
    seen.hold.set()
    return seen


@pytest.fixture
def tab(browser: Browser) -> Iterator[BrowserContext]:
    context = patient(browser)
    yield context
    context.close()


@pytest.fixture
def page(tab: BrowserContext, seen: Seen) -> Iterator[Page]:
    with served(form_app(seen)) as address:
        page = tab.new_page()
        page.goto(f"{address}/edit")
        yield page
        seen.hold.set()


# What was typed last is kept; a pause between two fields may have kept the first of them alone.
KEPT = """() => {
    const key = Object.keys(sessionStorage).find(key => key.startsWith('draft:'));
    return key && JSON.parse(sessionStorage[key]).values.some(pair => pair[0] === 'r' && pair[1] === 'b');
}"""


def write(page: Page) -> None:
    page.fill("#t", "جوشکاری <b>")
    page.check("[name=d][value='2']")
    page.check("[name=r][value=b]")
    page.fill("[name=secret]", "پنهان")
    page.wait_for_function(KEPT)


def drafts(page: Page) -> int:
    return page.evaluate("() => Object.keys(sessionStorage).filter(key => key.startsWith('draft:')).length")


# -- Drafts ------------------------------------------------------------------------


def test_what_was_typed_is_offered_after_a_reload_and_comes_back_exactly(page: Page) -> None:
    write(page)
    page.reload()
    page.get_by_role("button", name="برگرداندن نوشته‌ها").click()
    assert page.input_value("#t") == "جوشکاری <b>"
    assert page.eval_on_selector_all("[name=d]", "boxes => boxes.map(b => b.checked)") == [False, True]
    assert page.is_checked("[name=r][value=b]")
    assert page.input_value("[name=secret]") == ""


def test_a_draft_can_be_thrown_away(page: Page) -> None:
    write(page)
    page.reload()
    page.get_by_role("button", name="پاک کردن").click()
    page.reload()
    expect(page.get_by_role("button", name="برگرداندن نوشته‌ها")).to_have_count(0)


def test_a_draft_goes_when_the_form_has_arrived(page: Page, seen: Seen) -> None:
    write(page)
    page.get_by_role("button", name="ثبت").click()
    page.wait_for_url("**/done")
    assert drafts(page) == 0
    assert seen.posts[0]["do"] == ["save"]


def test_a_draft_whose_answer_was_lost_stays_when_somebody_goes_elsewhere(page: Page) -> None:
    write(page)
    elsewhere = page.url.replace("/edit", "/done")
    page.route("**/edit", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.click(".primary", no_wait_after=True)
    page.unroute_all()
    page.goto(elsewhere)
    assert drafts(page) == 1


def test_a_refused_form_keeps_its_draft(page: Page, seen: Seen) -> None:
    seen.answer = 422
    write(page)
    page.get_by_role("button", name="ثبت").click()
    expect(page.locator("#shown")).to_have_text("POST")
    assert page.input_value("#t") == "جوشکاری <b>"
    assert drafts(page) == 1


def test_a_refused_form_that_shows_all_that_was_typed_offers_nothing_though_it_has_a_field_more(
    page: Page, seen: Seen
) -> None:
    seen.answer = 422
    page.fill("#t", "جوشکاری")
    page.get_by_role("button", name="ثبت").click()
    expect(page.locator("#more")).to_be_visible()
    assert drafts(page) == 1
    expect(page.get_by_role("button", name="برگرداندن نوشته‌ها")).to_have_count(0)


def test_nobody_is_offered_what_another_user_typed(page: Page) -> None:
    write(page)
    page.goto(f"{page.url}?who=two")
    expect(page.locator("#shown")).to_be_visible()
    expect(page.get_by_role("button", name="برگرداندن نوشته‌ها")).to_have_count(0)


def test_signing_out_leaves_no_draft_in_the_tab(page: Page) -> None:
    write(page)
    follow(page, page.get_by_role("button", name="خروج"))
    assert drafts(page) == 0


# -- Sending -----------------------------------------------------------------------


# A browser in a hurry: its clock runs twenty times as fast, and what is offered to be sent again is sent again.
HURRY = """
const real = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => real(act, ms / 20, ...rest);
new MutationObserver(() => {
    const box = document.querySelector('.alert'), again = document.querySelector('.alert button');
    if (box && box.textContent) localStorage.told = (localStorage.told || '') + box.textContent;
    if (again) again.click();
}).observe(document, {subtree: true, childList: true});
"""


def test_three_presses_send_once(page: Page, seen: Seen) -> None:
    seen.hold.clear()
    threading.Timer(0.7, seen.hold.set).start()
    page.eval_on_selector(".primary", "button => { button.click(); button.click(); button.click(); }")
    page.wait_for_url("**/done")
    assert len(seen.posts) == 1


def test_an_answer_that_does_not_come_offers_to_send_the_same_form_again(page: Page, seen: Seen) -> None:
    seen.hold.clear()
    page.add_init_script(HURRY)
    page.reload()
    page.fill("#t", "جوشکاری")
    page.click(".primary")
    page.wait_for_url("**/done")
    told = page.evaluate("() => localStorage.told")
    assert "منتظر پاسخ سامانه هستیم" in told
    assert "پاسخی از سامانه نرسید. چیزی از دست نرفته است؛ دوباره بفرستید." in told
    assert [(post["form_key"], post["t"], post["do"]) for post in seen.posts] == [(["k1"], ["جوشکاری"], ["save"])] * 2


def test_an_offline_press_sends_nothing_and_the_button_sends_it_later(
    page: Page, tab: BrowserContext, seen: Seen
) -> None:
    page.fill("#t", "جوشکاری")
    tab.set_offline(True)
    page.get_by_role("button", name="ثبت").click()
    expect(page.get_by_text("ارتباط قطع است. نوشته‌های شما روی همین دستگاه مانده است.")).to_be_visible()
    assert seen.posts == []
    tab.set_offline(False)
    expect(page.get_by_text("ارتباط قطع است")).to_have_count(0)
    page.get_by_role("button", name="ارسال دوباره").click()
    page.wait_for_url("**/done")
    assert [post["t"] for post in seen.posts] == [["جوشکاری"]]


def test_a_failure_answered_to_htmx_leaves_the_page_and_tells_the_reference(page: Page) -> None:
    page.fill("#t", "جوشکاری")
    page.click("#fail")
    expect(page.get_by_text("کد پیگیری \u2066A7-3921\u2069 را به پشتیبانی بگویید.")).to_be_visible()
    assert page.input_value("#t") == "جوشکاری"


# -- Keys and the bulk bar ---------------------------------------------------------


def press(page: Page, code: str, key: str) -> None:
    page.evaluate(
        """([code, key]) => {
            document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true}));
        }""",
        [code, key],
    )


def test_a_key_works_by_its_place_on_the_persian_layout(page: Page) -> None:
    press(page, "KeyJ", "ت")
    page.wait_for_function("location.hash === '#next'")


def test_a_key_does_nothing_while_somebody_types_or_after_it_is_switched_off(page: Page) -> None:
    page.focus("#t")
    press(page, "KeyJ", "ت")
    assert page.evaluate("location.hash") == ""
    page.get_by_role("button", name="خاموش کردن کلیدها").click()
    press(page, "KeyJ", "ت")
    assert page.evaluate("location.hash") == ""
    expect(page.get_by_role("button", name="روشن کردن کلیدها")).to_be_visible()


def test_ctrl_enter_presses_the_main_button(page: Page, seen: Seen) -> None:
    page.focus("#t")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/done")
    assert seen.posts[0]["do"] == ["save"]


def test_enter_moves_on_and_sends_nothing_where_a_form_is_filled_step_by_step(page: Page, seen: Seen) -> None:
    page.eval_on_selector("#t", "field => { field.form.dataset.steps = 1; field.focus(); }")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") != "t"
    assert page.evaluate("document.activeElement.form === document.querySelector('#t').form")
    assert seen.posts == []


def test_the_bulk_bar_counts_what_is_chosen(page: Page) -> None:
    told = page.locator("[data-count]")
    expect(told).to_have_text("چیزی انتخاب نشده است")
    page.check("[name=i][value='1']")
    expect(told).to_have_text("۱ پرونده انتخاب شد")
    page.check("[data-all]")
    expect(told).to_have_text("۲ پرونده انتخاب شد")
