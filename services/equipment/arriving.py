"""Where moved pieces go in the books: the same row when all of it moves, else the row of the same thing there."""

from typing import Any

from sqlalchemy import select, update

from models import EquipmentItem, EquipmentTransfer, MovementKind, Unit, Workshop, db, utcnow
from services import policy, text
from services.access import Actor
from services.equipment import movements, reading
from services.errors import DomainError

K = MovementKind
_SAME = ("name_key", "model", "group", "unit_of_count")  # what makes two rows the same thing
_COPIED = (
    "group", "name", "name_key", "name_sort", "model", "unit_of_count", "acquired_on", "source", "price_rials",
    "condition",
)  # fmt: skip


def book_in(actor: Actor, transfer: EquipmentTransfer, arrived: tuple[int, int]) -> EquipmentItem:
    """Write the arrival of pieces, and the return of those that did not arrive; inside `atomic()`.

    Source: docs/rules.md R-152.
    """
    workshop, _ = _ends(transfer)
    if not workshop.is_active:
        raise DomainError(f"«{workshop.title}» دیگر فعال نیست. برگشت این محموله را ثبت کنید؛ چیزی ثبت نشد.")
    pieces, working = arrived
    item, twin = _both(transfer.item_id, workshop)
    whole = pieces == transfer.pieces and item.quantity == 0 and item.workshop_id == transfer.from_workshop_id
    if whole and not reading.has_open_transfer(item.id, but=transfer.id):
        target = _relocated(item, workshop)
    else:
        target = twin or _made(item, workshop)
    said = text.clean(transfer.note) or transfer.reason
    _write(actor, transfer, target, K.ARRIVED, arrived, said)
    rest = transfer.pieces - pieces
    if rest:
        book_back(actor, transfer, (rest, min(rest, transfer.working - working)), said)
    return target


def book_back(actor: Actor, transfer: EquipmentTransfer, back: tuple[int, int], reason: str) -> None:
    """Write the return of pieces to the workshop that they were sent from; inside `atomic()`."""
    _, workshop = _ends(transfer)
    item, twin = _both(transfer.item_id, workshop)
    is_home = item.workshop_id == workshop.id and item.is_active
    _write(actor, transfer, item if is_home else twin or _made(item, workshop), K.RETURNED, back, reason)


# -- Support -----------------------------------------------------------------------


def _write(
    actor: Actor,
    transfer: EquipmentTransfer,
    item: EquipmentItem,
    kind: MovementKind,
    numbers: tuple[int, int],
    reason: str,
) -> None:
    """One end of the move in the books, on the day on which it is said."""
    movements.write(actor, item.id, kind, *numbers, policy.today(), reason=reason, transfer_id=transfer.id)


def _ends(transfer: EquipmentTransfer) -> tuple[Workshop, Workshop]:
    """Where the pieces go and where they came from, held so that two arrivals of the same new thing make one row.

    Both at once and the lower id first, so that moves there and back never wait for each other in a ring; and not as
    for deleting, which would wait for whoever writes a row that points here.
    """
    ids = [transfer.to_workshop_id, transfer.from_workshop_id]
    query = select(Workshop).where(Workshop.id.in_(ids)).order_by(Workshop.id)
    query = query.with_for_update(of=Workshop, key_share=True)
    rows = {row.id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
    return rows[ids[0]], rows[ids[1]]


def _both(item_id: int, workshop: Workshop) -> tuple[EquipmentItem, EquipmentItem | None]:
    """The item that was sent and the row of the same thing in a workshop, held, the lower id first."""
    item = db.session.get_one(EquipmentItem, item_id)
    twin_id = db.session.scalar(_twin(item, workshop))
    wanted = select(EquipmentItem).where(EquipmentItem.id.in_([item_id, twin_id or item_id]))
    wanted = wanted.order_by(EquipmentItem.id).with_for_update(of=EquipmentItem, key_share=True)
    rows = {row.id: row for row in db.session.scalars(wanted.execution_options(populate_existing=True))}
    return rows[item_id], rows.get(twin_id or 0)


def _twin(item: EquipmentItem, workshop: Workshop) -> Any:
    """The oldest row of the same thing without a serial number; a thing with one is itself and no other."""
    same = (getattr(EquipmentItem, name).is_not_distinct_from(getattr(item, name)) for name in _SAME)
    there = (EquipmentItem.workshop_id == workshop.id, EquipmentItem.is_active, EquipmentItem.serial.is_(None))
    query = select(EquipmentItem.id).where(*there, *same, EquipmentItem.id != item.id)
    return query.order_by(EquipmentItem.id).limit(1)


def _relocated(item: EquipmentItem, workshop: Workshop) -> EquipmentItem:
    """The row itself in its new workshop; it is held by this transaction."""
    unit = db.session.get_one(Unit, workshop.unit_id)
    where = {"workshop_id": workshop.id, "unit_id": unit.id, "province_id": unit.province_id}
    moved = update(EquipmentItem).where(EquipmentItem.id == item.id).values(**where)
    db.session.execute(moved, execution_options={"synchronize_session": False})
    db.session.refresh(item)
    return item


def _made(item: EquipmentItem, workshop: Workshop) -> EquipmentItem:
    unit = db.session.get_one(Unit, workshop.unit_id)
    where = {"workshop_id": workshop.id, "unit_id": unit.id, "province_id": unit.province_id}
    facts = {name: getattr(item, name) for name in _COPIED}
    row = EquipmentItem(quantity=0, serviceable=0, created_at=utcnow(), **where, **facts)
    db.session.add(row)
    db.session.flush()
    return row
