"""The planner's calendar as a page: by whom, in which days, and with links that the reader may follow."""

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role, UnitKind
from tests import course_cases as cases
from tests import make

SATURDAY = cases.next_saturday()


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def planner(unit, sign_in):
    return sign_in(make.user(Role.PLANNER, cases.office()))


def seen(client, address="/province/calendar", **query):
    query.setdefault("on", SATURDAY.isoformat())
    answer = client.get(address, query_string=query)
    assert answer.status_code == 200
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def test_a_week_names_classes_with_links_and_what_is_free_and_a_month_leads_to_its_weeks(unit, planner):
    course = make.course(CourseStatus.OPEN, unit)
    make.meeting(course, SATURDAY)
    page = seen(planner)
    row = page.select_one("tbody tr")
    assert row.select_one(f'a[href="/province/courses/{course.id}"]')
    assert "آزاد: ۱۲:۰۰ تا ۲۰:۰۰" in row.get_text()
    assert "۶٪" in row.get_text()
    month = seen(planner, view="month", by="unit")
    assert "۱ دوره، ۰ نفر از ۱۵" in month.get_text()
    week = next(link["href"] for link in month.select("tbody td a") if SATURDAY.isoformat() in link["href"])
    assert "by=unit" in week
    rooms = month.select_one("tbody th a")["href"]
    assert "۱ از" not in seen(planner, by="unit").get_text()
    assert course.workshop.title in BeautifulSoup(planner.get(rooms).data, "html.parser").get_text()


def test_on_a_phone_the_days_of_a_line_are_folded_and_a_line_without_classes_has_none(unit, planner):
    busy, quiet = make.first(make.Workshop), make.workshop(unit, title="کارگاه آرام")
    make.meeting(make.course(CourseStatus.OPEN, unit, workshop_id=busy.id), SATURDAY)
    lines = {line.select_one("th bdi").get_text(): line for line in seen(planner).select("tbody tr")}
    assert lines[busy.title].select_one("th details.days.phone summary bdi").get_text() == busy.title
    assert lines[quiet.title].select("details") == []


def test_a_course_of_another_unit_is_no_link_and_has_no_name(unit, sign_in):
    teacher = make.first(make.Instructor, unit_id=unit.id)
    there = make.unit(UnitKind.CENTER, make.province())
    twin = make.save(make.Instructor(person_id=teacher.person_id, unit_id=there.id, province_id=there.province_id))
    course = make.course(CourseStatus.OPEN, there, instructor_id=twin.id, title="پنهان")
    make.meeting(course, SATURDAY)
    page = seen(sign_in(make.user(Role.CLERK, unit)), "/center/calendar", by="instructor")
    assert "در واحدی دیگر" in page.get_text()
    assert "پنهان" not in page.get_text()
    assert not page.select_one(f'a[href$="/courses/{course.id}"]')


@pytest.mark.parametrize("query", [
    "by=x&view=y&on=z", "on=9999-99-99", "on=0001-01-01", "after=_&unit=x", "after=الف_1", "unit=99999999999999999999",
    "on=2999-01-01&view=month",
])  # fmt: skip
def test_an_odd_address_shows_some_calendar(planner, query):
    assert planner.get(f"/province/calendar?{query}").status_code == 200
