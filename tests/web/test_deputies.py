"""Deputies on their pages: named, seen by both, ended; what is wrong stands at its field."""

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Deputy, Role, UserRole, db
from services import jalali, policy
from tests import course_cases, make

URL = "/center/deputies"


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def fields_of(page):
    return {each["name"]: each.get("value", "") for each in page.select_one("main form").select("input")}


def days(**over):
    year, month, day = jalali.parts(policy.today())
    return {f"{name}-{part}": number for name in ("first_on", "last_on")
            for part, number in zip("ymd", (year, month, day), strict=True)} | over  # fmt: skip


@pytest.fixture
def unit():
    return course_cases.center()


def test_a_manager_names_a_deputy_who_then_sees_it_and_may_end_it(sign_in, unit):
    manager, clerk = make.user(Role.MANAGER, unit), make.user(Role.CLERK, unit)
    desk = sign_in(manager)
    answer = desk.get(f"{URL}/new")
    assert answer.status_code == 303, "there is nobody else to choose"
    page = soup(desk.get(answer.location))
    assert clerk.person.full_name in page.select_one("#deputy").text
    filled = fields_of(page) | days() | {"deputy": clerk.id, "reason": "مرخصی"}
    wrong = desk.post(URL, data=filled | {"last_on-y": "۱۴۰۰"})
    assert wrong.status_code == 422
    assert "آخرین روز پیش از نخستین روز است" in soup(wrong).select_one("#last_on-error").text
    for said in ("جانشین ثبت شد", "پیش‌تر فرستاده شده بود"):
        assert desk.post(URL, data=filled).status_code == 303
        assert said in desk.get(URL).text
    assert db.session.query(Deputy).count() == 1
    deputys = sign_in(clerk)
    seen = soup(deputys.get(URL))
    assert manager.person.full_name in seen.select_one(".notice").text
    assert not seen.select("a[href$='/new']"), "a deputy names no deputy"
    course = course_cases.at(CourseStatus.CENTER_REVIEW, unit)
    told = soup(deputys.get(f"/center/courses/{course.id}")).select_one(".decision").text
    assert f"به جانشینی از {manager.person.full_name}" in told
    assert deputys.post(seen.select_one("main form")["action"], data=fields_of(seen)).status_code == 303
    assert "پایان زودتر" in desk.get(URL).text
    assert deputys.get("/center/queue").status_code == 200, "a page of the center; it offers nothing to decide"


@pytest.mark.once
def test_for_somebody_elses_role_there_is_no_form(sign_in, unit):
    manager = sign_in(make.user(Role.MANAGER, unit))
    other = make.first(UserRole, user_id=make.user(Role.MANAGER, make.unit()).id)
    for of in (other.id, 10**9):
        assert manager.get(f"{URL}/new?of={of}").status_code == 404
