"""What courses collide with: each other at their real hours, their place and people, and rules; by policy."""

import datetime as dt

import pytest

from models import (
    Course,
    CourseInstructor,
    CourseStatus,
    Delivery,
    Gender,
    Place,
    PlaceKind,
    Policy,
    Role,
    Shift,
    UnitKind,
    WorkshopDowntime,
    db,
    utcnow,
)
from services import courses, policy
from services.courses import Action, conflicts
from services.courses.completeness import Incomplete
from services.courses.conflicts import Kind
from services.errors import DomainError
from tests import course_cases as cases
from tests import make

S = CourseStatus
SATURDAY = cases.next_saturday()
DAY = dt.timedelta(days=1)
BOOKED = (Kind.WORKSHOP, Kind.INSTRUCTOR, Kind.PLACE)


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


@pytest.fixture
def draft(clerk):
    """Saturdays and Mondays from 8 to 12, twenty times."""
    return cases.draft(clerk)


def rival(like, *days, start=8, end=12, status=S.APPROVED, **over):
    """Another course in the workshop of `like`, of nobody it knows, with meetings on these days from Saturday on."""
    other, unit = over.pop("instructor_id", None) or someone(like.unit).id, over.pop("unit_", like.unit)
    values = {"workshop_id": like.workshop_id, "start_time": dt.time(start), "end_time": dt.time(end), **over}
    course = make.course(status, unit, instructor_id=other, practice_minutes=80 * 60, **values)
    for day in days or (0,):
        make.meeting(course, SATURDAY + day * DAY)
    return course


def someone(unit):
    return make.instructor(unit, make.first(make.TradeField))


def met(draft, actor=None, kinds=BOOKED, **over):
    found = conflicts.of(actor, conflicts.wish(draft, **over))
    return [each for each in found if each.kind in kinds]


def rule(kind, value, scope="*"):
    return make.save(Policy(name=f"conflict_{kind}", scope=scope, valid_from=policy.today(), value=value))


def send(who, course):
    return cases.advance(who, course.id, Action.SEND)


# -- Workshops ---------------------------------------------------------------------


def test_a_workshop_is_taken_by_meetings_at_the_same_hours_of_courses_that_are_sent_or_later(draft):
    rival(draft, 0, start=12, end=16)  # begins when the other ends
    rival(draft, 1, 3)  # other days
    for status in (S.DRAFT, S.RETURNED, S.REJECTED, S.CANCELED, S.FINISHED):
        rival(draft, 0, status=status)
    rival(draft, 0, delivery=Delivery.VIRTUAL)  # takes no room
    assert met(draft) == []
    other = rival(draft, 0, 2, 9, start=11, end=15, status=S.CENTER_REVIEW, title="جوشکاری")
    (found,) = met(draft)
    assert (found.kind, found.field, found.bars) == (Kind.WORKSHOP, "workshop_id", True)
    assert "در ۳ جلسه (نخستین شنبه" in found.text
    assert "ساعت ۱۱:۰۰ تا ۱۵:۰۰" in found.text
    assert "«جوشکاری»" in found.text
    assert [each.course_id for each in found.others] == [other.id]
    assert met(draft, delivery=Delivery.ELECTRONIC) == []


@pytest.mark.once
def test_it_is_refused_at_sending_with_the_other_course_and_nothing_changes(clerk, draft):
    other = rival(draft, 0)
    with pytest.raises(Incomplete) as refused:
        send(clerk, draft)
    (gap,) = refused.value.gaps
    assert gap.field == "workshop_id"
    assert policy_digits(other.code) in gap.text
    assert db.session.get(Course, draft.id, populate_existing=True).status is S.DRAFT


def policy_digits(code):
    return code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


@pytest.mark.once
def test_moving_the_hours_lets_a_course_go(clerk, draft):
    rival(draft, 0, 2)
    later = {"start_time": dt.time(12), "end_time": dt.time(16)}
    courses.save(clerk, draft.id, draft.version, cases.complete_values(draft.unit, **later))
    assert send(clerk, draft).status is S.CENTER_REVIEW


def test_two_drafts_at_the_same_hours_may_stand_and_only_the_first_is_sent(clerk, draft):
    second = cases.draft(clerk)
    send(clerk, draft)
    with pytest.raises(Incomplete, match="گرفته شده"):
        send(clerk, second)


# -- People ------------------------------------------------------------------------


@pytest.mark.once
def test_a_person_is_taken_in_all_units_and_another_units_course_is_named_without_its_title(draft, clerk):
    there = make.unit()
    twin = make.save(make.Instructor(person_id=draft.instructor.person_id, unit_id=there.id,
                                     province_id=there.province_id))  # fmt: skip
    other = rival(draft, 2, unit_=there, instructor_id=twin.id, workshop_id=make.workshop(there).id, title="پنهان")
    (found,) = met(draft, clerk)
    assert (found.kind, found.bars) == (Kind.INSTRUCTOR, True)
    assert "پنهان" not in found.text
    assert there.title in found.text
    assert [(each.is_seen, each.is_public) for each in found.others] == [(False, True)]
    (whole,) = met(draft, cases.staff(Role.REVIEWER, cases.office()))
    assert "«پنهان»" in whole.text
    assert [each.is_seen for each in whole.others] == [True]
    other.status = S.PROVINCE_REVIEW
    db.session.commit()
    assert [each.is_public for found in met(draft, clerk) for each in found.others] == [False]


def test_who_teaches_a_part_collides_only_when_the_rest_does_not_hold_it(draft, clerk):
    """The course has 20 meetings of 4 hours; the helper is elsewhere at two of them."""
    helper = someone(draft.unit)
    other = rival(draft, 0, 2, workshop_id=make.workshop(draft.unit).id, instructor_id=helper.id)
    part = make.save(CourseInstructor(course_id=draft.id, instructor_id=helper.id, minutes=80 * 60 - 8 * 60))
    assert met(draft) == []
    part.minutes += 60
    db.session.commit()
    (found,) = met(draft)
    assert found.field == "co_instructors"
    assert f"مربی همکار، {helper.person.full_name}، در ۲ جلسه" in found.text
    # Chosen in a form and not saved yet; and as a part of the other course instead.
    assert conflicts.of(clerk, draft, team=[(draft.instructor_id, None)]) == []
    other.instructor_id, own = someone(draft.unit).id, draft.instructor_id
    db.session.delete(part)
    part = make.save(CourseInstructor(course_id=other.id, instructor_id=own, minutes=1))
    assert met(draft) == []
    part.minutes = 80 * 60
    db.session.commit()
    assert [each.kind for each in met(draft)] == [Kind.INSTRUCTOR]


# -- Places ------------------------------------------------------------------------


def test_a_place_is_full_when_more_people_meet_in_it_than_it_holds_at_one_moment(draft):
    place = db.session.get(Place, draft.place_id)
    place.capacity = 40
    db.session.commit()
    room = make.save(make.Workshop(place_id=place.id, unit_id=draft.unit_id, title="کارگاه ۲", workstations=30))
    early = rival(draft, 0, start=8, end=10, workshop_id=room.id, capacity_max=25)
    late = rival(draft, 0, start=10, end=12, workshop_id=room.id, capacity_max=25)
    assert met(draft) == []  # 25 and 15, one after the other
    late.start_time = dt.time(9)
    db.session.query(make.CourseSession).filter_by(course_id=late.id).update({"start_time": dt.time(9)})
    db.session.commit()
    (found,) = met(draft)
    assert (found.kind, found.bars) == (Kind.PLACE, False)
    assert "۴۰ نفر جا دارد" in found.text
    assert "۶۵ نفر" in found.text
    assert {each.course_id for each in found.others} == {early.id, late.id}


@pytest.mark.parametrize(("kind", "warns"), [
    (PlaceKind.BUILDING, False), (PlaceKind.VIRTUAL, False), (PlaceKind.VILLAGE, True), (PlaceKind.PRISON, True),
])  # fmt: skip
def test_a_place_without_a_number_is_taken_whole_unless_it_is_a_building(draft, kind, warns):
    place = db.session.get(Place, draft.place_id)
    place.kind = kind
    room = make.save(make.Workshop(place_id=place.id, unit_id=draft.unit_id, title="کارگاه ۲", workstations=30))
    rival(draft, 0, workshop_id=room.id)
    assert bool(met(draft)) is warns


# -- Rules -------------------------------------------------------------------------


def spoil(draft, kind):
    """Let a draft collide in one way that is no other course."""
    if kind is Kind.SEATS:
        draft.workshop.workstations = 10
    elif kind is Kind.GENDER:
        draft.unit.gender = Gender.FEMALE
        db.session.get(Place, draft.place_id).gender = Gender.FEMALE
    elif kind is Kind.MORNING:
        draft.shift, draft.start_time, draft.end_time = Shift.EVENING, dt.time(16), dt.time(20)
    elif kind is Kind.WEEK:
        rule_of_week = {"name": "instructor_week_hours", "scope": "*", "valid_from": policy.today(), "value": 7}
        make.save(Policy(**rule_of_week))
    elif kind is Kind.SHIFT:
        draft.start_time, draft.end_time = dt.time(14, 30), dt.time(18, 30)
    elif kind is Kind.DOWN:
        who = draft.entered_by_id
        make.save(WorkshopDowntime(workshop_id=draft.workshop_id, starts_on=policy.today(), reason="نشت گاز",
                                   begun_by_id=who, created_at=utcnow()))  # fmt: skip
    elif kind is Kind.STANDARD:
        db.session.get(make.SkillStandard, draft.standard_id).retired_at = utcnow()
    db.session.commit()


SAID = {
    Kind.SEATS: ("capacity_max", "۱۰ جای کار", True),
    Kind.GENDER: ("gender", "برای زن", False),
    Kind.MORNING: ("shift", "شغل مربی تأیید نشده", False),
    Kind.WEEK: ("instructor_id", "بیش از ۷ ساعت در هفته", False),
    Kind.SHIFT: ("shift", "نوبت دوره «صبح»", False),
    Kind.DOWN: ("workshop_id", "نشت گاز", False),
    Kind.STANDARD: ("standard_id", "از رده خارج", True),
}


@pytest.mark.parametrize("kind", SAID)
def test_each_kind_is_refused_warned_or_left_out_by_its_policy(clerk, draft, kind):
    field, said, bars = SAID[kind]
    spoil(draft, kind)
    found = met(draft, kinds=(kind,))
    assert [(each.field, each.bars) for each in found] == [(field, bars)] * (2 if kind is Kind.GENDER else 1)
    assert said in found[0].text
    rule(kind, "refuse")
    with pytest.raises(Incomplete) as refused:
        send(clerk, draft)
    assert {gap.field for gap in refused.value.gaps} == {field}
    rule(kind, "off", scope="center")
    assert met(draft, kinds=(kind,)) == []
    assert send(clerk, draft).status is S.CENTER_REVIEW


@pytest.mark.once
@pytest.mark.parametrize(("start", "end", "shift", "asks"), [
    (7, 13, "morning", False), (12, 16, "morning", False), (13, 17, "morning", True), (8, 12, "evening", True),
    (16, 20, "evening", False), (18, 22, "night", False), (14, 18, "night", True), (9, 17, "full_day", False),
])  # fmt: skip
def test_a_class_is_questioned_when_most_of_it_lies_outside_its_shift(draft, start, end, shift, asks):
    found = met(draft, kinds=(Kind.SHIFT,), start_time=dt.time(start), end_time=dt.time(end), shift=Shift(shift))
    assert bool(found) is asks


@pytest.mark.once
def test_a_meeting_that_is_the_only_one_is_named_by_its_day(draft):
    rival(draft, 0)
    (found,) = met(draft)
    assert "کارگاه شنبه" in found.text
    assert "جلسه" not in found.text


@pytest.mark.once
def test_a_province_may_let_its_own_workshops_be_shared(clerk, draft):
    rival(draft, 0)
    rule("workshop", "warn", scope=draft.unit.province.code)
    assert [each.bars for each in met(draft)] == [False]
    assert send(clerk, draft).status is S.CENTER_REVIEW


@pytest.mark.once
def test_more_people_than_workstations_may_be_written_where_that_is_only_warned_of(clerk, draft):
    wanted = cases.complete_values(draft.unit, capacity_max=30)
    with pytest.raises(courses.Refused, match="۲۰ جای کار"):
        courses.save(clerk, draft.id, draft.version, wanted)
    rule("seats", "warn", scope="center")
    courses.save(clerk, draft.id, draft.version, wanted)
    assert [(each.kind, each.bars) for each in conflicts.of(clerk, draft) if each.field == "capacity_max"] == [
        (Kind.SEATS, False)
    ]
    assert send(clerk, draft).status is S.CENTER_REVIEW


# -- At approval -------------------------------------------------------------------


@pytest.fixture
def two(clerk, draft):
    """Two courses at the same hours, sent one after the other while that was only warned about."""
    make.route(levels="province")
    loose = rule("workshop", "warn"), rule("instructor", "warn")
    sent = [send(clerk, each) for each in (draft, cases.draft(clerk))]
    for each in loose:
        db.session.delete(each)
    db.session.commit()
    return sent


def test_of_two_that_were_sent_the_first_is_approved_and_the_second_is_refused_at_every_level(two):
    first, second = two
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    with pytest.raises(DomainError, match="گرفته شده") as refused:
        cases.advance(reviewer, second.id, Action.APPROVE)
    assert policy_digits(first.code) in str(refused.value)
    seen = {each.kind: each.bars for each in courses.case(reviewer, first.id).clashes}
    assert seen == {Kind.WORKSHOP: False, Kind.INSTRUCTOR: False}
    assert all(each.bars for each in courses.case(reviewer, second.id).clashes)
    assert cases.advance(reviewer, first.id, Action.APPROVE).status is S.APPROVED
    with pytest.raises(DomainError, match="گرفته شده"):
        cases.advance(reviewer, second.id, Action.APPROVE)
    cases.advance(reviewer, second.id, Action.RETURN, reason=cases.ANY_REASON)


@pytest.mark.once
def test_what_has_spoiled_since_it_was_sent_is_refused_at_approval(clerk, draft):
    make.route(levels="province")
    send(clerk, draft)
    spoil(draft, Kind.SEATS)
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    with pytest.raises(DomainError, match="۱۰ جای کار"):
        cases.advance(reviewer, draft.id, Action.APPROVE)
    assert db.session.get(Course, draft.id, populate_existing=True).status is S.PROVINCE_REVIEW


def test_real_meetings_count_at_approval_and_not_the_plan(clerk, draft, queries):
    """A meeting of the sent course that lies elsewhere than its plan says, such as one that was moved."""
    make.route(levels="province")
    send(clerk, draft)
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    rival(draft, 1)
    assert courses.case(reviewer, draft.id).clashes == []
    make.save(make.CourseSession(course_id=draft.id, on_date=SATURDAY + DAY, start_time=dt.time(10),
                                 end_time=dt.time(11)))  # fmt: skip
    assert [each.kind for each in courses.case(reviewer, draft.id).clashes] == [Kind.WORKSHOP]


@pytest.mark.once
def test_an_academy_needs_its_license_by_policy(clerk):
    academy = make.unit(UnitKind.ACADEMY)
    make.instructor(academy, make.first(make.TradeField))
    course = make.course(S.DRAFT, academy)
    assert [(each.field, each.bars) for each in met(course, kinds=(Kind.LICENSE,))] == [("license", True)]
    rule("license", "warn")
    assert [each.bars for each in met(course, kinds=(Kind.LICENSE,))] == [False]


@pytest.mark.parametrize("names", [{}, {"workshop_id": None}, {"instructor_id": None}, {"start_time": None},
                                   {"start_on": None}, {"weekdays": 0}, {"standard_id": None}])  # fmt: skip
def test_a_draft_with_anything_missing_is_looked_at_all_the_same(draft, names, queries):
    rival(draft, 0)
    with queries() as seen:
        found = met(draft, **names)
    assert len(seen) <= 4
    assert bool(found) is (names in ({}, {"instructor_id": None}, {"standard_id": None}))
