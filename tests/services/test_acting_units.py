"""Which units a staff user acts for: never one that is switched off, and courses only where there may be any."""

import pytest

from models import CourseStatus, Role, Unit, UnitKind, UserRole, db
from services import access, courses
from services.access import Level
from services.courses import Action
from services.errors import NotAllowed
from tests import course_cases as cases
from tests import make


def switch_off(unit: Unit) -> None:
    unit.is_active = False
    db.session.commit()


# -- Units that are switched off ---------------------------------------------------


def test_a_role_in_a_unit_that_is_switched_off_counts_nowhere():
    office = make.unit(UnitKind.COUNTER)
    user = make.user(Role.COUNTER, office)
    assert access.levels_of(access.roles_of(user.id)) == [Level.CENTER]
    switch_off(office)
    assert access.roles_of(user.id) == []
    assert access.actor(user, Level.CENTER, access.roles_of(user.id)) is None


def test_who_works_in_two_units_goes_on_in_the_other_one():
    on, off = make.unit(), make.unit()
    user = make.user(Role.MANAGER, off)
    make.save(UserRole(user_id=user.id, unit_id=on.id, role=Role.CLERK))
    switch_off(off)
    who = cases.actor(user, "center")
    assert (who.units, who.roles, who.unit_title) == ((on.id,), {Role.CLERK}, on.title)


# -- Units that have courses -------------------------------------------------------


def test_the_manager_of_a_counter_office_enters_no_courses():
    who = cases.staff(Role.MANAGER, make.unit(UnitKind.COUNTER))
    assert not courses.is_unit_staff(who)
    with pytest.raises(NotAllowed):
        courses.create(who, make.standard().id, "a key")


@pytest.mark.parametrize("kind", [UnitKind.CENTER, UnitKind.ACADEMY])
def test_the_manager_of_a_center_or_an_academy_enters_courses(kind):
    unit = make.unit(kind)
    who = cases.staff(Role.MANAGER, unit)
    assert courses.create(who, make.standard().id, "a key").unit_id == unit.id


def test_who_manages_a_counter_office_and_is_clerk_of_a_center_enters_courses_of_the_center():
    office, center = make.unit(UnitKind.COUNTER), make.unit()
    user = make.user(Role.MANAGER, office)
    make.save(UserRole(user_id=user.id, unit_id=center.id, role=Role.CLERK))
    assert courses.create(cases.actor(user, "center"), make.standard().id, "a key").unit_id == center.id


# -- An academy without a row of approval_route ------------------------------------


@pytest.fixture
def academy() -> Unit:
    unit = make.unit(UnitKind.ACADEMY)
    standard = make.standard()
    make.workshop(unit, standard)
    make.instructor(unit, make.first(make.TradeField, id=standard.field_id))
    return unit


def test_a_course_of_an_academy_goes_straight_to_the_province_when_no_route_is_written(academy):
    clerk = cases.staff(Role.CLERK, academy)
    course = cases.draft(clerk, setting="academy")
    assert courses.first_level(course) is Level.PROVINCE
    sent = courses.advance(clerk, course.id, Action.SEND)
    assert (sent.status, sent.levels) == (CourseStatus.PROVINCE_REVIEW, "province")
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    assert courses.advance(reviewer, sent.id, Action.APPROVE).status is CourseStatus.APPROVED


def test_a_course_of_a_center_begins_at_its_manager_when_no_route_is_written():
    clerk = cases.staff(Role.CLERK, cases.center())
    assert courses.first_level(cases.draft(clerk)) is Level.CENTER


def test_a_written_route_of_centers_is_not_the_route_of_academies(academy):
    make.route(UnitKind.CENTER, "center,province,hq")
    assert courses.first_level(cases.draft(cases.staff(Role.CLERK, academy))) is Level.PROVINCE


def test_a_written_route_of_academies_stands_before_the_default(academy):
    make.route(UnitKind.ACADEMY, "center,province")
    assert courses.first_level(cases.draft(cases.staff(Role.CLERK, academy))) is Level.CENTER


def test_a_new_course_of_an_academy_is_held_there_and_of_a_center_waits_for_its_setting(academy):
    standard = make.standard()
    assert courses.create(cases.staff(Role.CLERK, academy), standard.id, "one").setting == "academy"
    assert courses.create(cases.staff(Role.CLERK, make.unit()), standard.id, "two").setting is None
