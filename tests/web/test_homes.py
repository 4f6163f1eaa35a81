"""What people find when they come in: a home for each role, sections they can use, and why a course came back."""

import pytest
from bs4 import BeautifulSoup

from models import CounterContract, CourseStatus, Role, UnitKind, db, utcnow
from services import courses
from tests import class_cases, make
from tests import course_cases as cases

REASON = "ساعت پایان کلاس را تا ۱۲ بنویسید."


def soup(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def sections(page):
    return [link["href"] for link in page.select("header nav a")]


@pytest.mark.parametrize(("role", "kind", "url", "hidden"), [
    (Role.COUNTER, UnitKind.COUNTER, "/center", "/center/courses"),
    (Role.PLANNER, UnitKind.DIRECTORATE, "/province", "/province/queue"),
    (Role.DIRECTOR, UnitKind.DIRECTORATE, "/province", "/province/queue"),
    (Role.ADMIN, UnitKind.HQ, "/hq", "/hq/queue"),
])  # fmt: skip
def test_a_section_that_a_role_cannot_use_is_not_offered(sign_in, role, kind, url, hidden):
    page = soup(sign_in(make.user(role, make.unit(kind))), url)
    assert url in sections(page)
    assert hidden not in sections(page)
    assert not page.select(f"main a[href^='{hidden}']")


def test_who_may_not_enroll_others_is_not_led_to_the_desk(sign_in):
    user = make.user(Role.CLERK)
    for role in user.roles:
        role.can_enroll_others = False
    db.session.commit()
    assert not soup(sign_in(user), "/center").select("a[href='/center/enroll']")


def test_a_counter_office_without_a_contract_is_told_so_and_led_to_no_desk(sign_in):
    office = make.unit(UnitKind.COUNTER)
    make.unit(UnitKind.DIRECTORATE, title="اداره کل گلستان")
    course = make.course(unit_=make.unit())
    client = sign_in(make.user(Role.COUNTER, office))
    assert soup(client, "/center").select("main a[href^='/center/enroll']")
    make.first(CounterContract, unit_id=office.id).ended_at = utcnow()
    db.session.commit()
    page = soup(client, "/center")
    assert not page.select("main a[href^='/center/enroll']")
    assert "اداره کل گلستان" in page.select_one("main .notice").get_text()
    doors = ("/center/enroll", f"/center/courses/{course.id}/list", "/center/imports/enrollments")
    found = [client.get(door) for door in doors]
    assert [(each.status_code, "قرارداد دفتر را ثبت یا تمدید کند" in each.text) for each in found] == [(403, True)] * 3


def test_a_counselor_sees_the_courses_that_take_people_now(sign_in):
    unit = make.unit()
    course, _ = make.course(unit_=unit), make.course(CourseStatus.DRAFT, unit)
    page = soup(sign_in(make.user(Role.COUNSELOR, unit)), "/center")
    assert [link["href"] for link in page.select(".results h3 a")] == [f"/courses/{course.code}"]


def test_an_instructor_lands_on_own_meetings_and_finds_all_own_classes(sign_in):
    unit = make.unit()
    teacher = class_cases.instructor(unit)
    course, strange = class_cases.course(teacher), class_cases.course(class_cases.instructor(unit))
    class_cases.meeting(strange)
    urls = [f"/instructor/meetings/{class_cases.meeting(course, ago).id}" for ago in (0, 3)]
    class_cases.enroll(course)
    client = sign_in(teacher)
    assert {link["href"] for link in soup(client, "/instructor").select(".results a")} == set(urls)
    page = soup(client, "/instructor/classes")
    assert [link["href"] for link in page.select(".results a")] == [f"/instructor/classes/{course.id}"]


def test_a_clerk_is_told_why_a_course_came_back_at_the_case_and_at_the_form(sign_in):
    unit = cases.center()
    clerk, manager = make.user(Role.CLERK, unit), make.user(Role.MANAGER, unit)
    course = cases.advance(cases.actor(clerk), cases.draft(cases.actor(clerk)).id, courses.Action.SEND)
    cases.advance(cases.actor(manager), course.id, courses.Action.RETURN, reason=REASON)
    client = sign_in(clerk)
    for url in (f"/center/courses/{course.id}", f"/center/courses/{course.id}/edit"):
        notice = soup(client, url).select_one("main .notice.warn").get_text()
        assert REASON in notice
        assert manager.person.full_name in notice
        assert "دوباره بفرستید" in notice


def test_a_refusal_is_headed_by_its_first_sentence_and_leads_to_ones_own_desk(sign_in):
    page = soup(sign_in(make.user(Role.CLERK)), "/center/courses/999999")
    assert page.h1.get_text() == "این دوره پیدا نشد"
    assert "از فهرست دوره‌ها شروع کنید" in page.main.get_text()
    assert page.select_one("main a.btn")["href"] == "/center"
