"""Which units a staff user acts for: never one that is switched off, and courses only where there may be any."""

import pytest

from models import CourseStatus, Role, Unit, UnitKind, UserRole, db
from services import access, courses
from services.access import Level
from services.courses import Action
from services.errors import DomainError, NotAllowed
from tests import course_cases as cases
from tests import make


def switch_off(unit: Unit) -> None:
    unit.is_active = False
    db.session.commit()


# -- Units that are switched off ---------------------------------------------------


@pytest.mark.once
def test_a_role_in_a_unit_that_is_switched_off_counts_nowhere():
    office = make.unit(UnitKind.COUNTER)
    user = make.user(Role.COUNTER, office)
    assert access.levels_of(access.roles_of(user.id)) == [Level.CENTER]
    switch_off(office)
    assert access.roles_of(user.id) == []
    assert access.actor(user, Level.CENTER, access.roles_of(user.id)) is None


@pytest.mark.once
def test_who_works_in_two_units_goes_on_in_the_other_one():
    on, off = make.unit(), make.unit()
    user = make.user(Role.MANAGER, off)
    make.save(UserRole(user_id=user.id, unit_id=on.id, role=Role.CLERK))
    switch_off(off)
    who = cases.actor(user, "center")
    assert (who.units, who.roles, who.unit_title) == ((on.id,), {Role.CLERK}, on.title)


# -- Units that have courses -------------------------------------------------------


@pytest.mark.once
def test_the_manager_of_a_counter_office_enters_no_courses():
    who = cases.staff(Role.MANAGER, make.unit(UnitKind.COUNTER))
    assert not courses.is_unit_staff(who)
    with pytest.raises(NotAllowed):
        courses.create(who, make.standard().id, "a key")


@pytest.mark.once
@pytest.mark.parametrize("kind", [UnitKind.CENTER, UnitKind.ACADEMY])
def test_the_manager_of_a_center_or_an_academy_enters_courses(kind):
    unit = make.unit(kind)
    who = cases.staff(Role.MANAGER, unit)
    assert courses.create(who, make.standard().id, "a key").unit_id == unit.id


@pytest.mark.once
def test_who_manages_a_counter_office_and_is_clerk_of_a_center_enters_courses_of_the_center():
    office, center = make.unit(UnitKind.COUNTER), make.unit()
    user = make.user(Role.MANAGER, office)
    make.save(UserRole(user_id=user.id, unit_id=center.id, role=Role.CLERK))
    assert courses.create(cases.actor(user, "center"), make.standard().id, "a key").unit_id == center.id


# -- Several units -----------------------------------------------------------------


@pytest.fixture
def of_two():
    """A clerk of two centers, and the centers."""
    units = make.unit(title="مرکز الف"), make.unit(title="مرکز ب")
    user = make.user(Role.CLERK, units[0])
    make.save(UserRole(user_id=user.id, unit_id=units[1].id, role=Role.CLERK, can_enroll_others=True))
    return cases.actor(user), *units


def test_a_clerk_of_two_centers_says_for_which_one_a_course_is(of_two):
    who, one, other = of_two
    standard = make.standard()
    with pytest.raises(DomainError) as refused:
        courses.create(who, standard.id, "a key")
    assert refused.value.field == "unit"
    made = [courses.create(who, standard.id, "a key", unit.id) for unit in (one, other, other)]
    assert [course.unit_id for course in made] == [one.id, other.id, other.id]
    assert made[1].id == made[2].id
    assert [unit.id for unit in courses.own_units(who)] == [one.id, other.id]


@pytest.mark.once
def test_a_course_for_a_unit_of_somebody_else_is_refused(of_two):
    who, *_ = of_two
    with pytest.raises(NotAllowed):
        courses.create(who, make.standard().id, "a key", make.unit().id)


@pytest.mark.once
def test_a_copy_belongs_to_the_unit_of_its_original(of_two):
    who, _, other = of_two
    former = make.course(CourseStatus.FINISHED, other)
    assert courses.copy(who, former.id, "a key").unit_id == other.id


@pytest.mark.once
def test_who_works_for_several_units_is_named_with_their_number(of_two):
    assert of_two[0].unit_title == "مرکز الف و ۱ واحد دیگر"


# -- An academy without a row of approval_route ------------------------------------


@pytest.fixture
def academy() -> Unit:
    unit = make.unit(UnitKind.ACADEMY)
    standard = make.standard()
    make.workshop(unit, standard)
    make.instructor(unit, make.first(make.TradeField, id=standard.field_id))
    make.license_(unit, make.first(make.TradeField, id=standard.field_id))
    return unit


def test_a_course_of_an_academy_goes_straight_to_the_province_when_no_route_is_written(academy):
    clerk = cases.staff(Role.CLERK, academy)
    course = cases.draft(clerk, setting="academy")
    assert courses.first_level(course) is Level.PROVINCE
    sent = cases.advance(clerk, course.id, Action.SEND)
    assert (sent.status, sent.levels) == (CourseStatus.PROVINCE_REVIEW, "province")
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    assert cases.advance(reviewer, sent.id, Action.APPROVE).status is CourseStatus.APPROVED


@pytest.mark.once
def test_a_course_of_a_center_begins_at_its_manager_when_no_route_is_written():
    clerk = cases.staff(Role.CLERK, cases.center())
    assert courses.first_level(cases.draft(clerk)) is Level.CENTER


@pytest.mark.once
def test_a_written_route_of_centers_is_not_the_route_of_academies(academy):
    make.route(UnitKind.CENTER, "center,province,hq")
    assert courses.first_level(cases.draft(cases.staff(Role.CLERK, academy))) is Level.PROVINCE


@pytest.mark.once
def test_a_written_route_of_academies_stands_before_the_default(academy):
    make.route(UnitKind.ACADEMY, "center,province")
    assert courses.first_level(cases.draft(cases.staff(Role.CLERK, academy))) is Level.CENTER


@pytest.mark.once
def test_a_new_course_of_an_academy_is_held_there_and_of_a_center_waits_for_its_setting(academy):
    standard = make.standard()
    assert courses.create(cases.staff(Role.CLERK, academy), standard.id, "one").setting == "academy"
    assert courses.create(cases.staff(Role.CLERK, make.unit()), standard.id, "two").setting is None
