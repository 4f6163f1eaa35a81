"""Absence beyond the limit, what is said of people once a course is over, and who may go to the exam."""

import datetime as dt

import pytest

from models import Completion, CourseStatus, Enrollment, EnrollmentEvent, Message, Policy, Presence, Role, db, utcnow
from services.attendance import absence, marking, warning
from services.enrollment import completion
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import class_cases, make
from tests.class_cases import acting, enroll, mark

P, C = Presence, Completion


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return acting(make.user(Role.CLERK, unit, person=make.person(first_name="نرگس", last_name="کریمی")))


@pytest.fixture
def teacher(unit):
    return class_cases.instructor(unit)


@pytest.fixture
def running(teacher):
    return class_cases.course(teacher)


@pytest.fixture
def over(teacher):
    return class_cases.course(teacher, CourseStatus.FINISHED)


def attend(course, teacher, *rows: tuple[Enrollment, int], of: int = 5) -> None:
    """Meetings of a course, of which each of these people has missed so many of the last ones."""
    for n in range(of):
        meeting = class_cases.meeting(course, n + 1)
        marks = (mark(row, P.ABSENT if n < missed else P.PRESENT) for row, missed in rows)
        marking.record(acting(teacher), meeting.id, tuple(marks))


def warned() -> list[int]:
    rows = db.session.query(Message).filter_by(template=warning.TEMPLATE).order_by(Message.enrollment_id)
    return [row.enrollment_id for row in rows]


def test_who_misses_a_fifth_of_the_hours_is_warned_once_and_anew_where_the_limit_becomes_another(running, teacher):
    one, two = enroll(running), enroll(running)
    gone = enroll(running, until_days=0)
    attend(running, teacher, (one, 1), (two, 0), (gone, 5))
    warning.warn(utcnow())
    warning.warn(utcnow())
    assert warned() == [one.id]
    assert "۲۰ درصد" in make.first(Message, enrollment_id=one.id, template=warning.TEMPLATE).body
    marking.record(acting(teacher), class_cases.meeting(running, 0).id, (mark(two),))
    warning.warn(utcnow())
    assert warned() == [one.id]  # one of six
    make.save(Policy(name=absence.PERCENT, scope="*", valid_from=class_cases.today(), value=15))
    warning.warn(utcnow())
    assert warned() == [one.id, one.id, two.id]
    make.save(Policy(name=absence.PERCENT, scope=running.unit.kind.value, valid_from=class_cases.today(), value=0))
    db.session.query(Message).delete()
    db.session.commit()
    warning.warn(utcnow())
    assert warned() == []


def test_the_end_is_proposed_from_the_attendance_and_said_only_once_the_course_is_over(over, running, teacher, clerk):
    one, two = enroll(over, last_name="آذری"), enroll(over, last_name="بهاری")
    attend(over, teacher, (one, 0), (two, 2))
    late = enroll(over, last_name="یاری", since_days=0)
    sheet = completion.sheet(clerk, over.id)
    proposed = [(line.enrollment_id, line.proposed, line.is_over) for line in sheet.lines]
    assert proposed == [(one.id, C.COMPLETED, False), (two.id, C.INCOMPLETE, True), (late.id, None, False)]
    assert (sheet.may, sheet.open) == (True, 3)
    make.save(Policy(name=absence.FOLLOWS, scope="*", valid_from=class_cases.today(), value="warn"))
    assert [line.proposed for line in completion.sheet(clerk, over.id).lines] == [C.COMPLETED, C.COMPLETED, None]
    other = enroll(running)
    with pytest.raises(DomainError, match="هنوز تمام نشده"):
        completion.say(clerk, running.id, {other.id: None}, {other.id: C.COMPLETED})
    with pytest.raises(NotAllowed):
        completion.say(acting(teacher), over.id, {one.id: None}, {one.id: C.COMPLETED})
    with pytest.raises(OutsideTerritory):
        completion.say(acting(make.user(Role.CLERK, make.unit())), over.id, {one.id: None}, {one.id: C.COMPLETED})


def test_of_two_tabs_the_second_one_loses_nothing_and_a_change_asks_for_its_reason(over, clerk):
    one, two = enroll(over, first_name="لیلا", last_name="رضایی"), enroll(over)
    shown: dict = {one.id: None, two.id: None}
    first = {one.id: C.COMPLETED, two.id: C.COMPLETED}
    assert completion.say(clerk, over.id, shown, first) == 2
    assert completion.say(clerk, over.id, shown, first) == 0  # the same form again
    with pytest.raises(Conflict, match="«لیلا رضایی»: به پایان رساند \\(نرگس کریمی"):
        completion.say(clerk, over.id, shown, {one.id: C.INCOMPLETE, two.id: None})
    with pytest.raises(DomainError) as refused:
        completion.say(clerk, over.id, first, {one.id: C.INCOMPLETE, two.id: C.COMPLETED})
    assert refused.value.field == "reason"
    assert completion.say(clerk, over.id, first, {one.id: C.INCOMPLETE, two.id: C.COMPLETED}, "غیبت بی‌خبر") == 1
    db.session.rollback()
    stands = {row.id: row.completion for row in db.session.query(Enrollment.id, Enrollment.completion)}
    assert stands == {one.id: C.INCOMPLETE, two.id: C.COMPLETED}
    assert make.first(Enrollment, id=one.id).completed_by_id == clerk.user_id
    assert [told[1:3] for told in completion.history(over.id)][:1] == [("نرگس کریمی: لیلا رضایی، ناتمام", "غیبت بی‌خبر")]
    assert db.session.query(EnrollmentEvent).count() == 3


def test_a_course_is_over_on_the_day_after_its_last_one(teacher, clerk):
    today = class_cases.today()
    ended = class_cases.course(teacher, CourseStatus.RUNNING, end_on=today - dt.timedelta(days=1))
    assert completion.is_over(ended)
    assert not completion.is_over(class_cases.course(teacher, CourseStatus.RUNNING, end_on=today))
    canceled = class_cases.course(teacher, CourseStatus.CANCELED, end_on=today - dt.timedelta(days=1))
    assert not completion.is_over(canceled)
