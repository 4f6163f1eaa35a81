"""Equipment on a storekeeper's phone: a sheet sent over a line that is cut, looked through, imported, and moved."""

import io
import re

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from models import ImportBatch, Place, Unit, Workshop
from scripts.demo.units import CENTER1
from services import property_labels
from tests.browser.by_http import Books
from tests.browser.conftest import picture
from tests.web.bare import axe_violations, follow, sticks_out

pytestmark = pytest.mark.once
FORM = "/center/imports/equipment"
PHONE = 360
WRONG = "ده‌تا"
ITEM, SECOND, BAD = "مولتی‌متر آزمون ورود", "هویهٔ آزمون ورود", "ترازوی آزمون ورود"
LABEL = re.compile(rf"\d{{3}}(?: \d{{3}}){{{property_labels.DIGITS // 3 - 1}}}")


@pytest.fixture
def books(house):
    books = Books(house)
    yield books
    books.engine.dispose()


@pytest.fixture
def rooms(books) -> list[tuple[str, str]]:
    """Two workshops of the storekeeper's center, each with its place, as they are written in a sheet."""
    query = select(Workshop.title, Place.title).join(Place, Place.id == Workshop.place_id)
    query = query.join(Unit, Unit.id == Workshop.unit_id).where(Unit.code == CENTER1, Workshop.is_active)
    return [tuple(row) for row in books.rows(query.order_by(Workshop.id).limit(2))]


def check(page: Page, name: str) -> None:
    """Nothing wrong by axe, nothing wider than the phone, and the section of the page is marked."""
    picture(page, name)
    assert axe_violations(page) == [], name
    assert sticks_out(page) == [], name
    assert page.locator("header nav a[aria-current]").all_inner_texts() == ["تجهیزات"], name


def filled(template: bytes, *rows: dict[str, str]) -> bytes:
    """The template with these rows beneath its titles."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert set().union(*rows) <= set(titles), titles
    for at, row in enumerate(rows, start=2):
        for title, value in row.items():
            sheet.cell(at, titles.index(title) + 1, value)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def choose_filled_template(page: Page, room: tuple[str, str]) -> None:
    with page.expect_download() as coming:
        page.get_by_role("link", name="گرفتن قالب").click()
    common = {"کارگاه": room[0], "مکان": room[1], "گروه": "ابزار"}
    rows = (
        {"نام": ITEM, "تعداد": "۵", "تعداد سالم": "۴"},
        {"نام": BAD, "شمارهٔ اموال پیشین": "TVTO-27101-1398-0001234", "تعداد": WRONG},
        {"نام": SECOND, "تعداد": "7"},
    )
    body = filled(coming.value.path().read_bytes(), *(common | row for row in rows))
    page.set_input_files("#file", {"name": "تجهیزات.xlsx", "mimeType": "", "buffer": body})
    expect(page.locator("[data-said]")).to_have_text("۰٫۱ مگابایت")  # and not nought, however small it is


def lose_answers(page: Page) -> None:
    """From now on the server does the work, and the browser never hears of it. A route would not carry the file."""
    line = page.context.new_cdp_session(page)

    def lost(paused: dict) -> None:
        is_form = paused["request"]["method"] == "POST"
        how = ("Fetch.failRequest", {"errorReason": "ConnectionReset"}) if is_form else ("Fetch.continueRequest", {})
        line.send(how[0], how[1] | {"requestId": paused["requestId"]})
        if is_form:
            line.send("Fetch.disable")

    line.on("Fetch.requestPaused", lost)
    line.send("Fetch.enable", {"patterns": [{"urlPattern": f"*{FORM}", "requestStage": "Response"}]})


def send_over_bad_line(page: Page, sheets) -> None:
    """Cut before the sheet is there, cut again before its answer is back, and then sent a third time."""
    page.context.set_offline(True)
    page.get_by_role("button", name="خواندن و پیش‌نمایش").click()
    expect(page.locator("form[data-upload] .notice")).to_contain_text("ارتباط قطع است")
    picture(page, "import-cut")
    assert sheets() == 0
    page.context.set_offline(False)
    lose_answers(page)
    page.get_by_role("button", name="ارسال دوباره").click()
    expect(page.locator("form[data-upload] .notice")).to_contain_text("پاسخی از سامانه نرسید")
    assert sheets() == 1
    follow(page, page.get_by_role("button", name="ارسال دوباره"))
    expect(page.locator("body")).to_contain_text("پیش‌تر فرستاده شده بود")
    assert sheets() == 1


def line_of(page: Page, name: str) -> Locator:
    return page.locator("main tbody tr", has_text=name)


def look_through(page: Page) -> None:
    """The bad cell is told above what was written in it, all of it on the phone's screen."""
    expect(page.locator("main")).to_contain_text("۲ ردیف درست، ۱ ردیف خطا")
    check(page, "import-preview")
    error = line_of(page, BAD).locator(".error")
    kept = line_of(page, BAD).locator(".error + bdi")
    expect(error).to_contain_text("تعداد:")
    expect(kept).to_have_text(WRONG)
    above, below = error.bounding_box(), kept.bounding_box()
    assert above["y"] + above["height"] <= below["y"]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE for box in (above, below))


def find(page: Page, name: str) -> list[list[str]]:
    """The lines of the list with the name: what is said of the item, its pieces, and how many of them work."""
    page.goto(f"/center/equipment?q={name}")
    lines = page.locator("main tbody tr").all()
    return [[line.locator("td").nth(at).inner_text().split("\n")[0] for at in (0, 2, 3)] for line in lines]


def counts(page: Page, name: str) -> list[tuple[int, int]]:
    """Pieces and working ones of each item of the name."""
    return sorted(tuple(int(re.match(r"\d+", cell)[0]) for cell in line[1:]) for line in find(page, name))


def open_item(page: Page) -> None:
    """From the list to the page of the item; both show the same label."""
    assert counts(page, SECOND) == [(7, 7)]
    assert counts(page, BAD) == []
    assert counts(page, ITEM) == [(5, 4)]
    label = LABEL.search(line_of(page, ITEM).inner_text())[0]
    check(page, "import-item-listed")
    follow(page, line_of(page, ITEM).get_by_role("link", name=ITEM, exact=True))
    assert label in page.inner_text("main aside")


def move(page: Page, room: tuple[str, str]) -> None:
    """Two working pieces go to another workshop of the same center and are received there."""
    follow(page, page.get_by_role("link", name="جابه‌جایی", exact=True))
    page.select_option("[name=workshop]", label=f"{room[0]}، {room[1]}")
    page.fill("[name=pieces]", "۲")
    page.fill("[name=reason]", "کلاس فردا")
    check(page, "import-item-move")
    follow(page, page.get_by_role("button", name="فرستادن", exact=True))
    expect(page.locator("main")).to_contain_text(room[0])
    follow(page, page.get_by_role("button", name="تحویل گرفتم"))
    expect(page.locator("body")).to_contain_text("تحویل گرفته شد")
    check(page, "import-item-received")


def test_a_sheet_sent_over_a_cut_line_becomes_equipment_that_is_moved_and_received(books, rooms, staff):
    mine = select(func.count()).select_from(ImportBatch).where(ImportBatch.form == "equipment")
    before = books.rows(mine)[0][0]
    page = staff("clerk1", width=PHONE)
    page.goto(FORM)
    check(page, "import-form")
    choose_filled_template(page, rooms[0])
    send_over_bad_line(page, lambda: books.rows(mine)[0][0] - before)
    look_through(page)
    follow(page, page.get_by_role("button", name="ثبت ۲ مورد"))
    expect(page.locator("main")).to_contain_text("۲ مورد ثبت شد")
    check(page, "import-done")
    open_item(page)
    move(page, rooms[1])
    assert counts(page, ITEM) == [(2, 2), (3, 2)]
