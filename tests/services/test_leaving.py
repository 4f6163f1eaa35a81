"""Leaving a course: by whom, when, with which cause, and by which rule the credit comes back to its purse."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from models import (
    Attendance,
    CourseStatus,
    EndCause,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Message,
    Policy,
    Role,
    db,
)
from services import books, enrollment, policy
from services.enrollment import leaving, slips, transfer
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import change_cases as changes
from tests import course_cases as cases
from tests import make

S, WHY = CourseStatus, "در مصاحبه پذیرفته نشد"


@pytest.fixture
def people():
    return changes.staff()


def begin(course, days: int = 1) -> None:
    """The course runs since so many days."""
    start = policy.today() - dt.timedelta(days=days)
    course.status, course.start_on, course.end_on = S.RUNNING, start, start + dt.timedelta(days=30)
    db.session.commit()


def row_of(enrollment_id: int) -> Enrollment:
    return db.session.get_one(Enrollment, enrollment_id, populate_existing=True)


def said(enrollment_id: int) -> str:
    query = select(Message.body).where(
        Message.enrollment_id == enrollment_id, Message.template == "enrollment_canceled"
    )
    return db.session.scalars(query).one()


def withdraw(enrollment_id: int, **seen) -> None:
    enrollment.withdraw(row_of(enrollment_id).person, enrollment_id, **seen)


def test_before_the_start_the_credit_comes_back_to_who_paid_and_after_it_not_and_both_are_named(people):
    course, payer = changes.live(people.unit), make.person()
    early, late = changes.enroll(course, payer=payer), changes.enroll(course)
    withdraw(early, seen=True)
    begin(course)
    withdraw(late, seen=False)
    assert [row_of(each).end_cause for each in (early, late)] == [EndCause.WITHDRAW] * 2
    assert [changes.balance_of(each) for each in (early, late)] == [changes.FEE, 0]
    assert "قاعدهٔ «انصراف پیش از شروع دوره»: ۵۰٬۰۰۰ ریال به همان اعتباری که پرداخت کرده بود برگشت" in said(early)
    assert "قاعدهٔ «انصراف پس از شروع دوره»: ۵۰٬۰۰۰ ریال به اعتبار برنگشت" in said(late)
    assert slips.last_word(late) in said(late)
    assert books.differences().count == 0


def test_credit_that_the_page_had_promised_is_not_kept_back_when_the_terms_change_under_it(people):
    course = changes.live(people.unit)
    row = changes.enroll(course)
    make.save(Policy(name="refund_withdraw", scope="*", value=False, valid_from=policy.today()))
    with pytest.raises(Conflict, match="شرط‌ها"):
        withdraw(row, seen=True)
    assert (row_of(row).status, changes.odd()) == (EnrollmentStatus.ACTIVE, [])
    withdraw(row, seen=False)
    assert (changes.balance_of(row), books.differences().count) == (0, 0)


def test_a_course_that_has_ended_is_left_by_nobody(people):
    course = changes.live(people.unit)
    row = changes.enroll(course)
    begin(course, days=40)
    with pytest.raises(NotAllowed, match="پایان"):
        withdraw(row)
    with pytest.raises(NotAllowed, match="پایان"):
        enrollment.end(people.clerk, row, EndCause.CENTER, WHY)


def test_a_center_cancels_with_a_reason_and_the_credit_comes_back_once(people):
    course = changes.live(people.unit)
    row = changes.enroll(course)
    with pytest.raises(DomainError, match="دلیل"):
        enrollment.end(people.clerk, row, EndCause.CENTER, " ")
    for _ in range(2):
        assert enrollment.end(people.clerk, row, EndCause.CENTER, WHY, seen=True).end_cause is EndCause.CENTER
    event = db.session.scalars(select(EnrollmentEvent).where(EnrollmentEvent.action == "center")).one()
    assert (event.actor_id, event.reason.startswith(WHY)) == (people.clerk.user_id, True)
    assert WHY not in said(row)  # the reason is for the history, not for an SMS
    assert (changes.balance_of(row), changes.odd()) == (changes.FEE, [])
    with pytest.raises(Conflict, match="لغو مرکز"):
        enrollment.end(people.clerk, row, EndCause.NO_SHOW, WHY)


def test_who_never_came_leaves_without_the_credit_once_the_course_has_begun_and_nobody_who_was_there(people):
    course = changes.live(people.unit)
    away, there = changes.enroll(course), changes.enroll(course)
    with pytest.raises(DomainError, match="شروع نشده"):
        enrollment.end(people.clerk, away, EndCause.NO_SHOW, WHY)
    begin(course)
    meeting = db.session.scalars(select(changes.schedule.CourseSession.id)).first()
    mark = {"session_id": meeting, "course_id": course.id, "presence": "late", "marked_by_id": people.clerk.user_id}
    make.save(Attendance(enrollment_id=there, **mark))
    with pytest.raises(DomainError, match="حاضر"):
        enrollment.end(people.clerk, there, EndCause.NO_SHOW, WHY)
    enrollment.end(people.clerk, away, EndCause.NO_SHOW, WHY)
    assert (row_of(away).end_cause, changes.balance_of(away)) == (EndCause.NO_SHOW, 0)
    assert "نیامدید" in said(away)
    assert (changes.is_active(there), books.differences().count) == (True, 0)


def test_only_staff_of_the_unit_end_enrollments_of_others(people):
    course = changes.live(people.unit)
    row = changes.enroll(course)
    with pytest.raises(NotAllowed):
        enrollment.end(cases.staff(Role.COUNSELOR, people.unit), row, EndCause.CENTER, WHY)
    with pytest.raises(OutsideTerritory):
        enrollment.end(cases.staff(Role.MANAGER, make.unit()), row, EndCause.CENTER, WHY)
    assert changes.is_active(row)


def test_every_other_way_out_has_its_cause_too(people):
    course, other = changes.live(people.unit), changes.live(people.unit)
    moved, shrunk, ended, undone = (changes.enroll(course) for _ in range(4))
    transfer.move(people.clerk, changes.key(), moved, other.id, WHY)
    db.session.execute(update(Enrollment).where(Enrollment.id == undone).values(created_by_id=people.clerk.user_id))
    db.session.commit()
    enrollment.undo(people.clerk, undone)
    for wish in (changes.wish(course, capacity_min=1, capacity_max=1), None):
        db.session.expire_all()
        if wish:
            change = changes.course_changes.edit(people.clerk, changes.key(), course.id, wish).change
        else:
            ending = changes.wish(course)
            change = changes.course_changes.end(people.clerk, changes.key(), course.id, ending).change
        changes.through(people, change.id)
    found = [row_of(each).end_cause for each in (moved, ended, shrunk, undone)]
    assert found == [EndCause.MOVED, EndCause.CENTER, EndCause.COURSE_CANCELED, EndCause.UNDO]
    assert changes.odd() == []
    assert all(each in leaving.ENDED for each in EndCause)
