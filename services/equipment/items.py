"""Making, editing and putting aside items; each act is one audit row, and a first stock is a movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from models import EquipmentItem, MovementKind, Workshop, db
from services import audit, late, submissions, text
from services.access import Actor
from services.changes import between
from services.equipment import movements, reading
from services.equipment.values import LABEL, ItemValues, columns, show, tidy
from services.errors import Conflict, DomainError
from services.transaction import atomic

_WORDS = late.Words("equipment_item", "equipment_edited", "این قلم", LABEL, show)
FIRST_STOCK = "ثبت نخست در دفتر"


@dataclass(frozen=True)
class Stock:
    """What a new item begins with; `reason` may stay empty."""

    pieces: int
    working: int
    happened_on: date
    reason: str = ""


@dataclass(frozen=True)
class Beginning:
    """What a new item is: where, its facts, and what it begins with."""

    workshop_id: int
    values: ItemValues
    stock: Stock


@dataclass(frozen=True)
class Made:
    """An item, and whether the same form had made it before."""

    item: EquipmentItem
    repeated: bool


def create(actor: Actor, form_key: str, workshop_id: int, values: ItemValues, stock: Stock) -> Made:
    """A new item in a workshop of the actor; its first stock is its first movement. The same form sent again finds it.

    Raises:
        NotAllowed: the actor keeps no equipment.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(reading.get(actor, submissions.id_of(earlier, "item")), repeated=True)
        (item,) = add(actor, [Beginning(workshop_id, values, stock)])
        submissions.finish(form_key, f"item:{item.id}")
        return Made(item, repeated=False)


def add(actor: Actor, new: Sequence[Beginning]) -> list[EquipmentItem]:
    """`create` of many for a caller that has its own key, such as an import; inside `atomic()`.

    The number of statements does not grow with the items. Whoever catches a refusal undoes all of them.
    """
    rooms = {room.id: room for room in reading.workshops(reading.keeper(actor))}
    items = _inserted([_row(rooms.get(one.workshop_id), one.values) for one in new])
    first = [_first(item, one.stock) for item, one in zip(items, new, strict=True)]
    movements.write_all(actor, [move for move in first if move])
    details = {item.id: {"workshop": item.workshop_id} for item in items}
    audit.record_each("equipment_created", "equipment_item", details, actor_id=actor.user_id)
    return items


def edit(actor: Actor, item_id: int, version: int, values: ItemValues) -> bool:
    """Save the facts of an item; False when nothing differs, as when the same form comes twice.

    Args:
        version: the version that was on the page.

    Raises:
        LateSaving: somebody has saved since; it carries both values of every field that differs.
        NotAllowed, DomainError: as `create`.
    """
    with atomic():
        item = reading.changeable(actor, item_id)
        values = tidy(values)
        if not between(item, values):
            return False
        if version != item.version:
            raise late.refusal(_WORDS, item, actor, version, values)
        _write(actor, item, values)
    return True


def put_aside(actor: Actor, item_id: int, reason: str) -> bool:
    """Take an item out of the lists for good; False when it was so already.

    Source: docs/rules.md R-153.
    Raises:
        DomainError: there are pieces of it, or some are on their way; or no reason.
    """
    with atomic():
        item = reading.changeable(actor, item_id)
        if not item.is_active:
            return False
        why = movements.said_reason(reason)
        if reading.has_open_transfer(item_id):
            raise DomainError("جابه‌جایی نیمه‌کاره‌ای از این قلم هست. نخست آن را تمام کنید؛ چیزی تغییر نکرد.")
        zero = (EquipmentItem.is_active, EquipmentItem.quantity == 0)
        if not _switch(item_id, *zero, on=False):
            item = reading.get(actor, item_id)
            has = text.persian_digits(item.quantity)
            raise DomainError(f"{has} {item.unit_of_count} از این قلم هست. فقط قلمی با موجودی صفر کنار گذاشته می‌شود.")
        audit.record("equipment_put_aside", "equipment_item", item_id, actor_id=actor.user_id, reason=why)
    return True


def bring_back(actor: Actor, item_id: int) -> bool:
    """Put an item back into the lists; False when it was there."""
    with atomic():
        reading.changeable(actor, item_id)
        if not _switch(item_id, EquipmentItem.is_active.is_(False), on=True):
            return False
        audit.record("equipment_brought_back", "equipment_item", item_id, actor_id=actor.user_id)
    return True


# -- Support -----------------------------------------------------------------------


def _row(workshop: Workshop | None, values: ItemValues) -> dict[str, Any]:
    """The columns of a row without pieces; they come by its first movement."""
    if workshop is None:
        raise DomainError("کارگاه را از فهرست انتخاب کنید", field="workshop")
    where = {"workshop_id": workshop.id, "unit_id": workshop.unit_id, "province_id": workshop.place.province_id}
    return {"quantity": 0, "serviceable": 0, **where, **columns(tidy(values))}


def _inserted(rows: Sequence[dict[str, Any]]) -> list[EquipmentItem]:
    """The items of these rows, in their order, by one statement.

    The database answers in an order of its own; rows that are alike stand for each other.
    """
    made: dict[tuple[Any, ...], list[EquipmentItem]] = {}
    for item in db.session.scalars(insert(EquipmentItem).returning(EquipmentItem), rows):
        made.setdefault(tuple(getattr(item, name) for name in rows[0]), []).append(item)
    return [made[tuple(row.values())].pop() for row in rows]


def _first(item: EquipmentItem, stock: Stock) -> movements.Move | None:
    if not stock.pieces and not stock.working:
        return None
    plus = movements.signed(MovementKind.RECEIVED, stock.pieces, stock.working)
    said = text.clean(stock.reason) or FIRST_STOCK
    return movements.Move(item.id, MovementKind.RECEIVED, *plus, stock.happened_on, said)


def _write(actor: Actor, item: EquipmentItem, values: ItemValues) -> None:
    """An item that has just reached another center is no longer the actor's to write."""
    unit_id = item.unit_id
    try:
        late.write(_WORDS, actor, item, values, columns(values), EquipmentItem.unit_id == unit_id)
    except late.LateSaving:
        if item.unit_id == unit_id:
            raise
        raise Conflict("این قلم در همین لحظه به مرکز دیگری رسید. چیزی ذخیره نشد.") from None


def _switch(item_id: int, *conditions: object, on: bool) -> bool:
    turned = update(EquipmentItem).where(EquipmentItem.id == item_id, *conditions).values(is_active=on)  # type: ignore[arg-type]
    options = {"synchronize_session": False}
    return db.session.scalar(turned.returning(EquipmentItem.id), execution_options=options) is not None
