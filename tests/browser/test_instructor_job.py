"""An instructor's file on a phone over a thin line, from the first field to the province's yes, and then a course."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Course, Instructor, User
from tests import attachments
from tests.browser.by_http import Books
from tests.browser.conftest import Line, picture
from tests.browser.course_pages import LAST_DAYS, fill_in, send, write_date
from tests.web.bare import axe_violations, follow, sticks_out

pytestmark = pytest.mark.once
PHONE = 360
DAY = dt.date(2024, 9, 1)
JOB, DEGREE, COURSE = "کارگاه آزمون پرونده", "مهندسی آزمون پرونده", "بازآموزی آزمون پرونده"
# What the instructor writes: the part of the file, what is chosen, what is typed, the days, and the paper.
ROWS = (
    ("employment", {"employment": "hourly"}, {"employer": JOB, "morning_hours": "۲۴"}, ("hired_on",), "jpg"),
    ("education", {"degree": "master"}, {"study_field": DEGREE, "university": "گلستان"}, ("graduated_on",), "pdf"),
    ("retraining", {}, {"title": COURSE, "provider": "کرج", "hours": "۱۶"}, ("started_on", "ended_on"), "jpg"),
)
SAID = "تاریخ گواهی خوانا نیست"


@pytest.fixture
def books(house):
    books = Books(house)
    yield books
    books.engine.dispose()


def check(page: Page, name: str, section: str) -> None:
    """Nothing wrong by axe, nothing wider than the phone, and the section of the page is marked where it is seen."""
    picture(page, name)
    assert axe_violations(page) == [], name
    assert sticks_out(page) == [], name
    current = page.locator("header nav a[aria-current]")
    assert current.all_inner_texts() == [section], name
    for marked in (current, *page.locator(".tabs a[aria-current]").all()):
        box = marked.bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= PHONE, name


def press(page: Page, name: str) -> None:
    follow(page, page.get_by_role("button", name=name, exact=True))


def choose_file(page: Page, kind: str) -> None:
    body = attachments.pdf() if kind == "pdf" else attachments.jpeg((300, 400))
    page.set_input_files("#file", {"name": f"سند.{kind}", "mimeType": "", "buffer": body})


def write_personal_part(page: Page) -> None:
    page.goto("/instructor/records/profile")
    page.select_option("[name=marital]", "married")
    page.fill("[name=email]", "name@")
    press(page, "ذخیره")
    check(page, "file-refused", "پرونده")
    page.fill("[name=email]", "name@example.ir")
    press(page, "ذخیره")
    choose_file(page, "jpg")
    press(page, "فرستادن عکس")
    expect(page.locator("#alerts")).to_contain_text("عکس رسید")
    check(page, "file-personal", "پرونده")


def write_row(page: Page, kind: str, chosen: dict[str, str], typed: dict[str, str], days: tuple[str, ...], paper: str):
    """A row of a part: drafted, with its paper, and sent."""
    page.goto(f"/instructor/records/new/{kind}")
    for name, value in chosen.items():
        assert page.input_value(f"[name={name}]") == ""
        page.select_option(f"[name={name}]", value)
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    for name in days:
        write_date(page, name, DAY)
    press(page, "ذخیرهٔ پیش‌نویس")
    choose_file(page, paper)
    press(page, "افزودن عکس یا سند")
    press(page, "فرستادن برای بررسی")
    expect(page.locator("main")).to_contain_text("ثبت‌شده، در انتظار مرکز")
    check(page, f"file-{kind}", "پرونده")


def decide(page: Page, title: str, choice: str, reason: str = "") -> None:
    """One row of the queue, opened and decided."""
    follow(page, page.locator(".queue a", has_text=title))
    page.check(f"[name=decision][value={choice}]")
    page.fill("form.decision textarea", reason)
    check(page, f"file-{choice}", "مربیان")
    page.click("form.decision button")
    expect(page.locator("#alerts")).to_contain_text("شد")
    expect(page.locator(".queue a", has_text=title)).to_have_count(0)


def pass_together(page: Page) -> None:
    """The center passes all three to the province at once."""
    page.goto("/center/instructors/queue")
    for title in (JOB, DEGREE, COURSE):
        page.locator(".queue li", has_text=title).locator("input[type=checkbox]").check()
    press(page, "تأیید")
    check(page, "file-together", "مربیان")
    press(page, "تأیید و فرستادن به استان: ۳ ردیف")
    check(page, "file-passed", "مربیان")


def send_course(page: Page) -> str:
    """A course of the instructor's field, in hours when they teach nothing else; gives its code."""
    page.goto("/center/courses/new?q=جوشکار")
    follow(page, page.get_by_role("button", name=re.compile("^انتخاب")).first)
    fill_in(page, LAST_DAYS, "ایوب قرنجیک")
    code = send(page)
    check(page, "file-course", "دوره‌ها")
    return code


def test_a_file_begun_over_a_thin_line_is_verified_and_a_course_is_theirs(books, staff):
    mine = staff("instructor1", width=PHONE)
    line = Line(mine)
    write_personal_part(mine)
    write_row(mine, *ROWS[0])
    line.session.detach()  # the other rows show nothing more of the line, and each would take it ten seconds
    for row in ROWS[1:]:
        write_row(mine, *row)
    pass_together(staff("manager1", width=PHONE))
    province = staff("province1", width=PHONE)
    for title, *decision in ((JOB, "approve"), (DEGREE, "approve"), (COURSE, "reject", SAID)):
        province.goto("/province/instructors/queue")
        decide(province, title, *decision)
    mine.reload()
    expect(mine.locator("main")).to_contain_text(SAID)
    check(mine, "file-rejected", "پرونده")
    for part, state in (("job", "تأییدشده"), ("education", "تأییدشده"), ("retraining", "ردشده")):
        mine.goto(f"/instructor/records/file/{part}")
        expect(mine.locator("main li", has_text="آزمون پرونده")).to_contain_text(state)
    code = send_course(staff("clerk1", width=PHONE))
    teacher = select(User.username).join(Instructor, Instructor.person_id == User.person_id)
    assert books.rows(teacher.join(Course, Course.instructor_id == Instructor.id).where(Course.code == code)) == [
        ("instructor1",)
    ]
