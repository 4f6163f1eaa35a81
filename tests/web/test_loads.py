"""The hours of instructors in a month, for a center and a province."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role, Shift, UnitKind
from tests import fit_cases as files
from tests import make
from tests.fit_cases import DAY, TODAY

URL = "/center/instructors"


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def teacher(unit):
    row = make.instructor(unit)
    files.employment(row, morning=24, evening=6)
    files.retraining(row, 30, TODAY - DAY)
    return row


@pytest.fixture
def desk(sign_in, unit):
    return sign_in(make.user(Role.CLERK, unit))


def held(row, day, start, end, shift):
    hours = {"start_time": dt.time(start), "end_time": dt.time(end)}
    course = make.course(CourseStatus.RUNNING, row.unit, instructor_id=row.id, shift=shift, **hours)
    make.meeting(course, day)
    return course


def soup_of(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def cells(page):
    return {td["data-head"]: td.text.strip() for td in page.select_one("tbody tr").select("td[data-head]")}


def test_a_month_shows_hours_by_shift_the_share_of_the_morning_and_retraining(desk, teacher):
    first = dt.date(2026, 11, 22)  # 1405/9/1, a Sunday
    held(teacher, first, 7, 13, Shift.MORNING)
    held(teacher, first, 14, 18, Shift.EVENING)
    held(teacher, first - DAY, 8, 12, Shift.MORNING)
    page = soup_of(desk.get(f"{URL}/load?month=1405-9"))
    found = cells(page)
    assert (found["صبح"], found["عصر"], found["جمع"]) == ("۶ ساعت", "۴ ساعت", "۱۰ ساعت")
    assert found["سهم موظف صبح"].startswith("۶ ساعت از ۱۰۳ ساعت")
    assert found["بازآموزی"] == "۱۰ ساعت بدهکار"
    assert "آذر ۱۴۰۵" in page.text
    assert "آبان ۱۴۰۵" in soup_of(desk.get(page.find("a", string="ماه پیش")["href"])).text
    one = soup_of(desk.get(page.select_one("tbody a")["href"]))
    weeks = [row.select_one("th").text.strip() for row in one.select("tbody tr")]
    assert len(weeks) == 5
    assert cells(one)["صبح"] == "۱۰ ساعت"  # the whole week, the last day of Aban with it
    assert len(one.select(".pairs li")) == 2
    assert "۲۴ ساعت صبح، ۶ ساعت عصر" in one.aside.text


def test_a_week_beyond_the_limit_is_marked(desk, teacher):
    for day in range(6):
        held(teacher, dt.date(2026, 11, 28) + day * DAY, 8, 16, Shift.FULL_DAY)
    page = soup_of(desk.get(f"{URL}/{teacher.id}/load?month=1405-9"))
    assert [row.select_one("th").text for row in page.select("tbody tr") if "بیش از ۴۴ ساعت" in row.text] != []
    assert "۴۸ ساعت" in page.select("tbody tr")[1].text


def test_the_queries_of_the_list_do_not_grow_and_pages_follow(desk, unit, teacher, queries):
    seen = []
    for wanted in (3, 30):
        for _ in range(wanted):
            files.employment(make.instructor(unit))
        with queries() as statements:
            page = soup_of(desk.get(f"{URL}/load"))
        seen.append(len(statements))
    assert seen[0] == seen[1] <= 6
    rest = soup_of(desk.get(page.select_one(".pager a")["href"]))
    assert (len(page.select("tbody tr")), len(rest.select("tbody tr"))) == (25, 9)


@pytest.mark.parametrize("month", ["", "۱۴۰۵-۹", "1405", "0-0", "1405-13", "99999999999-1", "1405-9-1", "-9", "1499-1"])
def test_an_odd_month_is_this_month(desk, teacher, month):
    assert desk.get(f"{URL}/load", query_string={"month": month}).status_code == 200
    assert desk.get(f"{URL}/{teacher.id}/load", query_string={"month": month}).status_code == 200


def test_the_province_sees_its_own_and_strangers_none(sign_in, unit, teacher):
    office = sign_in(make.user(Role.PLANNER, make.unit(UnitKind.DIRECTORATE)))
    assert teacher.person.full_name in office.get("/province/instructors/load").text
    assert office.get(f"/province/instructors/{teacher.id}/load").status_code == 200
    assert f'href="/province/instructors/{teacher.id}/load"' in office.get(f"/province/instructors/{teacher.id}").text
    other = make.province()
    far = sign_in(make.user(Role.PLANNER, make.unit(UnitKind.DIRECTORATE, other)))
    assert teacher.person.full_name not in far.get("/province/instructors/load").text
    assert far.get(f"/province/instructors/{teacher.id}/load").status_code == 404
    clerk = sign_in(make.user(Role.CLERK, make.unit()))
    assert clerk.get(f"{URL}/{teacher.id}/load").status_code == 404
