"""Moves of equipment between workshops: one side sends, the other receives, and what does not arrive goes back."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from models import EquipmentItem, EquipmentTransfer, MovementKind, TransferState, Unit, Workshop, db, utcnow
from services import audit, jalali, submissions, text
from services.access import Actor, Level
from services.equipment import arriving, documents, history, limits, movements, reading, targets
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic

S = TransferState
NO_SUCH = "این جابه‌جایی پیدا نشد."


@dataclass(frozen=True)
class Move:
    """What is to go where, as the sender says it; `document` is the key of a file that was sent with it, or empty."""

    to_workshop_id: int
    pieces: int
    working: int
    happened_on: date
    reason: str
    document: str = ""


@dataclass(frozen=True)
class Done:
    """A move as it is now, and whether the same form had done this to it before."""

    transfer: EquipmentTransfer
    repeated: bool


def ask(actor: Actor, form_key: str, item_id: int, move: Move) -> Done:
    """Send pieces to another workshop; to another center they wait for the province first, where the policy says so.

    Source: docs/rules.md R-152, R-154.
    Raises:
        NotAllowed, OutsideTerritory: the item is not the actor's.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Done(get(actor, submissions.id_of(earlier, "transfer")), repeated=True)
        item = reading.changeable(actor, item_id)
        to_workshop = targets.workshop(item, move.to_workshop_id)
        movements.signed(MovementKind.SENT, move.pieces, move.working)
        movements.refuse_impossible(item, -move.pieces, -move.working)
        transfer = _written(actor, item, to_workshop, move)
        if transfer.state is S.SENT:
            send(actor, transfer, transfer.happened_on)
        submissions.finish(form_key, f"transfer:{transfer.id}")
        return Done(transfer, repeated=False)


def send(actor: Actor, transfer: EquipmentTransfer, day: date) -> None:
    """Take the pieces of a move out of the sender's books; inside `atomic()`."""
    sent = movements.write(
        actor,
        transfer.item_id,
        MovementKind.SENT,
        -transfer.pieces,
        -transfer.working,
        day,
        reason=transfer.reason,
        document_id=transfer.document_id,
        transfer_id=transfer.id,
    )
    if sent.unit_id != transfer.from_unit_id:
        raise DomainError("این قلم دیگر در آن مرکز نیست و فرستاده نمی‌شود.")


def receive(actor: Actor, form_key: str, transfer_id: int, pieces: int, working: int, note: str) -> Done:
    """Take what arrived into the books of the workshop that it was sent to; the rest goes back to the sender's.

    Source: docs/rules.md R-152.
    Raises:
        NotAllowed: the actor is not of the receiving unit.
        Conflict: somebody was faster.
        DomainError: what is wrong with which field.
    """
    with atomic():
        transfer = get(actor, transfer_id)
        _refuse_others(actor, transfer.to_unit_id, "این محموله را مرکزی تحویل می‌گیرد که برای آن فرستاده شده است.")
        if not submissions.once(form_key, actor.user_id, f"transfer_received:{transfer.id}"):
            return Done(transfer, repeated=True)
        arrived = _arrived(transfer, pieces, working, note)
        _settle(actor, transfer, S.RECEIVED, note)
        to_item = arriving.book_in(actor, transfer, arrived)
        db.session.execute(update(EquipmentTransfer).where(_is(transfer)).values(to_item_id=to_item.id))
        return Done(get(actor, transfer_id), repeated=False)


def give_back(actor: Actor, form_key: str, transfer_id: int, why: str) -> Done:
    """End a move whose pieces are back with the sender; either side may say so.

    Raises:
        Conflict: somebody was faster.
        DomainError: no reason is said.
    """
    with atomic():
        transfer = get(actor, transfer_id)
        if not {transfer.to_unit_id, transfer.from_unit_id} & set(reading.units_of(actor)):
            raise NotAllowed(reading.NOT_KEPT)
        if not submissions.once(form_key, actor.user_id, f"transfer_returned:{transfer.id}"):
            return Done(transfer, repeated=True)
        why = movements.said_reason(why, "why")
        _settle(actor, transfer, S.RETURNED, why)
        arriving.book_back(actor, transfer, (transfer.pieces, transfer.working), why)
        return Done(get(actor, transfer_id), repeated=False)


def withdraw(actor: Actor, form_key: str, transfer_id: int) -> Done:
    """Take a move back that waits for the province.

    Raises:
        Conflict: the province was faster, or a colleague.
    """
    with atomic():
        transfer = get(actor, transfer_id)
        _refuse_others(actor, transfer.from_unit_id, reading.NOT_KEPT)
        if not submissions.once(form_key, actor.user_id, f"transfer_withdrawn:{transfer.id}"):
            return Done(transfer, repeated=True)
        if not _turned(transfer, S.WAITING, state=S.WITHDRAWN, settled_by_id=actor.user_id, settled_at=utcnow()):
            raise _late(actor, transfer.id)
        audit.record("equipment_move_withdrawn", "equipment_item", transfer.item_id, actor_id=actor.user_id)
        return Done(get(actor, transfer_id), repeated=False)


def get(actor: Actor, transfer_id: int) -> EquipmentTransfer:
    """A move from or to the actor's territory, with its item and both workshops, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such move, or between others.
    """
    places = (EquipmentTransfer.from_workshop, EquipmentTransfer.to_workshop)
    query = select(EquipmentTransfer).where(EquipmentTransfer.id == transfer_id)
    query = query.options(joinedload(EquipmentTransfer.item))
    query = query.options(*(joinedload(workshop).joinedload(Workshop.place) for workshop in places))
    transfer = db.session.scalar(query.execution_options(populate_existing=True))
    if transfer is None:
        raise NotFound(NO_SUCH)
    if not _is_visible(actor, transfer):
        raise OutsideTerritory("equipment_transfer", transfer_id)
    return transfer


# -- Support -----------------------------------------------------------------------


def _written(actor: Actor, item: EquipmentItem, to_workshop: Workshop, move: Move) -> EquipmentTransfer:
    unit = db.session.get_one(Unit, item.unit_id)
    waits = limits.move_waits(unit, to_workshop.unit_id)
    transfer = EquipmentTransfer(
        item_id=item.id,
        from_workshop_id=item.workshop_id,
        to_workshop_id=to_workshop.id,
        from_unit_id=item.unit_id,
        to_unit_id=to_workshop.unit_id,
        province_id=item.province_id,
        pieces=move.pieces,
        working=move.working,
        state=S.WAITING if waits else S.SENT,
        happened_on=movements.said_day(move.happened_on),
        reason=movements.said_reason(move.reason),
        document_id=documents.attach(actor, item, move.document),
        asked_by_id=actor.user_id,
    )
    db.session.add(transfer)
    db.session.flush()
    return transfer


def _arrived(transfer: EquipmentTransfer, pieces: int, working: int, note: str) -> tuple[int, int]:
    """What came, held against what was sent."""
    if not 1 <= pieces <= transfer.pieces:
        most = text.persian_digits(transfer.pieces)
        raise DomainError(f"از ۱ تا {most} عدد؛ اگر چیزی نرسیده است، برگشت را ثبت کنید", field="pieces")
    if not 0 <= working <= min(pieces, transfer.working):
        most = text.persian_digits(min(pieces, transfer.working))
        raise DomainError(f"تعداد سالم‌ها از صفر تا {most} است", field="working")
    if (pieces, working) != (transfer.pieces, transfer.working) and not text.key(note):
        raise DomainError("بنویسید چه کم یا خراب است؛ فرستنده هم آن را می‌بیند", field="note")
    return pieces, working


def _settle(actor: Actor, transfer: EquipmentTransfer, state: TransferState, note: str) -> None:
    said = text.clean(note)[: movements.LONGEST_REASON] or None
    values = {"settled_by_id": actor.user_id, "settled_at": utcnow(), "note": said}
    if not _turned(transfer, S.SENT, state=state, **values):
        raise _late(actor, transfer.id)


def _turned(transfer: EquipmentTransfer, source: TransferState, **values: object) -> bool:
    """Whether the state was the expected one and is the new one now."""
    turn = update(EquipmentTransfer).where(_is(transfer), EquipmentTransfer.state == source).values(**values)
    options = {"synchronize_session": False}
    return db.session.scalar(turn.returning(EquipmentTransfer.id), execution_options=options) is not None


def _late(actor: Actor, transfer_id: int) -> Conflict:
    """Somebody was faster: who, and what has become of the move."""
    transfer = db.session.get_one(EquipmentTransfer, transfer_id, populate_existing=True)
    at, who_id = transfer.settled_at or transfer.decided_at, transfer.settled_by_id or transfer.decided_by_id
    when = f"ساعت {jalali.clock(jalali.tehran(at).time())} " if at else ""
    now = {
        S.SENT: "فرستاده شد",
        S.RECEIVED: "تحویل گرفته شد",
        S.RETURNED: "برگشت خورد",
        S.REFUSED: "در استان پذیرفته نشد",
        S.WITHDRAWN: "به دست فرستنده پس گرفته شد",
        S.WAITING: "به انتظار استان رفت",
    }[transfer.state]
    who = f"{history.people(who_id).get(who_id or 0, 'همکار دیگری')} زودتر رسید"
    if who_id == actor.user_id:
        who = "خود شما در صفحهٔ دیگری زودتر رسیدید"
    return Conflict(f"{who}: این جابه‌جایی {when}{now}. چیزی دوباره ثبت نشد.")


def _is(transfer: EquipmentTransfer) -> ColumnElement[bool]:
    return EquipmentTransfer.id == transfer.id


def _is_visible(actor: Actor, transfer: EquipmentTransfer) -> bool:
    if actor.level is Level.CENTER:
        return not {transfer.from_unit_id, transfer.to_unit_id}.isdisjoint(reading.units_of(actor))
    return actor.covers(transfer.from_unit_id, transfer.province_id)


def _refuse_others(actor: Actor, unit_id: int, sentence: str) -> None:
    if unit_id not in reading.units_of(actor):
        raise NotAllowed(sentence)
