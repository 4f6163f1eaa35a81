"""The lists of courses on their pages: narrowed by a form, ordered by links, kept under names, taken as a workbook."""

import io

import openpyxl
import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role, SavedFilter, Shift, UnitKind, db
from services import jalali
from tests import make

S = CourseStatus
PLACES = {
    "center": (Role.CLERK, UnitKind.CENTER),
    "province": (Role.PLANNER, UnitKind.DIRECTORATE),
    "hq": (Role.REVIEWER, UnitKind.HQ),
}


@pytest.fixture
def unit():
    return make.unit()


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def fields_of(form):
    return {each["name"]: each.get("value", "") for each in form.select("input")}


def shown(page):
    return [link["href"].rpartition("/")[2] for link in page.select("tbody td:first-child > a")]


@pytest.mark.parametrize("level", PLACES)
def test_a_list_is_narrowed_kept_under_a_name_and_found_again_with_its_number(sign_in, unit, level):
    role, kind = PLACES[level]
    night = make.course(S.OPEN, unit, shift=Shift.NIGHT)
    make.course(S.OPEN, unit)
    client = sign_in(make.user(role, unit if level == "center" else make.unit(kind)))
    day = dict(zip(("first-y", "first-m", "first-d"), jalali.parts(night.start_on), strict=True))
    page = soup(client.get(f"/{level}/courses", query_string={"tab": "open", "shift": "night", "q": "", **day}))
    assert shown(page) == [str(night.id)]
    assert page.select_one("summary").text.startswith("صافی: نوبت شب، شروع از ")
    assert page.select_one("#first-d")["value"]
    form = page.select_one("form[action$='/filters']")
    for _ in range(2):
        answer = client.post(form["action"], data=fields_of(form) | {"title": "شبانه"})
        assert answer.status_code == 303
    again = soup(client.get(answer.location))
    assert shown(again) == [str(night.id)]
    assert again.select(".tabs")[1].select_one("[aria-current]").text == "شبانه ۱"
    away = again.select_one("form[action$='/remove']")
    assert client.post(away["action"], data=fields_of(away)).status_code == 303
    assert db.session.query(SavedFilter).count() == 0


def test_pages_orders_and_tabs_keep_what_is_asked_for(sign_in, unit):
    ids = [make.course(S.OPEN, unit, shift=Shift.NIGHT).id for _ in range(27)]
    client = sign_in(make.user(Role.CLERK, unit))
    first = soup(client.get("/center/courses?tab=open&shift=night"))
    links = {link.text: link["href"] for link in first.select("main a")}
    second = soup(client.get(links["بعدی"]))
    assert [int(each) for each in [*shown(first), *shown(second)]] == sorted(ids, reverse=True)
    assert "shift=night" in links["نام"]
    assert [int(each) for each in shown(soup(client.get(links["نام"])))] == ids[:25]
    assert "shift=night" in links["پیش‌نویس ۰"]


def test_the_workbook_has_what_the_list_shows_with_codes_as_text(sign_in, unit):
    course = make.course(S.OPEN, unit, title="=جوش", shift=Shift.NIGHT)
    make.course(S.OPEN, unit)
    client = sign_in(make.user(Role.CLERK, unit))
    link = soup(client.get("/center/courses?tab=open&shift=night")).find("a", string="همین فهرست در اکسل")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(link["href"]).data)).active
    titles, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert sheet.sheet_view.rightToLeft
    assert [row[:3] for row in rows] == [[course.code, "'=جوش", course.standard_code]]
    assert dict(zip(titles, rows[0], strict=True))["ظرفیت"] == 15


@pytest.mark.once
def test_a_day_that_is_none_is_said_at_its_field_and_narrows_nothing(sign_in, unit):
    course = make.course(S.OPEN, unit)
    client = sign_in(make.user(Role.CLERK, unit))
    page = soup(client.get("/center/courses?tab=open&first-d=31&first-m=7&first-y=1405"))
    assert "۳۱ مهر" in page.select_one("#first-error").text
    assert shown(page) == [str(course.id)]


@pytest.mark.once
def test_a_name_that_holds_a_number_of_a_person_is_refused_with_a_reason(sign_in, unit):
    client = sign_in(make.user(Role.CLERK, unit))
    form = soup(client.get("/center/courses?tab=open&q=جوش")).select_one("form[action$='/filters']")
    answer = client.post(form["action"], data=fields_of(form) | {"title": "۰۹۱۲۱۲۳۴۵۶۷"})
    assert "شماره‌های اشخاص" in client.get(answer.location).text
    assert db.session.query(SavedFilter).count() == 0
