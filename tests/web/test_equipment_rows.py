"""A row of the list of equipment opens in its place as a small form, and says what became of what was written."""

import datetime as dt
from collections.abc import Iterator

import brotli
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from blueprints import cookies
from models import AuditEvent, EquipmentItem, Role, db
from services import equipment, jalali, servicing, sessions
from services.equipment import values_of
from services.policy import today
from services.servicing import Plan
from tests import course_cases as cases
from tests import make
from tests.strict import squeeze
from tests.web.bare import axe_violations, chromium, patient, served, sticks_out
from tests.web.reading import soup_of

HTMX = {"HX-Request": "true"}
WEEK = dt.timedelta(days=7)
LONG = "دستگاه جوش قوس الکتریکی رکتیفایر سه‌فاز با کابل و انبر و پایهٔ چرخ‌دار مدل کارگاه بزرگ"


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def item(center):
    plan = {"service_every_days": 90, "next_service_on": today() + WEEK}
    facts = {"model": "الف", "serial": "S1", "note": "کنار در", "condition": "good", "asset_tag": "T1"}
    return make.item(make.workshop(center), 20, 18, **facts, **plan)


@pytest.fixture
def clerk(sign_in, center):
    return sign_in(make.user(unit_=center))


def address(item) -> str:
    return f"/center/equipment/{item.id}/row/edit"


def packed(answer) -> int:
    """Bytes on the wire, packed as a server packs what changes."""
    return len(brotli.compress(answer.data, quality=5))


def sent(soup: BeautifulSoup) -> dict[str, str]:
    """What a browser would send of the only form."""
    fields = {tag["name"]: tag.get("value", "") for tag in soup.select("form input[name]")}
    fields |= {tag["name"]: tag.text.strip() for tag in soup.select("form textarea")}
    return fields | {tag["name"]: tag.select_one("[selected]")["value"] for tag in soup.select("form select")}


def opened(client, item) -> dict[str, str]:
    return sent(soup_of(client.get(address(item), headers=HTMX)))


def written(day: dt.date) -> dict[str, str]:
    year, month, number = jalali.parts(day)
    return {"next_on-d": str(number), "next_on-m": str(month), "next_on-y": str(year)}


def stored(item) -> EquipmentItem:
    return db.session.get(EquipmentItem, item.id, populate_existing=True)


def test_the_list_opens_a_row_in_its_place_and_without_a_script_the_whole_form(clerk, item):
    link = soup_of(clerk.get("/center/equipment")).select_one("main tbody a[hx-get]")
    assert (link["href"], link["hx-get"]) == (f"/center/equipment/{item.id}/edit", address(item))
    row = soup_of(clerk.get(link["hx-get"], headers=HTMX))
    assert [tag.name for tag in row.find_all(recursive=False)] == ["tr"]
    assert row.select_one("[autofocus]")["name"] == "condition"
    closed = soup_of(clerk.get(row.select_one("a[hx-get]")["hx-get"], headers=HTMX))
    assert item.name in closed.select_one("tr").text
    assert not closed.select("form")
    assert clerk.get(f"/center/equipment/{item.id}/row").location == f"/center/equipment/{item.id}"


def test_a_row_is_saved_in_its_place_and_what_it_does_not_ask_for_stays(clerk, item, queries):
    before, day = values_of(item), today() + 3 * WEEK
    typed = opened(clerk, item) | {"condition": "worn", "serial": "s۲", "note": "قفسهٔ ۳", **written(day)}
    with queries() as seen:
        saved = clerk.post(address(item), data=typed, headers=HTMX)
    row, now = soup_of(saved), stored(item)
    assert (saved.status_code, squeeze(row.select_one("[role=status]").text)) == (200, "ذخیره شد")
    assert row.select_one("a[autofocus]")["hx-get"] == address(item)
    assert (now.condition, now.serial, now.note, now.model) == ("worn", "S2", "قفسهٔ ۳", "الف")
    assert (now.service_every_days, now.next_service_on, now.quantity) == (90, day, 20)
    assert (now.name, now.group, now.unit_of_count) == (before.name, before.group, before.unit_of_count)
    assert len(seen) <= 20, seen
    again = soup_of(clerk.post(address(item), data=opened(clerk, item), headers=HTMX))
    assert "چیزی برای ذخیره نبود" in again.text
    assert db.session.query(AuditEvent).filter_by(action="equipment_edited").count() == 1


def test_without_a_plan_a_row_asks_for_no_day_and_a_cleared_day_is_counted_anew(clerk, item, center):
    bare = make.item(make.workshop(center), name="انبردست")
    assert not [name for name in opened(clerk, bare) if "next" in name]
    empty = {"next_on-d": "", "next_on-m": "", "next_on-y": ""}
    assert clerk.post(address(item), data=opened(clerk, item) | empty, headers=HTMX).status_code == 200
    assert stored(item).next_service_on == today() + dt.timedelta(days=90)


@pytest.mark.parametrize(("typed", "field"), [
    ({"model": "م" * 121}, "model"), ({"next_on-d": "۴۰", "note": "مانده"}, "next_on"), ({"note": "ی" * 501}, "note"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_cell_and_everything_typed_stays(clerk, item, typed, field):
    whole = opened(clerk, item) | {"serial": "نو"} | typed
    refused = clerk.post(address(item), data=whole, headers=HTMX)
    row = soup_of(refused)
    assert (refused.status_code, packed(refused) <= 2048) == (422, True)
    assert len(row.select(".error")) == 1
    marked = row.select_one(f"#{field}-{item.id}-error")
    assert marked.find_parent(class_="wrong").select_one("[autofocus]") is not None
    assert sent(row) | {"csrf_token": ""} == whole | {"csrf_token": ""}
    assert (stored(item).serial, stored(item).version) == ("S1", 1)


def test_a_late_row_is_refused_as_on_the_whole_page_and_keeps_what_was_typed(clerk, item, center):
    typed = opened(clerk, item) | {"note": "یادداشت من", **written(today() + 2 * WEEK)}
    other = cases.staff(Role.MANAGER, center)
    facts = values_of(item)
    equipment.edit(other, item.id, 1, type(facts)(facts.group, "نامی دیگر", model="ب", note="یادداشت او"))
    late = clerk.post(address(item), data=typed, headers=HTMX)
    row = soup_of(late)
    assert (late.status_code, packed(late) <= 2048) == (409, True)
    differing = {squeeze(line.th.text): [squeeze(cell.text) for cell in line("td")] for line in row.select("tbody tr")}
    assert differing["یادداشت"] == ["یادداشت او", "یادداشت من", "هر دو تغییر داده‌اید"]
    assert "نام" not in differing
    kept = sent(row)
    assert (kept["note"], kept["model"], kept["next_on-d"]) == ("یادداشت من", "ب", typed["next_on-d"])
    assert stored(item).next_service_on == today() + WEEK
    assert clerk.post(address(item), data=kept, headers=HTMX).status_code == 200
    now = stored(item)
    assert (now.name, now.note, now.next_service_on) == ("نامی دیگر", "یادداشت من", today() + 2 * WEEK)


def test_a_day_that_somebody_planned_otherwise_is_said_and_the_next_sending_counts(clerk, item, center):
    typed = opened(clerk, item) | {"note": "تازه", **written(today() + 2 * WEEK)}
    planned = Plan(30, today() + 3 * WEEK)
    servicing.set_plan(cases.staff(Role.MANAGER, center), item.id, Plan(90, today() + WEEK), planned)
    late = clerk.post(address(item), data=typed, headers=HTMX)
    row = soup_of(late)
    assert late.status_code == 409
    assert "در این میان تغییر کرده است" in row.select_one(f"#next_on-{item.id}-error").text
    assert (stored(item).note, stored(item).next_service_on) == ("کنار در", planned.next_on)
    assert clerk.post(address(item), data=sent(row), headers=HTMX).status_code == 200
    assert (stored(item).note, stored(item).next_service_on) == ("تازه", today() + 2 * WEEK)


def test_an_open_row_is_a_small_fragment_and_two_of_them_share_no_id(clerk, item, center, queries):
    item.name, item.note, item.model = LONG, LONG * 5, LONG
    make.save(item)
    with queries() as seen:
        one = clerk.get(address(item), headers=HTMX)
    assert (packed(one) <= 2048, len(seen) <= 8) == (True, True)
    two = clerk.get(address(make.item(make.workshop(center), service_every_days=9)), headers=HTMX)
    ids = [tag["id"] for answer in (one, two) for tag in soup_of(answer).select("[id]")]
    assert len(ids) == len(set(ids)) > 10


def test_a_row_is_for_those_who_keep_the_item(sign_in, item, center):
    counselor, stranger = sign_in(make.user(Role.COUNSELOR, center)), sign_in(make.user(unit_=make.unit()))
    for page in (address(item), f"/center/equipment/{item.id}/row"):
        assert counselor.get(page, headers=HTMX).status_code == 403
        assert stranger.get(page, headers=HTMX).status_code == 404


# -- In a browser ------------------------------------------------------------------


@pytest.fixture
def phone(app, playwright: Playwright, center) -> Iterator[BrowserContext]:
    """The phone of a clerk."""
    token = sessions.open_staff(make.user(unit_=center).id)
    with served(app) as site:
        browser = chromium(playwright)
        context = patient(browser, base_url=site, viewport={"width": 360, "height": 740}, locale="fa-IR")
        context.add_cookies([{"name": cookies.STAFF, "value": token, "url": site}])
        yield context
        browser.close()


@pytest.fixture
def page(phone, item) -> Page:
    """The list, with the row of the item open."""
    page = phone.new_page()
    page.goto("/center/equipment")
    page.get_by_role("link", name=f"ویرایش {item.name}").click()
    expect(page.locator(f"#condition-{item.id}")).to_be_focused()
    assert (sticks_out(page), axe_violations(page)) == ([], [])
    return page


@pytest.mark.once
def test_on_a_phone_the_focus_goes_with_the_row_and_a_cut_line_loses_nothing(phone, page, item):
    form, link = page.locator("tbody form"), page.get_by_role("link", name=f"ویرایش {item.name}")
    page.fill(f"#serial-{item.id}", "S9")
    day = page.input_value("[name=next_on-d]")
    page.fill("[name=next_on-d]", "۴۵")
    form.locator(".primary").click()
    expect(form.locator(".error")).to_contain_text("وجود ندارد")
    expect(page.locator(f"#next_on-{item.id}-d")).to_be_focused()
    page.fill("[name=next_on-d]", day)
    phone.route("**/row/edit", lambda route: route.abort())
    form.locator(".primary").click()
    expect(form.locator(".notice")).to_contain_text("چیزی از دست نرفته است")
    phone.unroute("**/row/edit")
    form.get_by_role("button", name="ارسال دوباره").click()
    expect(page.locator("tbody [role=status]")).to_have_text("ذخیره شد")
    expect(link).to_be_focused()
    assert (axe_violations(page), stored(item).serial) == ([], "S9")
    link.click()
    page.get_by_role("link", name="بستن").click()
    expect(form).to_have_count(0)
    expect(link).to_be_focused()
