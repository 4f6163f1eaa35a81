"""The week of one course: copied, in another one's way, mended, returned, approved by three, changed, canceled."""

import datetime as dt
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect
from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from models import Account, Course, CourseStatus, Unit
from scripts.demo.units import CENTER1
from services import labels
from services.courses import CHECKLIST
from services.text import persian_digits
from tests.browser import by_http, course_pages
from tests.browser.by_http import until
from tests.browser.conftest import picture
from tests.browser.course_pages import write_date
from tests.web.bare import axe_violations, follow, sticks_out

pytestmark = pytest.mark.once
S = CourseStatus
ROUTE = ("manager1", "province1", "hq1")
SAID = "کارخانه با یک نفر هم دوره را می‌خواهد"
WHY = "یک دستگاه کارگاه به تعمیر رفت"
SIGNED = dict.fromkeys((f"sign_{name}" for name in CHECKLIST), "y") | {"note": "از کارگاه دیگر آورده می‌شود"}


@pytest.fixture
def pair(books) -> tuple[Any, dt.date]:
    """A finished course of the center with one to come in its workshop at its hours, and a day when that is free."""
    old, new = aliased(Course), aliased(Course)
    meet = (
        old.workshop_id == new.workshop_id,
        old.weekdays.op("&")(new.weekdays) > 0,
        old.start_time < new.end_time,
        new.start_time < old.end_time,
    )
    columns = (old.id, old.workshop_id, old.instructor_id, old.weekdays, old.gender, new.code, new.start_on)
    here = old.unit_id == select(Unit.id).where(Unit.code == CENTER1).scalar_subquery()
    states = (old.status == S.FINISHED, new.status.in_((S.APPROVED, S.OPEN)))
    query = select(*columns).join(new, and_(*meet)).where(here, *states).order_by(old.id.desc(), new.id)
    found = books.rows(query.limit(1))[0]
    busy = (Course.workshop_id == found.workshop_id) | (Course.instructor_id == found.instructor_id)
    last = books.rows(select(func.max(Course.end_on)).where(busy))[0][0]
    return found, course_pages.class_day(labels.days_of(found.weekdays), after=last)


def check(page: Page, name: str) -> None:
    picture(page, f"week-{name}")
    assert axe_violations(page) == [], name
    assert sticks_out(page) == [], name


def state(books, number: int) -> tuple:
    query = select(Course.status, Course.levels, Course.capacity_max, Course.code)
    return books.rows(query.where(Course.id == number))[0]


def balance(books, person) -> int:
    return books.rows(select(Account.balance).where(Account.owner_code == person["national_code"]))[0][0]


def test_the_week_of_a_course_from_last_term_until_its_only_trainee_has_the_credit_back(house, books, staff, pair):
    clerk = staff("clerk1")
    former, free = pair
    number = copy_into_the_way(clerk, former)
    mend_and_send(clerk, number, free)
    return_it(staff("manager1"), state(books, number).code)
    correct_and_send(clerk, number)
    for username in ROUTE:
        approve(house, username, f"courses/{number}", **SIGNED)
    assert state(books, number).levels == "center,province,hq"
    assert state(books, number).status in (S.APPROVED, S.OPEN)  # the clock may have opened it by now

    person = enroll_one(house, books, number, "male" if former.gender == "male" else "female")
    change(clerk, house, books, number)
    cancel(staff("province1"), number)
    assert state(books, number).status is S.CANCELED
    until(lambda: balance(books, person) == 10_000_000)
    home = by_http.trainee(house, person)
    assert "اعتبار: ۱۰٬۰۰۰٬۰۰۰ ریال" in BeautifulSoup(home.seen[-1].content, "html.parser").select_one("main").text


def copy_into_the_way(page: Page, former) -> int:
    """A copy lands on the days of a course that has its workshop, and says so with a link; gives its id."""
    page.goto(f"/center/courses/{former.id}")
    follow(page, page.get_by_role("link", name="کپی از این دوره"))
    check(page, "copy")
    write_date(page, "start_from", former.start_on)
    follow(page, "main form button.primary")
    expect(page.locator("#alerts")).to_contain_text("دوره کپی شد")
    expect(page.locator("main")).to_contain_text("با دورهٔ پیشین فرق دارد")
    check(page, "tasks")
    number = int(re.search(r"/courses/(\d+)/edit", page.url)[1])
    follow(page, page.get_by_role("link", name="زمان و محل"))
    clash = page.locator("#auto .notice.bad", has_text="گرفته شده است")
    expect(clash.get_by_role("link", name=persian_digits(former.code))).to_have_count(1)
    check(page, "clash")
    follow(page, clash.get_by_role("link"))
    expect(page.locator("main")).to_contain_text(f"دورهٔ {persian_digits(former.code)}")
    return number


def mend_and_send(page: Page, number: int, free: dt.date) -> None:
    """Another day mends it; a clerk who has forgotten the checklist is told so, signs, and sends."""
    page.goto(f"/center/courses/{number}/edit/time")
    write_date(page, "start_on", free)
    page.select_option("select[name=setting]", "industry")
    follow(page, "button[value=propose]")
    expect(page.locator("#auto .notice.bad")).to_have_count(0)
    follow(page, course_pages.NEXT)
    for _ in ("workshop", "teacher"):
        follow(page, course_pages.NEXT)
    course_pages.write_terms(page)
    follow(page, course_pages.NEXT)
    form = page.locator("main form[data-draft$=send]")
    follow(page, form.locator("button.primary"))
    expect(page.locator("main")).to_contain_text("چک‌لیست را امضا کنید")
    check(page, "unsigned")
    course_pages.send(page)


def return_it(page: Page, code: str) -> None:
    """The center's manager says what is to be mended at the field itself."""
    card = course_pages.open_case(page, "/center/queue", code)
    follow(page, card.get_by_role("button", name="نامه و نکته برای هر بخش"))
    card.locator("input[name=decision][value=return]").check()
    card.locator("input[name=say_capacity_min]").fill(SAID)
    check(page, "return")
    follow(page, card.locator("button.primary"))
    expect(page.locator("#alerts")).to_contain_text("برگشت")


def correct_and_send(page: Page, number: int) -> None:
    """The clerk finds the comment at its part and at its field, and sends again."""
    page.goto(f"/center/courses/{number}/edit")
    expect(page.locator("main .notice.warn")).to_contain_text(SAID)
    expect(page.locator("main")).to_contain_text("دربارهٔ ۱ قلم این بخش")
    check(page, "returned")
    follow(page, page.get_by_role("link", name="کارگاه و تجهیزات"))
    expect(page.locator("main form")).to_contain_text(f"بررسی‌کننده: {SAID}")
    check(page, "comment")
    page.fill("input[name=capacity_min]", "۱")
    follow(page, page.get_by_role("button", name="ذخیره", exact=True))
    page.goto(f"/center/courses/{number}/edit/send")
    course_pages.send(page)


def approve(house, username: str, path: str, **signed: str) -> None:
    """One level's yes to a course or to a change of one."""
    client = by_http.clerk(house, username)
    area = {"manager1": "center", "province1": "province", "hq1": "hq"}[username]
    page = client.get(f"/{area}/{path}")
    done = client.send_form(page, "decision", decision="approve", **signed)
    assert done.ok, BeautifulSoup(done.content, "html.parser").select_one("main").text


def enroll_one(house, books, number: int, gender: str):
    """Somebody pays from the own purse once the clock has opened the course."""
    until(lambda: state(books, number).status is S.OPEN)
    person = by_http.someone(gender=gender)
    house.control("/people", [person])
    own = by_http.trainee(house, person)
    books.top_up(person["national_code"], 10_000_000)
    by_http.enroll_oneself(own, state(books, number).code, person)
    assert balance(books, person) < 10_000_000
    return person


def change(page: Page, house, books, number: int) -> None:
    """Fewer seats after the approval: old beside new, live only when the route has approved it."""
    page.goto(f"/center/courses/{number}/change")
    was = state(books, number).capacity_max
    page.fill("input[name=capacity_max]", persian_digits(was - 1))
    page.fill("textarea[name=reason]", WHY)
    follow(page, page.get_by_role("button", name="ثبت تغییر"))
    expect(page.locator("main table tr", has_text="حداکثر ظرفیت")).to_contain_text(persian_digits(was))
    expect(page.locator("main table tr mark")).to_have_text(persian_digits(was - 1))
    check(page, "change")
    path = page.url.split("/center/")[1]
    for username in ROUTE:
        assert state(books, number).capacity_max == was, f"it applied before {username}"
        approve(house, username, path)
    assert state(books, number).capacity_max == was - 1


def cancel(page: Page, number: int) -> None:
    """The province ends the course; its page says how many people get their credit back."""
    page.goto(f"/province/courses/{number}/end")
    expect(page.locator("main")).to_contain_text("۱ نفر در این دوره ثبت‌نام دارند")
    page.fill("textarea[name=reason]", WHY)
    check(page, "end")
    follow(page, page.get_by_role("button", name="لغو دوره"))
    expect(page.locator("#alerts")).to_contain_text("لغو شد")
    check(page, "canceled")
