"""Taking an enrollment back: by the clerk within minutes, by the trainee until the course starts.

The seat is freed and the credit goes back to the purse it came from, in one transaction.
"""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from models import (
    Course,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Person,
    Unit,
    db,
    utcnow,
)
from services import ledger, messages, policy, text
from services.access import Actor, Visitor
from services.enrollment.commit import free_seat
from services.errors import Conflict, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic, retried


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
    return _cancel(enrollment, "undo", actor_id=actor.user_id)


@retried
def withdraw(person: Person | Visitor, enrollment_id: int) -> Enrollment:
    """The trainee's own withdrawal until the day before the course starts.

    Raises:
        NotFound, OutsideTerritory: not theirs. NotAllowed: the course has started.

    Source: docs/rules.md R-28.
    """
    enrollment = _read(enrollment_id)
    if enrollment.person_id != person.id:
        raise OutsideTerritory("enrollment", enrollment.id)
    if enrollment.course.start_on and enrollment.course.start_on <= policy.today():
        raise NotAllowed("دوره شروع شده است و انصراف از این‌جا ممکن نیست. با مرکز برگزارکننده تماس بگیرید.")
    return _cancel(enrollment, "withdraw", actor_id=None)


def accept_objection(actor_id: int, enrollment_id: int) -> None:
    """End an enrollment whose debit its person has rightly objected to; one that was ended before stays so.

    Who may say so, and on what, is decided by `services/purses/objections.py`.
    """
    _cancel(_read(enrollment_id), "objection", actor_id=actor_id)


def _read(enrollment_id: int) -> Enrollment:
    query = (
        select(Enrollment)
        .where(Enrollment.id == enrollment_id)
        .options(joinedload(Enrollment.course).joinedload(Course.unit).joinedload(Unit.province))
        .execution_options(populate_existing=True)
    )
    enrollment = db.session.scalar(query)
    if enrollment is None:
        raise NotFound("این ثبت‌نام پیدا نشد.")
    return enrollment


def _cancel(enrollment: Enrollment, action: str, *, actor_id: int | None) -> Enrollment:
    with atomic():
        db.session.execute(select(Person.id).where(Person.id == enrollment.person_id).with_for_update(key_share=True))
        canceled = db.session.scalar(
            update(Enrollment)
            .where(Enrollment.id == enrollment.id, Enrollment.status == EnrollmentStatus.ACTIVE)
            .values(status=EnrollmentStatus.CANCELED, canceled_at=utcnow())
            .returning(Enrollment.id)
            .execution_options(synchronize_session=False)
        )
        if canceled is not None:
            _give_back(enrollment, actor_id)
            db.session.add(EnrollmentEvent(enrollment_id=enrollment.id, actor_id=actor_id, action=action))
            messages.tell(
                enrollment.person_id,
                "enrollment_canceled",
                _notice(enrollment),
                cause_key=f"enrollment:{enrollment.id}:canceled",
                enrollment_id=enrollment.id,
            )
            free_seat(enrollment.course_id)
    db.session.refresh(enrollment)
    if enrollment.status is not EnrollmentStatus.CANCELED:
        raise Conflict("این ثبت‌نام هم‌زمان تغییر کرد. صفحه را دوباره باز کنید.")
    return enrollment


def _give_back(enrollment: Enrollment, actor_id: int | None) -> None:
    if not enrollment.fee_rials or enrollment.payer_account_id is None:
        return
    ledger.give_back([(enrollment.id, enrollment.payer_account_id, enrollment.fee_rials)], actor_id)


def _notice(enrollment: Enrollment) -> str:
    code = text.persian_digits(enrollment.tracking_code)
    back = f" {text.rial(enrollment.fee_rials)} به اعتبار پرداخت‌کننده برگشت." if enrollment.fee_rials else ""
    return f"ثبت‌نام شما در دورهٔ «{enrollment.course.title}» لغو شد.{back} کد رهگیری: {code}"
