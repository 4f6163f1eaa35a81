"""Which equipment there is for whom: the list of a unit, one item, and who keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from models import (
    Condition,
    EquipmentGroup,
    EquipmentItem,
    EquipmentTransfer,
    Place,
    TransferState,
    Workshop,
    db,
)
from services import places, property_labels, territory, text
from services.access import Actor, Level
from services.errors import NotAllowed

PAGE = 25
NO_SUCH_ITEM = "این قلم پیدا نشد."
NOT_KEPT = "تجهیزات را کارشناس یا مدیر همان مرکز ثبت می‌کند و تغییر می‌دهد. چیزی ثبت نشد."


@dataclass(frozen=True)
class Filter:
    """What a list shows; what is None or empty does not narrow it. `broken`: only what has pieces that do not work."""

    words: str = ""
    group: EquipmentGroup | None = None
    workshop_id: int | None = None
    condition: Condition | None = None
    broken: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Page:
    """Some items of a list, and where the next page begins (None at the end)."""

    items: Sequence[EquipmentItem]
    after: tuple[str, int] | None


def units_of(actor: Actor) -> tuple[int, ...]:
    """The units whose equipment this person keeps, as clerk or manager.

    Source: docs/rules.md R-150.
    """
    return places.kept_units(actor)


def keeper(actor: Actor) -> tuple[int, ...]:
    """As `units_of`, where there is one.

    Raises:
        NotAllowed: this person keeps none.
    """
    kept = units_of(actor)
    if not kept:
        raise NotAllowed(NOT_KEPT)
    return kept


def listing(unit_ids: Sequence[int], wanted: Filter, after: tuple[str, int] | None = None) -> Page:
    """25 items of some units by name; whose they may be is for `keeper` and `units.get` to say."""
    query = select(EquipmentItem).where(EquipmentItem.unit_id.in_(unit_ids), *_matching(wanted))
    if after:
        later = (EquipmentItem.name_sort == after[0]) & (EquipmentItem.id > after[1])
        query = query.where(or_(EquipmentItem.name_sort > after[0], later))
    query = query.order_by(EquipmentItem.name_sort, EquipmentItem.id).limit(PAGE + 1)
    found = db.session.scalars(query.options(joinedload(EquipmentItem.workshop))).all()
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], (last.name_sort, last.id) if last else None)


def get(actor: Actor, item_id: int) -> EquipmentItem:
    """An item of the actor's territory with its workshop and place, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such item, or another's.
        NotAllowed: a center's own people who keep no equipment.
    """
    if actor.level is Level.CENTER:
        keeper(actor)
    query = select(EquipmentItem, _visible_to(actor)).where(EquipmentItem.id == item_id)
    query = query.options(joinedload(EquipmentItem.workshop).joinedload(Workshop.place))
    return territory.only(query, "equipment_item", item_id, NO_SUCH_ITEM)


def sees(actor: Actor, item: EquipmentItem) -> bool:
    """Whether `get` would hand this item to the actor."""
    if actor.level is Level.CENTER:
        return item.unit_id in units_of(actor)
    return actor.covers(item.unit_id, item.province_id)


def changeable(actor: Actor, item_id: int) -> EquipmentItem:
    """An item that the actor keeps.

    Raises:
        NotAllowed: it is not the actor's to change; or as `get`.
    """
    item = get(actor, item_id)
    if item.unit_id not in units_of(actor):
        raise NotAllowed(NOT_KEPT)
    return item


def workshops(unit_ids: Sequence[int], *, but: int = 0) -> Sequence[Workshop]:
    """The workshops in use of some units with their places, in the order of the places."""
    query = select(Workshop).join(Workshop.place).where(Workshop.unit_id.in_(unit_ids), Workshop.id != but)
    query = query.where(Workshop.is_active, Place.is_active).options(joinedload(Workshop.place))
    return db.session.scalars(query.order_by(Place.id, Workshop.id)).all()


def on_the_way(item_id: int) -> int:
    """How many pieces of an item have been sent and have not arrived."""
    query = select(func.coalesce(func.sum(EquipmentTransfer.pieces), 0))
    sent = (EquipmentTransfer.item_id == item_id, EquipmentTransfer.state == TransferState.SENT)
    return int(db.session.scalar(query.where(*sent)) or 0)


# -- Support -----------------------------------------------------------------------


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return EquipmentItem.province_id.in_(actor.provinces)
    return EquipmentItem.unit_id.in_(units_of(actor))


def _matching(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [EquipmentItem.is_active.is_(not wanted.aside), *_named(wanted.words)]
    if wanted.group:
        conditions.append(EquipmentItem.group == wanted.group)
    if wanted.workshop_id:
        conditions.append(EquipmentItem.workshop_id == wanted.workshop_id)
    if wanted.condition:
        conditions.append(EquipmentItem.condition == wanted.condition)
    if wanted.broken:
        conditions.append(EquipmentItem.serviceable < EquipmentItem.quantity)
    return conditions


def _named(words: str) -> list[ColumnElement[bool]]:
    """Part of a name, or the whole of a label, a former property number or a serial number."""
    wanted = text.key(words)
    if not wanted:
        return []
    number = text.digits(text.clean(words)).upper()
    same = or_(EquipmentItem.asset_tag == number, EquipmentItem.serial == number)
    labeled = property_labels.item_id(words)
    if labeled is not None:
        same = or_(same, EquipmentItem.id == labeled)
    return [or_(EquipmentItem.name_key.contains(wanted, autoescape=True), same)]


def has_open_transfer(item_id: int, but: int = 0) -> bool:
    """Whether a move of this item waits or is on its way."""
    under_way = EquipmentTransfer.state.in_((TransferState.WAITING, TransferState.SENT))
    mine = (EquipmentTransfer.item_id == item_id, EquipmentTransfer.id != but)
    return bool(db.session.scalar(select(exists().where(under_way, *mine))))
