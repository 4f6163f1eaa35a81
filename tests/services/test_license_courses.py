"""Courses of academies need a license in date for their trade: through every door, and centers need none."""

import datetime as dt

import pytest

from models import (
    CourseStatus,
    Gender,
    LicenseState,
    LicenseTrade,
    Role,
    SkillStandard,
    TradeField,
    UnitKind,
    UserRole,
    db,
    utcnow,
)
from services import courses, licenses
from services.courses import Action
from services.courses.completeness import Incomplete
from services.errors import DomainError
from tests import course_cases as cases
from tests import license_cases as held
from tests import make

# What is wrong with a license, what is said, and the field at which it is said.
OUT = {
    "none": ({"state": LicenseState.REVOKED, "decision": "-"}, "پروانهٔ معتبری ندارد", "license"),
    "waiting": ({"state": LicenseState.WAITING}, "پروانهٔ معتبری ندارد", "license"),
    "suspended": ({"state": LicenseState.SUSPENDED, "decision": "-"}, "تعلیق", "license"),
    "over": ({"expires_on": held.days(-1)}, "تمام شده است", "license"),
    "too short": ({"expires_on": held.days(3)}, "پس از آن شروع می‌شود", "start_on"),
    "other trade": ({}, "در پروانهٔ آموزشگاه نیست", "standard_id"),
}


@pytest.fixture
def academy():
    unit = held.academy()
    make.license_(unit, make.first(TradeField))
    return unit


@pytest.fixture
def clerk(academy):
    return cases.staff(Role.CLERK, academy)


def spoil(unit, why: str) -> None:
    """Let the license of a unit be wrong in one way."""
    row = make.first(make.License, unit_id=unit.id)
    for name, value in OUT[why][0].items():
        setattr(row, name, value)
    if why == "other trade":
        make.first(LicenseTrade, license_id=row.id).field_id = make.field().id
    db.session.commit()


@pytest.mark.once
def test_with_a_license_for_its_field_a_course_goes_all_the_way_although_one_person_is_the_whole_academy(academy):
    user = make.user(Role.MANAGER, academy)
    make.save(UserRole(user_id=user.id, unit_id=academy.id, role=Role.CLERK))
    alone = cases.actor(user, "center")
    course = cases.advance(alone, cases.draft(alone).id, Action.SEND)
    assert course.status is CourseStatus.PROVINCE_REVIEW
    assert cases.advance(held.reviewer(), course.id, Action.APPROVE).status is CourseStatus.APPROVED


def test_a_single_standard_in_the_license_is_as_good_as_its_field_and_only_for_itself(clerk, academy):
    course = cases.draft(clerk)
    trade = make.first(LicenseTrade)
    trade.field_id, trade.standard_id = None, course.standard_id
    db.session.commit()
    assert cases.advance(clerk, course.id, Action.SEND).status is CourseStatus.PROVINCE_REVIEW
    trade.standard_id = make.standard(field_id=make.first(SkillStandard).field_id).id
    db.session.commit()
    with pytest.raises(DomainError, match="نیست"):
        cases.advance(held.reviewer(), course.id, Action.APPROVE)


@pytest.mark.once
@pytest.mark.parametrize("why", OUT)
def test_without_one_that_holds_no_door_sends_a_course(clerk, academy, why):
    course = cases.draft(clerk)
    spoil(academy, why)
    _, said, field = OUT[why]
    with pytest.raises(Incomplete) as by_button:
        cases.advance(clerk, course.id, Action.SEND)
    assert [(gap.field, said in gap.text) for gap in by_button.value.gaps] == [(field, True)]
    copied = courses.copy(clerk, course.id, "a copy")
    courses.save(clerk, copied.id, copied.version, cases.complete_values(academy))
    for each in (course, copied):
        with pytest.raises(Incomplete) as by_form:
            courses.send(clerk, each.id, each.version, cases.SIGNED)
        assert [gap.field for gap in by_form.value.gaps] == [field]
    assert field in [gap.field for gap in courses.gaps(courses.get(clerk, course.id), utcnow())], "it is told before"


@pytest.mark.once
@pytest.mark.parametrize("why", OUT)
def test_a_course_that_was_sent_in_time_is_approved_at_no_level_without_one(clerk, academy, why):
    make.route(UnitKind.ACADEMY, "center,province,hq")
    course = cases.advance(clerk, cases.draft(clerk).id, Action.SEND)
    spoil(academy, why)
    manager, reviewer, hq = held.writer(academy), held.reviewer(), cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    for status, who in (("center_review", manager), ("province_review", reviewer), ("hq_review", hq)):
        course.status = CourseStatus(status)
        db.session.commit()
        with pytest.raises(DomainError, match=OUT[why][1]):
            cases.advance(who, course.id, Action.APPROVE)
        db.session.rollback()
    assert cases.advance(hq, course.id, Action.RETURN, reason=cases.ANY_REASON).status is CourseStatus.RETURNED


@pytest.mark.once
def test_a_state_center_needs_no_license():
    clerk = cases.staff(Role.CLERK, cases.center())
    assert cases.advance(clerk, cases.draft(clerk).id, Action.SEND).status is CourseStatus.CENTER_REVIEW


def test_the_license_of_another_academy_is_no_license(clerk, academy):
    course = cases.draft(clerk)
    make.first(make.License).unit_id = make.unit(UnitKind.ACADEMY).id
    db.session.commit()
    with pytest.raises(Incomplete):
        cases.advance(clerk, course.id, Action.SEND)


@pytest.mark.once
def test_whoever_works_for_a_center_too_is_asked_for_the_license_of_the_academy_alone(academy):
    user = make.user(Role.CLERK, academy)
    center = make.unit()
    make.save(UserRole(user_id=user.id, unit_id=center.id, role=Role.CLERK))
    make.workshop(center, make.first(SkillStandard))
    make.instructor(center, make.first(TradeField))
    who = cases.actor(user, "center")
    spoil(academy, "over")
    course = courses.create(who, make.first(SkillStandard).id, "a key", center.id)
    courses.save(who, course.id, course.version, cases.complete_values(center))
    assert cases.advance(who, course.id, Action.SEND).status is CourseStatus.CENTER_REVIEW


# -- What is shown -----------------------------------------------------------------


def warnings(course) -> list[str]:
    return [text for fine, text in courses.case(held.reviewer(), course.id).facts if not fine and "پروانه" in text]


@pytest.mark.parametrize("why", [why for why in OUT if why != "too short"])
def test_a_running_course_goes_on_and_shows_what_speaks_against_its_license(academy, why):
    course = cases.at(CourseStatus.RUNNING, academy, "province")
    assert warnings(course) == []
    spoil(academy, why)
    assert [OUT[why][1] in text for text in warnings(course)] == [True]
    clerk = cases.staff(Role.CLERK, academy)
    assert cases.advance(clerk, course.id, Action.FINISH, reason="پایان زودتر").status is CourseStatus.FINISHED
    assert warnings(course) == [], "what is over is over"


def test_an_end_before_the_courses_another_gender_and_fewer_seats_are_shown_and_stop_nothing(clerk, academy):
    course = cases.draft(clerk)
    row = make.first(make.License)
    row.expires_on, row.gender, row.capacity = course.end_on - dt.timedelta(days=1), Gender.FEMALE, 10
    db.session.commit()
    cases.advance(clerk, course.id, Action.SEND)
    found = [text for fine, text in courses.case(held.reviewer(), course.id).facts if not fine]
    for said in ("پیش از پایان دوره", "برای زنان", "ظرفیت پروانه"):
        assert any(said in text for text in found), said
    assert cases.advance(held.reviewer(), course.id, Action.APPROVE).status is CourseStatus.APPROVED


def test_on_its_last_day_a_license_still_holds(clerk, academy):
    course = cases.draft(clerk)
    make.first(make.License).expires_on = course.start_on
    db.session.commit()
    assert cases.advance(clerk, course.id, Action.SEND).status is CourseStatus.PROVINCE_REVIEW
    assert licenses.academy(academy.code).license.expires_on == course.start_on
