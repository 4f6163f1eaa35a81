"""Several browsers on one sheet at once, and the center in between: each mark once, one that stands, nobody refused."""

import uuid

import pytest

from models import Attendance, AttendanceMark, CourseSession, Presence, Role, db
from services.attendance import marking
from services.attendance.marking import Mark
from tests import class_cases, make
from tests.class_cases import acting, enroll
from tests.race.crowd import storm

P = Presence
PEOPLE, PHONES = 5, 4


@pytest.fixture
def course():
    return class_cases.course(class_cases.instructor(make.unit()))


@pytest.fixture
def sheet(course):
    """The meeting of today and the enrollments on its sheet."""
    return class_cases.meeting(course).id, [enroll(course).id for _ in range(PEOPLE)]


def teacher(course):
    return acting(make.first(type(make.user()), person_id=course.instructor.person_id))


def sent(ids, presence, age_s, seen=None):
    return [Mark(str(uuid.uuid4()), each, presence, age_s, seen) for each in ids]


def test_of_many_phones_each_mark_counts_once_and_the_one_said_last_stands(app, course, sheet):
    meeting, ids = sheet
    who, presences = teacher(course), (P.PRESENT, P.ABSENT, P.EXCUSED, P.LATE)
    sendings = [sent(ids, presence, 600 - 100 * n) for n, presence in enumerate(presences)]

    def work(marks):
        told = marking.record(who, meeting, marks)
        return {each.is_taken for each in told}

    seen = storm(app, work, [*sendings, *sendings])
    assert seen == {"{True}": 2 * PHONES}
    assert {row.presence for row in db.session.query(Attendance)} == {P.LATE}
    assert db.session.query(Attendance).count() == PEOPLE
    assert db.session.query(AttendanceMark).count() == PEOPLE * PHONES


def test_the_center_and_a_phone_at_once_leave_what_the_center_said(app, course, sheet):
    meeting, ids = sheet
    phone = teacher(course)
    center = acting(make.user(Role.MANAGER, course.unit))
    tasks = [(phone, sent(ids, P.ABSENT, 0)) for _ in range(PHONES)] + [(center, sent(ids, P.EXCUSED, 0))]
    seen = storm(app, lambda task: len(marking.record(task[0], meeting, task[1], "گواهی پزشک")), tasks)
    assert seen == {str(PEOPLE): PHONES + 1}
    assert {(row.presence, row.marked_by_id) for row in db.session.query(Attendance)} == {(P.EXCUSED, center.user_id)}


def test_two_browsers_that_save_one_sheet_at_once_keep_each_others_rows_and_say_what_the_other_has_replaced(
    app, course, sheet
):
    meeting, ids = sheet
    who = teacher(course)
    forms = [sent(ids[:3], P.PRESENT, 0), sent(ids[2:], P.ABSENT, 0)]
    seen = storm(app, lambda marks: sum(bool(each.said) for each in marking.record(who, meeting, marks)), forms)
    assert seen == {"0": 1, "1": 1}  # of the one row that both have pressed
    stand = {row.enrollment_id: row.presence for row in db.session.query(Attendance)}
    assert [stand.pop(ids[n]) for n in (0, 1, 3, 4)] == [P.PRESENT] * 2 + [P.ABSENT] * 2
    assert set(stand) == {ids[2]}


def test_control_with_the_sheet_as_a_browser_had_read_it_the_word_of_the_center_is_silently_lost(
    app, course, sheet, monkeypatch
):
    meeting, ids = sheet
    who, center = teacher(course), acting(make.user(Role.MANAGER, course.unit))
    marking.record(who, meeting, sent(ids, P.PRESENT, 60))
    before = marking.sheets.lines(db.session.get_one(CourseSession, meeting))
    marking.record(center, meeting, sent(ids, P.EXCUSED, 0), "گواهی پزشک")
    monkeypatch.setattr(marking.sheets, "lines", lambda session: before)
    assert {each.said for each in marking.record(who, meeting, sent(ids, P.ABSENT, 0, P.PRESENT))} == {""}
    assert {row.presence for row in db.session.query(Attendance)} == {P.ABSENT}
