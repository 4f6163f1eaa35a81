"""Ending an enrollment: by the clerk within minutes, by the trainee, by the center, for somebody who never came.

The seat is freed and the credit goes back to the purse it came from, where the rule says so, in one transaction.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from models import (
    Attendance,
    Course,
    CourseStatus,
    EndCause,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Person,
    Presence,
    Unit,
    db,
    utcnow,
)
from services import ledger, messages, policy, text
from services.access import Actor, Visitor
from services.courses.reading import units_of_staff
from services.enrollment import leaving
from services.enrollment.leaving import Terms
from services.enrollment.moving import TAKES
from services.enrollment.seats import free_seat
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic, retried

LONGEST_REASON = 300
BY_STAFF = (EndCause.CENTER, EndCause.NO_SHOW)


def can_undo(actor_id: int, enrollment: Enrollment) -> bool:
    """Whether the clerk who made it may still take it back.

    Source: docs/rules.md R-27.
    """
    if enrollment.created_by_id != actor_id or enrollment.status is not EnrollmentStatus.ACTIVE:
        return False
    minutes = int(policy.value("undo_minutes", enrollment.course.unit))
    return utcnow() - enrollment.created_at < timedelta(minutes=minutes)


@retried
def undo(actor: Actor, enrollment_id: int) -> Enrollment:
    """Take back an enrollment made by `actor` a short while ago; repeating it changes nothing more.

    Raises:
        OutsideTerritory, NotAllowed: not theirs, or too late.
    """
    enrollment = _read(enrollment_id)
    if enrollment.unit_id not in actor.units:
        raise OutsideTerritory("enrollment", enrollment_id)
    if enrollment.status is EnrollmentStatus.ACTIVE and not can_undo(actor.user_id, enrollment):
        raise NotAllowed(
            "زمان برگرداندن این ثبت‌نام گذشته است یا کاربر دیگری آن را انجام داده است. چیزی تغییر نکرد. "
            "کارآموز تا پیش از شروع دوره می‌تواند از صفحهٔ خود انصراف دهد و اعتبار به پرداخت‌کننده برمی‌گردد."
        )
    return _cancel(enrollment, EndCause.UNDO, actor_id=actor.user_id)


@retried
def withdraw(person: Person | Visitor, enrollment_id: int, *, seen: bool | None = None) -> Enrollment:
    """The trainee's own withdrawal, while the course has not ended; by rule without the credit once it has begun.

    Args:
        seen: whether the page said that the credit comes back; less than that is not done.

    Raises:
        NotFound, OutsideTerritory: not theirs. NotAllowed: the course has ended.
        Conflict: the terms are others since.

    Source: docs/rules.md R-28, R-640.
    """
    enrollment = _read(enrollment_id)
    if enrollment.person_id != person.id:
        raise OutsideTerritory("enrollment", enrollment.id)
    if enrollment.status is EnrollmentStatus.ACTIVE and leaving.is_over(enrollment):
        raise NotAllowed("دوره به پایان رسیده است و انصراف ممکن نیست. چیزی تغییر نکرد.")
    return _cancel(enrollment, EndCause.WITHDRAW, actor_id=None, seen=seen)


@retried
def end(actor: Actor, enrollment_id: int, cause: EndCause, reason: str, *, seen: bool | None = None) -> Enrollment:
    """Staff of the course's unit end an enrollment: the center cancels it, or the person has not come.

    Raises:
        OutsideTerritory, NotFound, NotAllowed: not theirs, or the course has ended.
        DomainError: no reason, or the person has not been away.
        Conflict: the enrollment has ended in another way, or the terms are others since.

    Source: docs/rules.md R-641, R-642.
    """
    said = text.clean(reason)[:LONGEST_REASON]
    enrollment = _of_unit(actor, enrollment_id)
    if enrollment.status is EnrollmentStatus.ACTIVE:
        if not said:
            raise DomainError("دلیل را بنویسید؛ در تاریخچهٔ ثبت‌نام می‌ماند", field="reason")
        if leaving.is_over(enrollment):
            raise NotAllowed("دوره به پایان رسیده است و ثبت‌نام لغو نمی‌شود. چیزی تغییر نکرد.")
        _refuse_present(enrollment, cause)
    return _cancel(enrollment, cause, actor_id=actor.user_id, reason=said, seen=seen)


def to_end(actor: Actor, enrollment_id: int) -> Enrollment:
    """An enrollment that this person may end, with its person.

    Raises:
        OutsideTerritory, NotFound, NotAllowed: as `end`.
    """
    return _of_unit(actor, enrollment_id)


def can_end(enrollment: Enrollment) -> bool:
    """Whether there is something to end."""
    return enrollment.status is EnrollmentStatus.ACTIVE and not leaving.is_over(enrollment)


def may_end(actor: Actor, course: Course) -> bool:
    """Whether this person ends enrollments of others in a course: staff of its unit, until it is over."""
    return course.unit_id in units_of_staff(actor) and course.status in (*TAKES, CourseStatus.RUNNING)


def accept_objection(actor_id: int, enrollment_id: int) -> None:
    """End an enrollment whose debit its person has rightly objected to; one that was ended before stays so.

    Who may say so, and on what, is decided by `services/purses/objections.py`.
    """
    _cancel(_read(enrollment_id), EndCause.OBJECTION, actor_id=actor_id)


def _read(enrollment_id: int) -> Enrollment:
    query = (
        select(Enrollment)
        .where(Enrollment.id == enrollment_id)
        .options(joinedload(Enrollment.course).joinedload(Course.unit).joinedload(Unit.province))
        .options(joinedload(Enrollment.person))
        .execution_options(populate_existing=True)
    )
    enrollment = db.session.scalar(query)
    if enrollment is None:
        raise NotFound("این ثبت‌نام پیدا نشد.")
    return enrollment


def _of_unit(actor: Actor, enrollment_id: int) -> Enrollment:
    enrollment = _read(enrollment_id)
    if enrollment.course.unit_id not in actor.units:
        raise OutsideTerritory("enrollment", enrollment_id)
    if enrollment.course.unit_id not in units_of_staff(actor):
        raise NotAllowed("لغو ثبت‌نام را کارشناس یا مدیر مرکز همان دوره انجام می‌دهد. چیزی تغییر نکرد.")
    return enrollment


def _refuse_present(enrollment: Enrollment, cause: EndCause) -> None:
    """Somebody who has not come has been marked as there at no meeting, and the course has begun."""
    if cause is not EndCause.NO_SHOW:
        return
    if not leaving.has_begun(enrollment):
        raise DomainError("دوره هنوز شروع نشده است؛ «نیامد» پس از شروع دوره ثبت می‌شود", field="cause")
    was_there = Attendance.presence.in_((Presence.PRESENT, Presence.LATE))
    if db.session.scalar(select(Attendance.id).where(Attendance.enrollment_id == enrollment.id, was_there).limit(1)):
        raise DomainError("این شخص در دست‌کم یک جلسه حاضر بوده است؛ «نیامد» برای او ثبت نمی‌شود", field="cause")


def _cancel(
    enrollment: Enrollment,
    cause: EndCause,
    *,
    actor_id: int | None,
    reason: str = "",
    seen: bool | None = None,
) -> Enrollment:
    with atomic():
        terms = leaving.terms(enrollment, cause)
        db.session.execute(select(Person.id).where(Person.id == enrollment.person_id).with_for_update(key_share=True))
        canceled = db.session.execute(
            update(Enrollment)
            .where(Enrollment.id == enrollment.id, *_still(cause))
            .values(status=EnrollmentStatus.CANCELED, canceled_at=utcnow(), end_cause=cause)
            .returning(Enrollment.id, Enrollment.payer_account_id, Enrollment.fee_rials)
            .execution_options(synchronize_session=False)
        ).first()
        if canceled is not None:
            _refuse_other_terms(terms, seen)
            if terms.returns:
                _give_back(canceled, actor_id)
            event = {"enrollment_id": enrollment.id, "actor_id": actor_id, "action": cause.value}
            db.session.add(EnrollmentEvent(**event, reason="؛ ".join(filter(None, (reason, terms.done)))[:300]))
            messages.tell(
                enrollment.person_id,
                "enrollment_canceled",
                _notice(enrollment, cause, terms),
                cause_key=f"enrollment:{enrollment.id}:canceled",
                enrollment_id=enrollment.id,
            )
            free_seat(enrollment.course_id)
    db.session.refresh(enrollment)
    if enrollment.status is not EnrollmentStatus.CANCELED:
        raise Conflict("مرکز در این میان پایان این دوره را ثبت کرده است و ثبت‌نام آن لغو نمی‌شود. چیزی تغییر نکرد.")
    if cause in BY_STAFF and enrollment.end_cause is not cause:
        raise Conflict(f"این ثبت‌نام پیش‌تر پایان یافته است ({_why(enrollment)}). چیزی دوباره تغییر نکرد.")
    return enrollment


def _still(cause: EndCause) -> tuple[ColumnElement[bool], ...]:
    """SQL: an enrollment that is there to be ended when we write, whatever it was when we looked.

    Nobody leaves a course of which it is said in the same moment how they have ended it; a rightful objection counts.
    """
    active = Enrollment.status == EnrollmentStatus.ACTIVE
    return (active,) if cause is EndCause.OBJECTION else (active, Enrollment.completion.is_(None))


def _why(enrollment: Enrollment) -> str:
    return leaving.ENDED[enrollment.end_cause][1] if enrollment.end_cause else "لغو"


def _refuse_other_terms(terms: Terms, seen: bool | None) -> None:
    """Nobody loses credit that the page had said would come back."""
    if seen and terms.rials and not terms.returns:
        raise Conflict(f"شرط‌ها در این میان تغییر کرد. {terms.said} اگر باز هم می‌خواهید، دوباره تأیید کنید.")


def _give_back(ended: Any, actor_id: int | None) -> None:
    """As the row stands when it ends: what was owed may have been paid since it was read."""
    if not ended.fee_rials or ended.payer_account_id is None:
        return
    ledger.give_back([(ended.id, ended.payer_account_id, ended.fee_rials)], actor_id)


def _notice(enrollment: Enrollment, cause: EndCause, terms: Terms) -> str:
    code = text.persian_digits(enrollment.tracking_code)
    why = {EndCause.CENTER: " از سوی مرکز", EndCause.NO_SHOW: "، چون به دوره نیامدید،"}.get(cause, "")
    back = f" {terms.done}" if terms.done else ""
    return f"ثبت‌نام شما در دورهٔ «{enrollment.course.title}»{why} لغو شد.{back} کد رهگیری: {code}"
