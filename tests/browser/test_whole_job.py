"""The main job from end to end in a browser, with JavaScript and without: entered, approved, opened, enrolled."""

import datetime as dt
import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests import make
from tests.browser import by_http, course_pages
from tests.browser.by_http import until
from tests.browser.conftest import House, picture
from tests.browser.course_pages import fill_in, send, write_date
from tests.web.bare import axe_violations, follow

# Both ways on SQLite, where the pages are what is looked at; once on the other database.
WAYS = {"with JavaScript": True, "without JavaScript": False}
if os.environ.get("TEST_DATABASE") == "postgresql":
    del WAYS["with JavaScript"]


@pytest.fixture(params=WAYS.values(), ids=list(WAYS))
def javascript(request: pytest.FixtureRequest) -> bool:
    return request.param


def check(page: Page, javascript: bool, name: str) -> None:
    """Nothing wrong by axe, nothing wider than the window."""
    picture(page, name)
    if javascript:
        assert axe_violations(page) == [], name
    assert page.locator("h1").count() == 1


def enter_course(page: Page, javascript: bool) -> str:
    """The clerk enters a course whose route goes up to headquarters, and sends it; gives its code."""
    choose_standard(page, javascript)
    check(page, javascript, "course-tasks")
    days = course_pages.EVEN_DAYS if javascript else course_pages.ODD_DAYS
    fill_in(page, days, look=lambda name: check(page, javascript, name))
    check(page, javascript, "course-check")
    code = send(page)
    check(page, javascript, "course-sent")
    return code


def choose_standard(page: Page, javascript: bool) -> None:
    """From the catalog, by search: one for which the center has a workshop."""
    page.goto("/center/courses/new")
    check(page, javascript, "course-new")
    title = page.locator("aside .pairs bdi").first.inner_text()
    page.fill("input[name=q]", title)
    follow(page, "main form[role=search] button")
    follow(page, page.get_by_role("button", name=f"انتخاب {title}").first)


def approve(page: Page, queue: str, code: str, javascript: bool) -> None:
    """A reviewer finds the case in the queue, signs the checklist and approves it."""
    card = course_pages.open_case(page, queue, code)
    check(page, javascript, f"case-{queue.split('/')[1]}")
    card.locator("input[name=decision][value=approve]").check()
    course_pages.sign(card)
    follow(page, card.locator("button.primary"))
    expect(page.locator("#alerts")).to_contain_text("تأیید")


def enroll_at_the_desk(page: Page, code: str, person: dict, javascript: bool) -> str:
    """A clerk enrolls a person whose name nobody knows yet; gives the address of the slip."""
    open_desk(page, code, person)
    return send_desk(page, person, javascript)


def open_desk(page: Page, code: str, person: dict) -> None:
    page.goto(f"/center/enroll?course={code}")
    page.fill("input[name=national_code]", person["national_code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/center/enroll/*-*")


def send_desk(page: Page, person: dict, javascript: bool) -> str:
    """What a clerk writes and presses at an open desk; gives the address of the slip."""
    check(page, javascript, "desk")
    write_date(page, "birth_date", dt.date.fromisoformat(person["birth_date"]))
    page.fill("input[name=mobile]", person["mobile"])
    page.check("input[name=debit_source][value=portal_user]")
    follow(page, "main .act button.primary")
    assert "ثبت‌نام انجام شد" in page.inner_text("main"), "nobody was enrolled"
    check(page, javascript, "desk-next")
    return page.get_by_role("link", name="رسید و چاپ").get_attribute("href")


def enroll_oneself(page: Page, house: House, code: str, person: dict, javascript: bool) -> str:
    """A trainee goes from the course page through the national window to the slip: four pages of ours at most."""
    ours: list[str] = []
    page.on("framenavigated", lambda frame: ours.append(frame.url) if frame.url.startswith(house.base) else None)
    page.goto(f"/courses/{code}")
    check(page, javascript, "course-page")
    page.locator("main a", has_text=re.compile("^ثبت‌نام$")).first.click()
    page.wait_for_url(f"{house.sandbox}/**")
    page.fill("input[name=national_code]", person["national_code"])
    page.locator("form", has=page.locator("input[name=national_code]")).locator("button").first.click()
    page.wait_for_url(f"{house.base}/trainee/enroll/**")
    expect(page.locator("main")).to_contain_text(f"{person['first_name']} {person['last_name']}» هستید؟")
    check(page, javascript, "own-enroll")
    follow(page, "main button.primary")
    page.wait_for_url(f"{house.base}/slip/**")
    check(page, javascript, "slip")
    assert len(set(ours)) <= 4, ours
    return page.url


def follow_by_phone(page: Page, house: House, slip: str, person: dict, javascript: bool) -> None:
    """Somebody who is not signed in reads where they stand with the tracking code and the code on their phone."""
    page.goto("/track")
    page.fill("input[name=code]", slip.partition("/slip/")[2][:13])
    follow(page, "main button.primary")
    sent = until(lambda: [text for text in house.phone(person["mobile"]) if "کد پیگیری" in text])[-1]
    page.fill("input[name=code]", re.search("[۰-۹]{6}", sent)[0])
    follow(page, "main button.primary")
    expect(page.locator("main")).to_contain_text("گام بعد:")
    assert person["last_name"] not in page.inner_text("main")
    check(page, javascript, "track")


def someone(number: int, **over: Any) -> dict:
    """A person the sandbox knows and Doreh does not."""
    known = {
        "national_code": make.national_code(number), "first_name": "آرزو", "last_name": "یوسفی‌نیا", "alive": True,
        "father_name": "بهرام", "gender": "female", "birth_date": "2001-03-21", "shenasname_no": "12",
        "mobile": f"0913{number % 10_000_000:07d}",
    }  # fmt: skip
    return known | over


def test_a_course_is_entered_approved_opened_and_people_enroll_in_it(house, staff, visit, javascript):
    code = enter_course(staff("clerk1", javascript=javascript), javascript)
    for username, queue in (("manager1", "/center/queue"), ("province1", "/province/queue"), ("hq1", "/hq/queue")):
        approve(staff(username, javascript=javascript), queue, code, javascript)
    rich = house.somebody("هنوز در دوره نیست", "ریال اعتبار دارد", skip=0 if javascript else 1)
    visitor = visit(javascript=javascript, width=360)
    until(lambda: visitor.goto(f"/courses/{code}").ok and visitor.locator("main a.primary").count())
    slip = enroll_oneself(visitor, house, code, rich, javascript)
    assert rich["last_name"] in visitor.inner_text("main")
    follow_by_phone(visit(javascript=javascript, width=360), house, slip, rich, javascript)

    nameless = someone(987_000_000 + javascript)
    house.control("/people", [nameless])
    clerk = staff("clerk1", javascript=javascript)
    slip = enroll_at_the_desk(clerk, code, nameless, javascript)
    texts = until(lambda: house.phone(nameless["mobile"]))
    assert any("کد رهگیری" in text for text in texts)
    until(lambda: clerk.goto(slip).ok and "یوسفی‌نیا" in clerk.inner_text("main"))
    check(clerk, javascript, "slip-staff")
    assert len(re.findall(rb"/Type\s*/Page\b", clerk.pdf(format="A5"))) == 1, "the slip does not print on one page"


# What makes the form below one that can be sent; a browser without scripts does not run it.
SCRIPT = """document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-to]");
    if (form) { form.method = "post"; form.action = form.dataset.to; }
});"""


def without_address(route: Route) -> None:
    """The desk as it would be if only a script knew where its form is sent."""
    answer = route.fetch()
    form = re.compile(r'(<form [^>]*id="desk") method="post" action="([^"]+)"')
    route.fulfill(response=answer, body=form.sub(r'\1 data-to="\2"', answer.text()))


@pytest.mark.once
def test_control_a_form_that_only_a_script_sends_enrolls_nobody_without_scripts(house, staff, javascript):
    books, person = by_http.Books(house), by_http.someone()
    course = books.roomy_course()
    books.engine.dispose()
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    page.add_init_script(SCRIPT)
    page.route("**/center/enroll/*-*", lambda route: without_address(route) if is_get(route) else route.continue_())
    page.reload()
    if javascript:
        assert send_desk(page, person, javascript)
    else:
        with pytest.raises(AssertionError, match="nobody was enrolled"):
            send_desk(page, person, javascript)


def is_get(route: Route) -> bool:
    return route.request.method == "GET"
