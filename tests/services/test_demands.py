"""What people ask for, what planners see of it, and how those who asked are told, once."""

import datetime as dt

import pytest
from sqlalchemy import select

from models import (
    County,
    Course,
    CourseDemand,
    DemandState,
    Message,
    Person,
    Role,
    Shift,
    SkillStandard,
    Unit,
    UnitKind,
    WorkshopStandard,
    db,
    utcnow,
)
from services import demands
from services.demands import Ask
from services.errors import DomainError, NotAllowed, OutsideTerritory, TooMany
from tests import class_cases, make
from tests import course_cases as cases
from tests.race.crowd import storm

MOBILE = "09113700001"


@pytest.fixture
def wanted() -> Ask:
    center = cases.center()
    return Ask(make.first(SkillStandard).code, center.county.code)


def open_course(**over) -> Course:
    return make.course(unit_=make.first(Unit, kind=UnitKind.CENTER), **over)


def rows() -> list[tuple]:
    db.session.rollback()
    return [(row.person_id, row.state, row.told_of_id) for row in db.session.query(CourseDemand).order_by("id")]


def told() -> list[int]:
    db.session.rollback()
    return sorted(row.person_id for row in db.session.query(Message))


# -- Asking ------------------------------------------------------------------------


def test_one_demand_of_a_person_for_a_standard_in_a_county_is_open(app, wanted):
    person = make.person()
    seen = storm(app, lambda _: demands.ask(person.id, wanted), range(6))
    assert (seen, rows()) == ({"True": 1, "False": 5}, [(person.id, DemandState.OPEN, None)])


def test_who_is_not_signed_in_asks_with_the_mobile_they_have(wanted):
    code = make.national_code()
    demands.ask_by_code(code, MOBILE, wanted, "192.0.2.1")
    person = make.first(Person, national_code=code)
    assert (person.mobile, person.mobile_status, person.full_name) == (MOBILE, "unchecked", None)
    assert rows() == [(person.id, DemandState.OPEN, None)]


@pytest.mark.parametrize("status", ["matched", "unchecked"])
def test_a_stranger_neither_asks_in_anothers_name_nor_changes_their_mobile(wanted, status):
    person = make.person(mobile="09113700009", mobile_status=status)
    demands.ask_by_code(person.national_code, MOBILE, wanted, "192.0.2.1")
    db.session.refresh(person)
    assert (person.mobile, rows()) == ("09113700009", [])
    demands.ask_by_code(person.national_code, "09113700009", wanted, "192.0.2.1")
    assert len(rows()) == 1


@pytest.mark.once
@pytest.mark.parametrize(("tries", "one_code"), [(10, True), (45, False)])
def test_nobody_floods_the_list_from_one_address_or_for_one_code(wanted, tries, one_code):
    codes = [make.national_code() for _ in range(tries)]

    def flood():
        for code in codes:
            demands.ask_by_code(codes[0] if one_code else code, MOBILE, wanted, "192.0.2.1")

    with pytest.raises(TooMany, match="دوباره بفرستید"):
        flood()


def test_what_is_not_in_the_catalog_is_refused_at_its_field(wanted):
    for ask, field in ((Ask("0" * 15, wanted.county), "standard"), (Ask(wanted.standard, "0"), "county")):
        with pytest.raises(DomainError) as refused:
            demands.ask(make.person().id, ask)
        assert refused.value.field == field


def test_one_takes_back_what_is_ones_own(wanted):
    person = make.person()
    demands.ask(person.id, wanted)
    demand = make.first(CourseDemand)
    with pytest.raises(OutsideTerritory):
        demands.withdraw(make.person().id, demand.id)
    assert (demands.withdraw(person.id, demand.id), demands.withdraw(person.id, demand.id)) == (True, False)
    assert (rows(), demands.ask(person.id, wanted)) == ([(person.id, DemandState.WITHDRAWN, None)], True)


# -- Telling -----------------------------------------------------------------------


def test_two_dispatchers_tell_each_person_once_of_the_first_course_that_opens_in_their_county(app, wanted):
    people = [make.person() for _ in range(4)]
    for person in people:
        demands.ask(person.id, wanted)
    elsewhere = make.unit(county_id=make.county().id)
    make.course(unit_=elsewhere, start_on=dt.date.today())  # noqa: DTZ011 (sooner, and in another county)
    assert demands.tell(utcnow()) == 0
    course = open_course()
    storm(app, lambda _: demands.tell(utcnow()), range(4))
    assert rows() == [(person.id, DemandState.TOLD, course.id) for person in people]
    assert told() == [person.id for person in people]
    assert course.code not in db.session.query(Message).first().body  # in Persian digits
    assert demands.tell(utcnow()) == 0


@pytest.mark.once
@pytest.mark.parametrize(
    "over",
    [
        {"status": "approved", "enroll_open_at": utcnow() + dt.timedelta(hours=1)},
        {"status": "closed"},
        {"taken": 15},
        {"gender": "female"},
        {"setting": "prison"},
        {"agreement_id": 1},
        {"shift": "evening"},
    ],
)
def test_nobody_is_told_of_a_course_they_could_not_go_to(wanted, over):
    demands.ask(make.person(gender="male").id, Ask(wanted.standard, wanted.county, Shift.MORNING))
    if "agreement_id" in over:
        over = {"agreement_id": make.agreement().id}
    open_course(**over)
    assert (demands.tell(utcnow()), told()) == (0, [])


def test_who_is_in_the_course_already_hears_nothing_and_waits_no_longer(wanted):
    person = class_cases.enroll(open_course()).person
    demands.ask(person.id, wanted)
    assert (demands.tell(utcnow()), told(), rows()[0][1]) == (1, [], DemandState.TOLD)


def test_a_demand_waits_for_a_year(wanted):
    demands.ask(make.person().id, wanted)
    now = utcnow()
    seen = [demands.expire(now + dt.timedelta(days=days)) for days in (300, 400, 401)]
    assert (seen, rows()[0][1]) == ([0, 1, 0], DemandState.EXPIRED)


# -- Planning ----------------------------------------------------------------------


def test_planners_see_numbers_by_county_and_standard_and_no_person(wanted):
    planner = cases.staff(Role.PLANNER, cases.office())
    for shift in (None, Shift.EVENING, Shift.EVENING):
        demands.ask(make.person().id, Ask(wanted.standard, wanted.county, shift))
    make.course("province_review", make.first(Unit, kind=UnitKind.CENTER))
    far = make.county(make.province())
    demands.ask(make.person().id, Ask(wanted.standard, far.code))
    (row,), _counties = demands.listing(planner)
    assert (row.people, row.shifts, row.coming, row.standard_code) == (3, {"evening": 2}, 1, wanted.standard)
    assert demands.listing(planner, far.id)[0] == []
    with pytest.raises(OutsideTerritory):
        demands.one(planner, row.standard_id, far.id)


def test_headquarters_sees_numbers_by_province_and_in_one_by_county(wanted):
    far = make.county(make.province())
    for county in (wanted.county, wanted.county, far.code):
        demands.ask(make.person().id, Ask(wanted.standard, county, Shift.EVENING))
    near = make.first(County, code=wanted.county)
    rows, provinces = demands.of_country()
    assert [(row.place_id, row.people, row.shifts) for row in rows] == [
        (near.province_id, 2, {Shift.EVENING: 2}), (far.province_id, 1, {Shift.EVENING: 1})
    ]  # fmt: skip
    assert {place for place, _ in provinces} == {near.province_id, far.province_id}
    rows, _ = demands.of_country(far.province_id)
    assert [(row.place_title, row.people) for row in rows] == [(far.title, 1)]
    hq = cases.staff(Role.REVIEWER, cases.office(UnitKind.HQ))
    assert db.session.scalar(select(demands.counted(hq)["demand"])) == 3


def test_a_planner_opens_a_draft_in_a_unit_that_can_host_it_and_a_double_click_opens_one(wanted):
    center, planner = make.first(Unit, kind=UnitKind.CENTER), cases.staff(Role.PLANNER, cases.office())
    demands.ask(make.person().id, wanted)
    (row,), _ = demands.listing(planner)
    place = (row.standard_id, row.place_id)
    empty = make.unit()
    assert [host.unit_id for host in demands.hosts(planner, *place)] == [center.id]
    opened = [demands.open_course(planner, place, center.id, "key") for _ in range(2)]
    assert opened[0] == opened[1]
    course = db.session.get(Course, opened[0][0])
    assert (course.status, course.start_trigger, course.unit_id) == ("draft", "demand", center.id)
    assert demands.one(planner, *place).coming == 1
    with pytest.raises(DomainError, match="واحدی را انتخاب کنید"):
        demands.open_course(planner, place, empty.id, "other")


def test_a_center_opens_it_in_its_own_workshop_and_others_may_not(wanted):
    center = make.first(Unit, kind=UnitKind.CENTER)
    place = (make.first(WorkshopStandard).standard_id, center.county_id)
    clerk, stranger = cases.staff(Role.CLERK, center), cases.staff(Role.CLERK, make.unit())
    assert demands.open_course(clerk, place, center.id, "key")[1] == center.title
    assert demands.hosts(stranger, *place) == []
    with pytest.raises(DomainError):
        demands.open_course(stranger, place, center.id, "other")
    with pytest.raises(NotAllowed):
        demands.open_course(cases.staff(Role.DIRECTOR, cases.office()), place, center.id, "third")
