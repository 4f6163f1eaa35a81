"""Several phones on one sheet at once, and the center in between: each mark once, one that stands, nobody refused."""

import uuid

import pytest

from models import Attendance, AttendanceMark, Presence, Role, db
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


def sent(ids, presence, age_s):
    return [Mark(str(uuid.uuid4()), each, presence, age_s) for each in ids]


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
