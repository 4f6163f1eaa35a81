"""Opening a count, and counting: a number for all pieces and one for those that work, item by item."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from models import EquipmentItem, Stocktake, StocktakeCount, StocktakeState, Workshop, db, utcnow
from services import audit, property_labels
from services.access import Actor
from services.equipment import reading as equipment_reading
from services.equipment.movements import MOST
from services.errors import Conflict, DomainError
from services.label_sheets import choosing
from services.sql import add_once
from services.stocktakes import reading
from services.text import group_thousands
from services.transaction import atomic

_NOT_OURS = "این شمارش ناقص رسید و ثبت نشد. صفحه را دوباره باز کنید."
_OTHER = "این فرم پیش‌تر با عددهای دیگری ثبت شده است. صفحه را دوباره باز کنید و اگر لازم است دوباره بشمارید."
_OVER = "این شمارش دیگر باز نیست و این عدد ثبت نشد. از مدیر بخواهید آن را برای شمارش دوباره برگرداند."


@dataclass(frozen=True)
class Count:
    """One count as a person sends it. `key` was made where it was typed, and comes again with every repeat."""

    key: str
    label: str
    quantity: int | None
    serviceable: int | None


@dataclass(frozen=True)
class Counted:
    """What was counted, and whether the same count had come before."""

    item: EquipmentItem
    quantity: int
    serviceable: int
    repeated: bool


def open_count(actor: Actor, workshop_id: int) -> tuple[Stocktake, bool]:
    """The open count of a workshop, and whether it was opened just now: there is one at a time.

    Raises:
        NotAllowed, NotFound, OutsideTerritory: the workshop is not the actor's to count.
        DomainError: it is not in use.
    """
    with atomic():
        workshop = choosing.workshop(actor, workshop_id)
        if workshop.unit_id not in equipment_reading.keeper(actor) or not workshop.is_active:
            raise DomainError("این کارگاه در حال استفاده نیست یا شمارش آن با شما نیست.", field="workshop")
        where = {"workshop_id": workshop.id, "unit_id": workshop.unit_id, "province_id": workshop.place.province_id}
        values = {"state": StocktakeState.OPEN, "opened_by_id": actor.user_id, "opened_at": utcnow()}
        made = add_once(Stocktake, **where, **values)
        if made:
            audit.record("stocktake_opened", "stocktake", made, actor_id=actor.user_id, workshop=workshop.id)
        query = select(Stocktake).where(Stocktake.workshop_id == workshop.id, Stocktake.state.in_(reading.OPEN))
        found = db.session.scalar(query)
        if found is None:
            raise Conflict("شمارش این کارگاه در همین لحظه بسته شد. دوباره بفرستید.")
    return found, bool(made)


def record(actor: Actor, stocktake_id: int, count: Count) -> Counted:
    """Write one count down beside what the books say at this moment; a repeat of its key finds the first.

    Raises:
        Conflict: the count is over, or the key came with other numbers.
        DomainError: what is wrong with which field.
        NotAllowed, NotFound, OutsideTerritory: the count is not the actor's.
    """
    with atomic():
        stocktake = reading.countable(actor, stocktake_id)
        if not re.fullmatch("[0-9A-Za-z-]{8,36}", count.key):
            raise DomainError(_NOT_OURS)
        if earlier := db.session.scalar(select(StocktakeCount).where(StocktakeCount.count_key == count.key)):
            return _repeated(actor, stocktake, earlier, count)
        _still_open(stocktake)  # before the item: closing takes them in this order, too
        item, (quantity, serviceable) = _item(stocktake, count.label), _numbers(count)
        numbers = {"quantity": quantity, "serviceable": serviceable}
        book = {"book_quantity": item.quantity, "book_serviceable": item.serviceable}
        place = {"stocktake_id": stocktake.id, "item_id": item.id, "count_key": count.key}
        if add_once(StocktakeCount, **place, **numbers, **book, counted_by_id=actor.user_id, at=utcnow()) is None:
            raise Conflict(_OTHER)
    return Counted(item, quantity, serviceable, repeated=False)


# -- Support -----------------------------------------------------------------------


def _repeated(actor: Actor, stocktake: Stocktake, earlier: StocktakeCount, count: Count) -> Counted:
    """The first one, where this is the very same."""
    sent = (stocktake.id, actor.user_id, property_labels.item_id(count.label), count.quantity, count.serviceable)
    kept = (earlier.stocktake_id, earlier.counted_by_id, earlier.item_id, earlier.quantity, earlier.serviceable)
    if sent != kept:
        raise Conflict(_OTHER)
    return Counted(earlier.item, earlier.quantity, earlier.serviceable, repeated=True)


def _item(stocktake: Stocktake, label: str) -> EquipmentItem:
    """The item of a label, held so that no movement comes between its books and the count."""
    if why := property_labels.why_not(label):
        raise DomainError(why, field="label")
    query = select(EquipmentItem).where(EquipmentItem.id == property_labels.item_id(label))
    options = {"populate_existing": True}
    item = db.session.scalar(query.with_for_update(read=True), execution_options=options)
    if item is None or item.unit_id != stocktake.unit_id:
        raise DomainError("قلمی با این برچسب در این مرکز نیست. رقم‌ها را با برچسب تطبیق دهید", field="label")
    if item.workshop_id != stocktake.workshop_id:
        where = db.session.get_one(Workshop, item.workshop_id).title
        raise DomainError(f"«{item.name}» در دفتر «{where}» است. پس از جابه‌جایی به این کارگاه بشمارید", field="label")
    if not item.is_active:
        raise DomainError(f"«{item.name}» کنار گذاشته شده است. نخست آن را دوباره فعال کنید", field="label")
    return item


def _numbers(count: Count) -> tuple[int, int]:
    if count.quantity is None:
        raise DomainError("تعداد همه را بنویسید؛ اگر نیست، «پیدا نشد» را بزنید", field="quantity")
    if count.quantity > MOST:
        raise DomainError(f"تعداد را عددی تا {group_thousands(MOST)} بنویسید", field="quantity")
    if count.serviceable is None:
        raise DomainError("تعداد سالم‌ها را بنویسید", field="serviceable")
    if count.serviceable > count.quantity:
        raise DomainError("سالم‌ها از همه بیشتر نیستند", field="serviceable")
    return count.quantity, count.serviceable


def _still_open(stocktake: Stocktake) -> None:
    """Hold the count open until this transaction ends."""
    query = select(Stocktake.state).where(Stocktake.id == stocktake.id).with_for_update(read=True)
    if db.session.scalar(query) is not StocktakeState.OPEN:
        raise Conflict(_OVER)
