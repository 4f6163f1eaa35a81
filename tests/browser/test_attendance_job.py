"""An instructor with a phone: in through the national window, a class marked while the line is cut for a minute."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from models import Attendance, AttendanceMark, Course, CourseSession, CourseStatus, Instructor, Person, User, utcnow
from services import jalali
from tests.browser.by_http import Books
from tests.browser.conftest import House, Line, picture
from tests.web.bare import axe_violations, follow, sticks_out

pytestmark = pytest.mark.once
PHONE, MINUTE = 360, 60


@pytest.fixture
def books(house):
    books = Books(house)
    yield books
    books.engine.dispose()


@pytest.fixture
def meeting(books) -> int:
    """A meeting of today in a running class of the instructor, of which nothing is known yet."""
    teaches = select(Instructor.id).join(User, User.person_id == Instructor.person_id)
    course = select(Course.id).where(
        Course.instructor_id.in_(teaches.where(User.username == "instructor1")), Course.status == CourseStatus.RUNNING
    )
    course_id = books.rows(course.order_by(Course.id).limit(1))[0].id
    values = {"course_id": course_id, "on_date": jalali.tehran_today(utcnow()), "start_time": dt.time(20, 10)}
    books.run(insert(CourseSession).values(**values, end_time=dt.time(21, 40)))
    return books.rows(select(CourseSession.id).filter_by(**values))[0].id


def check(page: Page, name: str) -> None:
    picture(page, name)
    assert axe_violations(page) == [], name
    assert sticks_out(page) == [], name


def enter(page: Page, house: House, national_code: str) -> None:
    """From the door of the staff to the window, without a password of ours, and back."""
    page.goto("/instructor")
    check(page, "instructor-door")
    follow(page, page.get_by_role("link", name="از پنجره ملی دولت هوشمند وارد شوید").first)
    assert page.url.startswith(house.sandbox)
    page.locator("input[name=national_code]").last.fill(national_code)
    follow(page, page.locator("input[name=national_code]").last.locator("xpath=ancestor::form").locator("button"))
    expect(page.locator("h1")).to_have_text("میز کار")
    check(page, "instructor-home")


def stands(books, meeting: int) -> dict[str, int]:
    found = [row.presence.value for row in books.rows(select(Attendance.presence).filter_by(session_id=meeting))]
    return {value: found.count(value) for value in found}


def mark_without_a_line(page: Page, line: Line) -> None:
    """A minute without a line, in which everybody but the first person gets a mark."""
    people = page.locator("[data-line]")
    line.cut()
    people.nth(1).locator("label", has_text="تأخیر").click()
    people.nth(2).locator("label", has_text="موجه").click()
    page.get_by_role("button", name="بقیه حاضرند").click()
    expect(page.locator("[data-waits]")).to_contain_text("علامت روی این دستگاه مانده")
    picture(page, "attendance-cut")
    page.clock.fast_forward(MINUTE * 1000)


def test_a_class_is_marked_while_the_line_is_cut_for_a_minute_and_no_mark_is_lost(house, books, meeting, visit):
    who = select(Person.national_code).join(User, User.person_id == Person.id).where(User.username == "instructor1")
    page = visit(width=PHONE)
    enter(page, house, books.rows(who)[0].national_code)
    page.clock.install()
    line = Line(page)
    follow(page, page.locator(f"a[href='/instructor/meetings/{meeting}']").first)
    many = page.locator("[data-line]").count()
    page.locator("[data-line]").first.locator("label", has_text="غایب").click()
    expect(page.locator("[data-waits]")).to_be_hidden()
    check(page, "attendance-sheet")
    mark_without_a_line(page, line)
    assert stands(books, meeting) == {"absent": 1}
    line.mend()
    expect(page.locator("[data-waits]")).to_be_hidden()
    assert stands(books, meeting) == {"absent": 1, "late": 1, "excused": 1, "present": many - 3}
    marks = books.rows(select(AttendanceMark.said_at, AttendanceMark.at).filter_by(session_id=meeting))
    waited = [mark for mark in marks if mark.at - mark.said_at >= dt.timedelta(seconds=MINUTE)]
    assert (len(marks), len(waited)) == (many, many - 1)
    for name, link in (("class", "بازگشت به کلاس"), ("print", "برگهٔ چاپی")):
        follow(page, page.get_by_role("link", name=link))
        check(page, f"attendance-{name}")
