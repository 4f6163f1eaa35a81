"""Marks of attendance: who may make them, which one stands, and what a class knows of who was there."""

import datetime as dt
import uuid

import pytest
import time_machine

from models import Attendance, AttendanceMark, AuditEvent, CourseStatus, Presence, Role, db, utcnow
from services import jalali
from services.access import Actor
from services.attendance import marking, reading, sheets, wording
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from tests import class_cases, make
from tests.class_cases import acting, enroll, mark

P = Presence


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def teacher(unit):
    return class_cases.instructor(unit)


@pytest.fixture
def course(teacher):
    return class_cases.course(teacher)


@pytest.fixture
def clerk(unit):
    return acting(make.user(Role.CLERK, unit))


def stands() -> dict[int, Presence]:
    db.session.rollback()
    return {row.enrollment_id: row.presence for row in db.session.query(Attendance)}


def record(who, meeting, *marks, reason=""):
    """As a user of an instructor, or as an actor of the center."""
    return marking.record(who if isinstance(who, Actor) else acting(who), meeting.id, marks, reason)


def test_marks_of_a_meeting_stand_once_and_a_repeat_of_them_finds_the_first(teacher, course):
    meeting, one, two = class_cases.meeting(course), enroll(course), enroll(course)
    sent = (mark(one, P.PRESENT), mark(two))
    first = record(teacher, meeting, *sent)
    assert [(told.stands, told.is_taken, told.said) for told in first] == [(P.PRESENT, True, ""), (P.ABSENT, True, "")]
    assert record(teacher, meeting, *sent) == first
    assert stands() == {one.id: P.PRESENT, two.id: P.ABSENT}
    assert db.session.query(AttendanceMark).count() == 2
    assert {row.version for row in db.session.query(Attendance)} == {1}


def test_a_mark_whose_first_answer_was_lost_does_not_outlive_the_one_pressed_after_it(teacher, course):
    """The line was slow for the first and quick for the second, which by its age seems to be the older one."""
    meeting, one = class_cases.meeting(course), enroll(course)
    first = mark(one, P.LATE)
    record(teacher, meeting, first)
    told = record(teacher, meeting, first, mark(one, P.PRESENT, ago_s=2, seen=P.LATE))
    assert {(each.stands, each.is_taken, each.said) for each in told} == {(P.PRESENT, True, "")}
    assert stands() == {one.id: P.PRESENT}


def test_of_two_phones_the_mark_said_last_stands_however_late_the_other_comes(teacher, course):
    meeting, one = class_cases.meeting(course), enroll(course, last_name="رضایی", first_name="لیلا")
    record(teacher, meeting, mark(one, P.LATE, ago_s=60))
    late = record(teacher, meeting, mark(one, P.ABSENT, ago_s=900))[0]
    assert (late.stands, late.is_taken) == (P.LATE, True)
    assert late.said.startswith("«لیلا رضایی»: پس از آن، ساعت")
    assert "«با تأخیر» ثبت شده است و همان ماند" in late.said
    newer = record(teacher, meeting, mark(one, P.PRESENT))[0]
    assert newer.said == "«لیلا رضایی»: پیش‌تر «با تأخیر» بود؛ اکنون «حاضر» است."
    seen = record(teacher, meeting, mark(one, P.ABSENT, seen=P.PRESENT))[0]
    assert (seen.said, stands()) == ("", {one.id: P.ABSENT})
    assert [row.held for row in db.session.query(AttendanceMark).order_by(AttendanceMark.id)] == [True, False] + [
        True
    ] * 2


def test_the_center_corrects_with_a_reason_and_its_word_is_the_last(teacher, course, clerk):
    meeting, one = class_cases.meeting(course, 2), enroll(course)
    record(teacher, meeting, mark(one))
    with pytest.raises(DomainError, match="بنویسید چرا") as refused:
        record(clerk, meeting, mark(one, P.EXCUSED))
    assert refused.value.field == "reason"
    record(clerk, meeting, mark(one, P.EXCUSED), reason="گواهی پزشک آورد")
    assert record(teacher, meeting, mark(one))[0].said.endswith("اگر درست نیست به مرکز بگویید.")
    assert record(teacher, meeting, mark(one, P.EXCUSED))[0].said == ""
    assert stands() == {one.id: P.EXCUSED}
    assert db.session.query(Attendance).one().marked_by_id == clerk.user_id
    event = db.session.query(AuditEvent).filter_by(action=sheets.CORRECTED).one()
    assert event.detail == {"reason": "گواهی پزشک آورد", "changes": {str(one.id): ["absent", "excused"]}}
    assert [(what[1:3]) for what in sheets.corrections(meeting.id)] == [
        (f"{clerk.name} ۱ علامت را تصحیح کرد", "گواهی پزشک آورد")
    ]


@pytest.mark.once
def test_only_those_enrolled_at_the_meeting_are_on_its_sheet(teacher, course):
    meeting = class_cases.meeting(course, 5)
    there, left_since = enroll(course, last_name="الف"), enroll(course, until_days=2, last_name="ب")
    left_before, came_later = enroll(course, until_days=9), enroll(course, since_days=1)
    sheet = sheets.sheet(acting(teacher), meeting.id)
    assert [line.enrollment_id for line in sheet.lines] == [there.id, left_since.id]
    told = record(teacher, meeting, *(mark(each) for each in (left_before, came_later, there)))
    assert {each.enrollment_id: (each.is_taken, each.said) for each in told} == {
        there.id: (True, ""),
        left_before.id: (False, wording.NOT_THERE),
        came_later.id: (False, wording.NOT_THERE),
    }
    assert stands() == {there.id: P.ABSENT}


def test_a_meeting_is_marked_from_its_day_on_and_for_a_week(teacher, course, clerk):
    one, tomorrow, old = enroll(course), class_cases.meeting(course, -1), class_cases.meeting(course, 8)
    with pytest.raises(DomainError, match="از همان روز"):
        record(teacher, tomorrow, mark(one))
    told = record(teacher, old, mark(one))[0]
    assert (told.is_taken, "تصحیح آن با مرکز است" in told.said, stands()) == (False, True, {})
    day = 24 * 3600
    assert record(teacher, old, mark(one, ago_s=2 * day))[0].is_taken  # said in time, and without a line until now
    assert db.session.query(AttendanceMark).one().said_at < utcnow() - dt.timedelta(days=1)
    record(clerk, old, mark(one, P.PRESENT), reason="برگهٔ کاغذی")
    assert stands() == {one.id: P.PRESENT}


def test_a_clock_that_is_wrong_marks_neither_the_future_nor_before_the_day(teacher, course):
    meeting, one, two = class_cases.meeting(course), enroll(course), enroll(course)
    record(teacher, meeting, mark(one, ago_s=10**12), mark(two, ago_s=-500))
    first, last = [row.said_at for row in db.session.query(AttendanceMark).order_by(AttendanceMark.enrollment_id)]
    assert first == jalali.from_tehran(meeting.on_date, dt.time.min)
    assert last <= utcnow()


@pytest.mark.parametrize("key", ["", "short", "x" * 37, "با-فارسی-هم"])
def test_a_key_that_no_page_of_ours_makes_is_refused(teacher, course, key):
    meeting, one = class_cases.meeting(course), enroll(course)
    assert record(teacher, meeting, mark(one, key=key))[0].said == wording.NOT_OURS
    assert stands() == {}


@pytest.mark.once
def test_a_key_cannot_be_used_for_somebody_else_or_something_else(teacher, course):
    meeting, one, two = class_cases.meeting(course), enroll(course), enroll(course)
    key = str(uuid.uuid4())
    record(teacher, meeting, mark(one, key=key))
    for other in (mark(two, key=key), mark(one, P.PRESENT, key=key)):
        assert record(teacher, meeting, other)[0].said == wording.OTHER
    assert stands() == {one.id: P.ABSENT}


def test_a_class_belongs_to_its_instructor_and_its_center_alone(unit, teacher, course, clerk):
    meeting, one = class_cases.meeting(course), enroll(course)
    elsewhere = acting(make.user(Role.MANAGER, make.unit()))
    for stranger in (acting(class_cases.instructor(unit)), elsewhere):
        for act in (lambda who: marking.record(who, meeting.id, [mark(one)], "دلیل"),
                    lambda who: sheets.sheet(who, meeting.id), lambda who: sheets.whole(who, course.id)):  # fmt: skip
            with pytest.raises(OutsideTerritory):
                act(stranger)
    counselor = acting(make.user(Role.COUNSELOR, unit))
    assert sheets.sheet(counselor, meeting.id).lines
    with pytest.raises(NotAllowed):
        marking.record(counselor, meeting.id, [mark(one)], "دلیل")
    assert stands() == {}


@pytest.mark.once
@pytest.mark.parametrize("status", [CourseStatus.DRAFT, CourseStatus.CENTER_REVIEW, CourseStatus.CANCELED])
def test_what_is_no_class_has_no_sheet(teacher, clerk, status):
    meeting = class_cases.meeting(class_cases.course(teacher, status))
    for who in (acting(teacher), clerk):
        with pytest.raises(NotFound):
            sheets.sheet(who, meeting.id)
        with pytest.raises(NotFound):
            sheets.whole(who, meeting.course_id)


def test_a_class_knows_the_share_of_absences_of_each_and_which_sheets_are_not_full(teacher, course):
    days = [class_cases.meeting(course, ago) for ago in (9, 6, 2)]
    one = enroll(course)
    enroll(course, since_days=4, first_name=None, last_name=None)
    with time_machine.travel(utcnow() - dt.timedelta(days=5)):
        for meeting, presence in zip(days, (P.ABSENT, P.LATE), strict=False):
            record(teacher, meeting, mark(one, presence))
    record(teacher, days[2], mark(one, P.EXCUSED))
    found = sheets.whole(acting(teacher), course.id)
    assert [(each.marked, each.expected, each.is_whole) for each in found.meetings] == [(1, 1, True)] * 2 + [
        (1, 2, False)
    ]
    assert [(each.away, each.excused, each.marked, each.share) for each in found.members] == [
        (2, 1, 3, 67),
        (0, 0, 0, 0),
    ]
    ahead = [class_cases.meeting(course, -n) for n in (1, 3)]
    groups = sheets.whole(acting(teacher), course.id).groups(class_cases.today())
    assert [[each.session.id for each in group] for group in groups] == [
        [days[2].id, ahead[0].id],
        [days[0].id, days[1].id],
        [ahead[1].id],
    ]
    near = reading.between(acting(teacher), days[0].on_date, class_cases.today())
    assert [each.session.id for each in reading.unmarked(near, utcnow())] == [days[2].id]


def test_classes_of_before_stay_with_the_person_who_taught_them(teacher, course):
    there = class_cases.course(class_cases.instructor(make.unit()))
    moved = class_cases.course(teacher, CourseStatus.FINISHED, end_on=class_cases.today() - dt.timedelta(days=3))
    engagement = make.first(type(course.instructor), id=course.instructor_id)
    engagement.is_active, engagement.ended_on = False, class_cases.today()
    db.session.commit()
    me, today = acting(teacher), class_cases.today()
    assert [row.id for row in reading.own_classes(me, today).courses] == [course.id]
    assert [row.id for row in reading.own_classes(me, today, over=True).courses] == [moved.id]
    with pytest.raises(OutsideTerritory):
        reading.get(me, there.id)
