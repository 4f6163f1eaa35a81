"""Counting a workshop in Chromium on a phone: through a cut line, with a camera, without a script; then closing it."""

from collections.abc import Callable, Iterator

import brotli
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from blueprints import cookies
from models import EquipmentItem, Role, Stocktake, StocktakeCount, Unit, User, Workshop, db
from services import property_labels, sessions, text
from services.stocktakes import counting
from tests import make
from tests.course_cases import actor
from tests.web.bare import axe_violations, served, sticks_out

PHONE = {"width": 360, "height": 740}
# A camera that shows nothing, and a reader of codes that sees one label at its second look.
CAMERA = """
    const said = %r;
    let looks = 0;
    navigator.mediaDevices.getUserMedia = async () => {
        window.asked = (window.asked || 0) + 1;
        return window.stream = document.createElement('canvas').captureStream();
    };
    window.BarcodeDetector = class {
        async detect() { return looks++ ? [{rawValue: 'http://x/1'}, {rawValue: said}] : []; }
    };
"""


@pytest.fixture
def visit(app, browser) -> Iterator[Callable[..., Page]]:
    """`visit(user)`: a phone on which that user is signed in."""
    opened = []

    def _visit(user: User, **options) -> Page:
        context = browser.new_context(base_url=site, viewport=PHONE, **options)
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(user.id), "url": site}])
        opened.append(context)
        context.set_default_timeout(10_000)
        return context.new_page()

    with served(app) as site:
        yield _visit
        for context in opened:
            context.close()


@pytest.fixture
def unit() -> Unit:
    return make.unit()


@pytest.fixture
def clerk(unit) -> User:
    return make.user(Role.CLERK, unit)


@pytest.fixture
def manager(unit) -> User:
    return make.user(Role.MANAGER, unit)


@pytest.fixture
def items(unit):
    workshop = make.workshop(unit, title="کارگاه برق")
    return [make.item(workshop, 5, name=name) for name in ("دریل ستونی", "انبر جوش", "سه‌نظام")]


@pytest.fixture
def stocktake(clerk, items):
    return counting.open_count(actor(clerk, "center"), items[0].workshop_id)[0]


def counts() -> list[tuple[int, int, int]]:
    query = select(StocktakeCount.item_id, StocktakeCount.quantity, StocktakeCount.serviceable)
    db.session.rollback()
    rows = [tuple(row) for row in db.session.execute(query.order_by(StocktakeCount.id))]
    db.session.rollback()  # or the next write of this test would begin with a read of the past
    return rows


def type_in(page: Page, item, quantity: str, serviceable: str = "") -> None:
    page.fill("[name=label]", property_labels.label(item.id).lstrip("0"))
    page.fill("[name=quantity]", quantity)
    if serviceable:
        page.fill("[name=serviceable]", serviceable)
    page.click("[data-count] .primary")


def stands(*items) -> list[tuple[int, int]]:
    db.session.rollback()
    for item in items:
        db.session.refresh(item)
    return [(item.quantity, item.serviceable) for item in items]


def test_a_count_survives_a_cut_line_and_a_closed_page_and_is_then_closed(visit, clerk, manager, items, stocktake):
    page = visit(clerk)
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    type_in(page, items[0], "۵")
    expect(page.locator("[data-queue]")).to_be_hidden()
    page.context.set_offline(True)
    type_in(page, items[1], "٤", "3")
    expect(page.locator("[data-queue]")).to_contain_text("۱ شمارش روی این دستگاه مانده")
    page.fill("[name=label]", property_labels.label(items[2].id))
    page.get_by_role("button", name="پیدا نشد").click()
    expect(page.locator("[data-left]")).to_have_text("۰")
    page.locator("[data-finish] button").click()
    assert counts() == [(items[0].id, 5, 5)]
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert counts() == [(items[0].id, 5, 5), (items[1].id, 4, 3), (items[2].id, 0, 0)]
    page.locator("[data-finish] button").click()
    expect(page.get_by_text("شمارش به مدیر فرستاده شد")).to_be_visible()
    close(visit(manager), stocktake)
    assert stands(*items) == [(5, 5), (4, 3), (0, 0)]


def close(page: Page, stocktake, *, leave_rest: bool = False) -> None:
    page.goto(f"/center/stocktakes/{stocktake.id}")
    assert sticks_out(page) == []
    if leave_rest:
        page.click("main .primary")
        expect(page.get_by_role("alert").or_(page.locator(".alert"))).to_contain_text("شمرده نشده است")
        page.check("[name=leave_rest]")
    page.click("main form .primary")
    expect(page.get_by_text("شمارش بسته شد")).to_be_visible()


@pytest.mark.once
def test_without_a_script_the_same_is_done_with_plain_forms(visit, clerk, manager, items):
    page = visit(clerk, java_script_enabled=False)
    page.goto("/center/stocktakes")
    page.select_option("[name=workshop]", label="کارگاه برق")
    page.click("main form .primary")
    type_in(page, items[0], "۵", "۴")
    expect(page.locator("#alerts")).to_contain_text("«دریل ستونی»: ۵ دستگاه، ۴ سالم")
    page.get_by_role("link", name="انبر جوش").click()
    expect(page.locator("#named")).to_have_text("انبر جوش، شمارش به دستگاه")
    page.get_by_role("button", name="پیدا نشد").click()
    type_in(page, items[0], "۵", "۶")
    expect(page.locator("#serviceable-error")).to_contain_text("سالم‌ها از همه بیشتر نیستند")
    expect(page.locator("[name=quantity]")).to_have_value("۵")
    assert counts() == [(items[0].id, 5, 4), (items[1].id, 0, 0)]
    page.get_by_role("button", name="شمارش تمام شد").click()
    close(visit(manager, java_script_enabled=False), make.first(Stocktake), leave_rest=True)
    assert stands(*items) == [(5, 4), (0, 0), (5, 5)]


@pytest.mark.once
def test_an_answer_that_was_lost_is_asked_for_again_and_counted_once(visit, clerk, items, stocktake):
    page = visit(clerk)
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    page.clock.install()
    page.route("**/count", lambda route: (route.fetch(), route.abort("connectionreset")), times=1)
    with page.expect_event("requestfailed"):
        type_in(page, items[0], "۵")
    expect(page.locator("[data-queue]")).to_contain_text("۱ شمارش")
    assert counts() == [(items[0].id, 5, 5)]
    page.clock.fast_forward(6_000)
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert counts() == [(items[0].id, 5, 5)]


@pytest.mark.once
def test_what_the_rules_refuse_is_shown_with_its_reason_and_holds_nothing_else_up(visit, unit, clerk, items, stocktake):
    beside = make.item(make.workshop(unit, title="کارگاه جوش"), name="دستگاه جوش")
    page = visit(clerk)
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    type_in(page, beside, "2")
    type_in(page, items[0], "5")
    expect(page.locator("[data-queue] li")).to_contain_text("در دفتر «کارگاه جوش» است")
    expect(page.locator("[data-queue] p")).to_have_text("این شمارش‌ها پذیرفته نشد.")
    assert counts() == [(items[0].id, 5, 5)]
    page.get_by_role("button", name="برداشتن").click()
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_two_people_count_at_once_and_one_who_was_signed_out_loses_nothing(visit, unit, clerk, items, stocktake):
    one, two = visit(clerk), visit(make.user(Role.CLERK, unit))
    for page in (one, two):
        page.goto(f"/center/stocktakes/{stocktake.id}/count")
    type_in(one, items[0], "5")
    expect(one.locator("[data-queue]")).to_be_hidden()
    kept = two.context.cookies()
    two.context.clear_cookies()
    type_in(two, items[0], "4")
    expect(two.locator("[data-queue]")).to_contain_text("وارد شوید")
    assert counts() == [(items[0].id, 5, 5)]
    two.context.add_cookies(kept)
    two.reload()
    expect(two.locator("[data-queue]")).to_be_hidden()
    assert counts() == [(items[0].id, 5, 5), (items[0].id, 4, 4)]


@pytest.mark.once
def test_the_camera_is_asked_for_by_a_press_only_and_let_go_when_a_label_was_read(visit, clerk, items, stocktake):
    page = visit(clerk)
    page.add_init_script(CAMERA % f"HTTP://LOCALHOST/E/{property_labels.label(items[1].id)}")
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    assert page.evaluate("window.asked") is None
    page.get_by_role("button", name="دوربین").click()
    expect(page.locator("[name=label]")).to_have_value(property_labels.label(items[1].id))
    expect(page.locator("#named")).to_have_text("انبر جوش، شمارش به دستگاه")
    expect(page.locator("video")).to_be_hidden()
    assert page.evaluate("stream.getTracks().map(track => track.readyState)") == ["ended"]
    expect(page.locator("[name=quantity]")).to_be_focused()
    page.get_by_role("button", name="یکی بیشتر، همه").click(click_count=2)
    page.get_by_role("button", name="یکی کمتر، سالم").click()
    page.press("[name=serviceable]", "Enter")
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert counts() == [(items[1].id, 2, 1)]


@pytest.mark.once
def test_the_page_refuses_what_a_hand_slips_on_before_anything_is_sent(visit, clerk, items, stocktake):
    page = visit(clerk)
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    page.fill("[name=label]", "12")
    page.click("[data-count] .primary")
    expect(page.locator("#named")).to_contain_text("این شمارهٔ برچسب درست نیست")
    page.fill("[name=label]", property_labels.label(items[0].id))
    page.press("[name=label]", "Enter")
    expect(page.locator("[name=quantity]")).to_be_focused()
    page.click("[data-count] .primary")
    expect(page.locator("#named")).to_contain_text("تعداد همه را بنویسید")
    page.fill("[name=quantity]", "۳")
    page.fill("[name=serviceable]", "۴")
    page.click("[data-count] .primary")
    expect(page.locator("#named")).to_contain_text("از همه بیشتر نیست")
    assert counts() == []
    assert axe_violations(page) == []
    assert sticks_out(page) == []


def test_an_item_that_the_page_does_not_list_is_counted_by_its_label_on_a_cut_line_too(visit, clerk, items, stocktake):
    far = [make.item(make.first(Workshop, id=stocktake.workshop_id), 5, name=f"یدک {n:02d}") for n in range(32)]
    page = visit(clerk)
    page.route("**/items", lambda route: route.abort())
    page.goto(f"/center/stocktakes/{stocktake.id}/count")
    expect(page.locator("aside li[data-label]:visible")).to_have_count(30)
    page.fill("[name=label]", property_labels.label(far[-1].id))
    expect(page.locator("#named")).to_contain_text("برچسب ")
    type_in(page, far[-1], "5")
    page.unroute("**/items")
    page.context.set_offline(True)
    page.context.set_offline(False)
    expect(page.locator("[data-rest] li")).to_have_count(35)
    page.fill("[name=label]", property_labels.label(far[-2].id))
    expect(page.locator("#named")).to_have_text("یدک 30، شمارش به دستگاه")
    page.context.set_offline(True)
    type_in(page, far[-2], "4")
    expect(page.locator("[data-done] li")).to_contain_text(["یدک 30"])
    expect(page.locator("[data-left]")).to_have_text("۳۴")
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert counts() == [(far[-1].id, 5, 5), (far[-2].id, 4, 4)]
    page.reload()
    expect(page.locator("[data-left]")).to_have_text("۳۳")
    assert sticks_out(page) == []


def many_items(stocktake, number: int) -> list[EquipmentItem]:
    row = make.item(make.first(Workshop, id=stocktake.workshop_id), 5, name="یدک")
    columns = [column.key for column in EquipmentItem.__mapper__.column_attrs if column.key != "id"]
    names = [f"دستگاه جوش اینورتر {n:03d}" for n in range(number)]
    keys = [{"name": name, "name_key": text.key(name), "name_sort": text.sort_key(name)} for name in names]
    same = {key: getattr(row, key) for key in columns}
    made = list(db.session.scalars(insert(EquipmentItem).returning(EquipmentItem), [same | key for key in keys]))
    db.session.commit()
    return made


def test_pages_of_a_workshop_with_hundreds_of_items_keep_their_budget(sign_in, token, clerk, stocktake, queries):
    made = many_items(stocktake, 400)
    numbers = {"quantity": 3, "serviceable": 2, "book_quantity": 5, "book_serviceable": 5, "counted_by_id": clerk.id}
    rows = [{"stocktake_id": stocktake.id, "item_id": item.id, "count_key": f"{item.id:032}"} for item in made[::3]]
    db.session.execute(insert(StocktakeCount), [numbers | row for row in rows])
    db.session.commit()
    client = sign_in(clerk)
    for address in (f"/center/stocktakes/{stocktake.id}/count", f"/center/stocktakes/{stocktake.id}"):
        asked = 0
        while address:
            with queries() as seen:
                answer = client.get(address, headers={"Accept-Encoding": "br"})
            assert (answer.status_code, answer.content_encoding) == (200, "br")
            assert len(answer.data) <= 6 * 1024, len(answer.data)
            assert len(seen) <= 8
            following = BeautifulSoup(brotli.decompress(answer.data), "html.parser").select_one(".pager a[rel=next]")
            address, asked = following["href"] if following else "", asked + 1
        assert asked > 3


def test_without_a_script_whoever_counts_stays_on_their_page_of_the_list(sign_in, token, clerk, stocktake):
    made = sorted(many_items(stocktake, 40), key=lambda item: item.name_sort)
    client, url = sign_in(clerk), f"/center/stocktakes/{stocktake.id}/count"
    following = BeautifulSoup(client.get(url).data, "html.parser").select_one(".pager a[rel=next]")["href"]
    soup = BeautifulSoup(client.get(following).data, "html.parser")
    link = next(link for link in soup.select("aside li a") if link.text == made[-1].name)
    page = url + link["href"]
    soup = BeautifulSoup(client.get(page).data, "html.parser")
    assert soup.select_one("#named").text.startswith(made[-1].name)
    form = {field["name"]: field.get("value", "") for field in soup.select("[data-count] input[name]")}
    answer = client.post(page, data=form | {"quantity": "5", "serviceable": "5"})
    assert answer.headers["Location"] == following
    assert made[-1].name not in [link.text for link in BeautifulSoup(client.get(following).data, "html.parser").select(
        "[data-open] a")]  # fmt: skip


def test_the_pages_of_counts_stand_in_the_section_of_equipment(sign_in, clerk):
    soup = BeautifulSoup(sign_in(clerk).get("/center/stocktakes").data, "html.parser")
    assert [link.text for link in soup.select("[aria-current=page], .tabs [aria-current]")] == [
        "تجهیزات",
        "انبارگردانی",
    ]


@pytest.mark.once
def test_only_the_page_of_a_count_may_ask_for_the_camera(sign_in, clerk, stocktake):
    client = sign_in(clerk)
    there = client.get(f"/center/stocktakes/{stocktake.id}/count").headers["Permissions-Policy"]
    assert "camera=(self)" in there
    assert "camera=()" in client.get("/center/stocktakes").headers["Permissions-Policy"]


def test_a_count_that_is_over_answers_the_script_with_a_sentence(sign_in, token, clerk, items, stocktake):
    client = sign_in(clerk)
    url = f"/center/stocktakes/{stocktake.id}/count"
    form = {"csrf_token": token(client, url), "count_key": "0" * 32, "label": property_labels.label(items[0].id)}
    form |= {"quantity": "1", "serviceable": "1"}
    stocktake.state = "dropped"
    db.session.commit()
    answer = client.post(url, data=form, headers={"Accept": "application/json"})
    assert (answer.status_code, "دیگر باز نیست" in answer.json["said"]) == (409, True)
    assert client.get(url).headers["Location"] == f"/center/stocktakes/{stocktake.id}"
    assert BeautifulSoup(client.post(url, data=form).data, "html.parser").h1
