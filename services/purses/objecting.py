"""What an owner says against a debit that somebody else made of their credit: once for each debit.

Source: docs/rules.md R-464.
"""

from typing import Any

from sqlalchemy import Row, Select, select

from models import (
    Channel,
    Course,
    DebitObjection,
    DebitSource,
    Enrollment,
    EnrollmentStatus,
    ObjectionState,
    TransferKind,
    Unit,
    db,
    utcnow,
)
from models import LedgerTransfer as L
from services import audit, text
from services.access import Visitor
from services.errors import Conflict, DomainError, NotFound, OutsideTerritory
from services.sql import add_once
from services.transaction import atomic, retried

SUBJECT = "debit_objection"
LONGEST = 500
_NO_DEBIT = "این کسر پیدا نشد. از صفحهٔ اعتبار شروع کنید."


def debit(person: Visitor, transfer_id: int) -> Row[Any]:
    """A debit of somebody's own enrollment, for the page that asks what is wrong with it.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is not theirs.
    """
    row = db.session.execute(_debit(transfer_id)).first()
    if row is None:
        raise NotFound(_NO_DEBIT)
    if row.person_id != person.id:
        raise OutsideTerritory("ledger_transfer", transfer_id)
    return row


def why_not(row: Row[Any]) -> str:
    """Why nothing can be objected to a debit; empty when it can."""
    if row.channel is Channel.SELF or row.debit_source is not DebitSource.TRAINEE:
        return "این مبلغ را خود شما پرداخته‌اید. برای پس گرفتن آن از صفحهٔ خود انصراف دهید."
    if row.status is not EnrollmentStatus.ACTIVE:
        return "این ثبت‌نام لغو شده و اعتبار آن برگشته است؛ اعتراضی لازم نیست."
    return ""


@retried
def raise_(person: Visitor, transfer_id: int, words: str) -> bool:
    """Object to a debit; False when that stands already, as when the form comes twice.

    Raises:
        NotFound, OutsideTerritory: as `debit`. DomainError: nothing is written, or nothing can be objected.
        Conflict: another objection to it stands.
    """
    said = text.clean(words)[:LONGEST]
    with atomic():
        row = debit(person, transfer_id)
        if row.said is not None:
            return _stands(row.said, said)
        if reason := why_not(row):
            raise DomainError(reason)
        if not said:
            raise DomainError("بنویسید چرا به این کسر اعتراض دارید", field="text")
        made = {"transfer_id": transfer_id, "unit_id": row.unit_id, "person_id": person.id, "text": said}
        objection_id = add_once(DebitObjection, **made, state=ObjectionState.OPEN, version=1, created_at=utcnow())
        if objection_id is None:
            stored = select(DebitObjection.text).where(DebitObjection.transfer_id == transfer_id)
            return _stands(db.session.scalar(stored), said)
        audit.record("debit_objected", SUBJECT, objection_id, actor_person_id=person.id, transfer=transfer_id)
    return True


def _stands(stored: str | None, said: str) -> bool:
    if stored != said:
        raise Conflict("به این کسر پیش‌تر اعتراض کرده‌اید. پاسخ آن در همین صفحه و با پیامک می‌آید.")
    return False


def _debit(transfer_id: int) -> Select[*tuple[Any, ...]]:
    enrolled = (Enrollment.person_id, Enrollment.channel, Enrollment.status, Enrollment.debit_source)
    course = (Course.unit_id, Course.title.label("course"), Unit.title.label("unit"), Unit.phone)
    query = select(L.id, L.amount, L.at, *enrolled, *course, DebitObjection.text.label("said"))
    query = query.join(Enrollment, Enrollment.id == L.enrollment_id).join(Course, Course.id == Enrollment.course_id)
    query = query.join(Unit, Unit.id == Enrollment.unit_id)
    query = query.outerjoin(DebitObjection, DebitObjection.transfer_id == L.id)
    return query.where(L.id == transfer_id, L.kind == TransferKind.DEBIT)
