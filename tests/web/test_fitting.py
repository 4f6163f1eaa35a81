"""A clerk sees how an instructor stands to a standard where it is chosen, and finds another one."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role, Shift, UnitKind, db
from services.text import persian_digits
from tests import course_cases as cases
from tests import fit_cases as files
from tests import make
from tests.web import course_pages


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def clerk(unit):
    return make.user(Role.CLERK, unit)


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def draft(clerk):
    return cases.draft(cases.actor(clerk))


def soup_of(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def test_the_form_of_a_course_explains_the_match_within_its_queries(desk, draft, queries):
    standard = make.first(make.SkillStandard)
    standard.instructor_requirement = "کارشناسی مکانیک"
    files.rule(standard)
    url = f"/center/courses/{draft.id}/edit/teacher"
    with queries() as seen:
        page = soup_of(desk.get(url))
    assert len(seen) <= 12, "\n".join(seen)
    assert "با شرایط استاندارد نمی‌خواند" in page.select_one("#instructor option[selected]").text
    assert "مدرک کارشناسی یا بالاتر در مکانیک یا مواد تأیید نشده است" in page.select_one("details[open]").text
    assert "متن استاندارد: کارشناسی مکانیک" in page.text
    make.education(files.teacher_of(draft))
    page = soup_of(desk.get(url))
    assert "واجد شرایط" in page.select_one("#instructor option[selected]").text
    assert not page.select("main form details[open]")


def test_another_instructor_is_found_from_the_course_with_its_own_plan(desk, draft, unit, queries):
    other = make.unit()
    field = make.first(make.TradeField, id=draft.field_id)
    near = make.instructor(other, field)
    page = soup_of(desk.get(f"/center/courses/{draft.id}/edit/teacher"))
    link = next(a["href"] for a in page.select("a") if "آزاد در استان" in a.text)
    with queries() as seen:
        page = soup_of(desk.get(link))
    assert len(seen) <= 8, "\n".join(seen)
    assert [li.h3.text for li in page.select(".results > li")] == [
        each.person.full_name for each in (files.teacher_of(draft), near)
    ]
    assert page.select_one("[name=start]")["value"] == persian_digits("8:00")
    assert "آزاد" in page.select_one(".results").text
    assert persian_digits(other.phone) in page.select(".results > li")[1].text


def test_a_standard_is_looked_for_and_hours_that_cannot_be_are_said(desk, draft):
    standard = make.first(make.SkillStandard)
    page = soup_of(desk.get("/center/instructors/find", query_string={"q": standard.title}))
    url = page.select_one(".results a")["href"]
    assert url == f"/center/instructors/find?standard={standard.id}"
    typed = {"first-y": "1405", "first-m": "9", "first-d": "10", "last-y": "1405", "last-m": "9", "last-d": "1",
             "start": "8:00", "end": "12:00"}  # fmt: skip
    page = soup_of(desk.get("/center/instructors/find", query_string={"standard": standard.id, **typed}))
    assert page.select_one("#last-error")
    assert page.select(".results > li")
    assert desk.get("/center/instructors/find?standard=999999").status_code == 404


def test_a_counselor_of_the_center_looks_for_nobody(sign_in, unit, draft):
    answer = sign_in(make.user(Role.COUNSELOR, unit)).get(f"/center/instructors/find?course={draft.id}")
    assert answer.status_code == 403


def test_warnings_of_the_workload_stand_with_the_check_and_keep_nothing_back(desk, clerk):
    make.route()
    late = {"shift": Shift.EVENING, "start_time": dt.time(16), "end_time": dt.time(20)}
    draft = cases.draft(cases.actor(clerk), **late)
    files.employment(files.teacher_of(draft))
    for part in ("time", "send"):
        page = soup_of(desk.get(f"/center/courses/{draft.id}/edit/{part}"))
        assert "سهم موظف صبح مربی (۲۴ ساعت در هفته)" in page.select_one("aside .notice.warn").text
    assert "چیزی کم نیست" in page.select_one(".notice.ok").text


def test_no_form_sends_or_approves_an_unfit_instructor(desk, draft, unit, sign_in):
    make.route()
    waiting = make.course(CourseStatus.PROVINCE_REVIEW, unit, sent_at=make.utcnow(), level_since=make.utcnow())
    files.rule(make.first(make.SkillStandard))
    missing = soup_of(course_pages.send(desk, draft)).select(".notice.warn.alert li")
    assert ["با شرایط استاندارد نمی‌خواند" in each.text for each in missing] == [True]
    reviewer = sign_in(make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE)))
    url = f"/province/courses/{waiting.id}"
    form = {each["name"]: each["value"] for each in soup_of(reviewer.get(url)).select(".decision [type=hidden]")}
    answer = reviewer.post(f"{url}/decide", data=form | {"decision": "approve"})
    assert answer.status_code == 422
    assert "چیزی تغییر نکرد" in soup_of(answer).select_one("#refused").text
    db.session.expire_all()
    assert (draft.status, waiting.status) == (CourseStatus.DRAFT, CourseStatus.PROVINCE_REVIEW)
