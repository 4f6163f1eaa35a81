"""Which counts there are for whom, what has been counted in one, and what not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from models import EquipmentItem, Role, Stocktake, StocktakeCount, StocktakeState, User, Workshop, db
from services import territory
from services.access import Actor, Level
from services.equipment import reading as equipment_reading
from services.errors import NotAllowed
from services.stocktakes.differences import Line

PAGE = 25
S = StocktakeState
OPEN = (S.OPEN, S.COUNTED)
_NOT_COUNTED = "شمارش کارگاه با کارشناس یا مدیر همان مرکز است. چیزی ثبت نشد."


@dataclass(frozen=True)
class Page:
    """Some counts, newest first, and the id after which the next page begins (None at the end)."""

    stocktakes: Sequence[Stocktake]
    after: int | None


@dataclass(frozen=True)
class Ended:
    """A count with what its pages say of it; `counters` are the users who counted anything in it."""

    stocktake: Stocktake
    lines: list[Line]
    counters: frozenset[int]

    @property
    def left(self) -> list[Line]:
        """What nobody has counted."""
        return [line for line in self.lines if line.count is None and not line.is_elsewhere]

    @property
    def counted(self) -> list[Line]:
        return [line for line in self.lines if line.count is not None]

    @property
    def different(self) -> list[Line]:
        return [line for line in self.counted if line.differs]

    @property
    def last(self) -> int:
        """The id of the newest count, by which a manager's page is known to be of today."""
        return max((line.count.id for line in self.lines if line.count), default=0)


def get(actor: Actor, stocktake_id: int) -> Stocktake:
    """A count of the actor's territory with its workshop, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such count, or another's.
    """
    query = select(Stocktake, _visible_to(actor)).where(Stocktake.id == stocktake_id)
    query = query.options(joinedload(Stocktake.workshop).joinedload(Workshop.place))
    return territory.only(query, "stocktake", stocktake_id, "این شمارش پیدا نشد.")


def countable(actor: Actor, stocktake_id: int) -> Stocktake:
    """A count that the actor may take part in.

    Raises:
        NotAllowed: they may not; or as `get`.
    """
    stocktake = get(actor, stocktake_id)
    if stocktake.unit_id not in equipment_reading.units_of(actor):
        raise NotAllowed(_NOT_COUNTED)
    return stocktake


def closes(actor: Actor, stocktake: Stocktake) -> bool:
    """Whether this person is a manager of the unit, who closes its counts."""
    return stocktake.unit_id in actor.acting(Role.MANAGER).units


def open_ones(actor: Actor) -> Sequence[Any]:
    """The counts of the actor's units that are not over, oldest first: each with how many items have been counted
    (`done`), and how many are in the workshop (`all`).
    """
    done = select(func.count(StocktakeCount.item_id.distinct())).where(StocktakeCount.stocktake_id == Stocktake.id)
    there = select(func.count()).where(EquipmentItem.workshop_id == Stocktake.workshop_id, EquipmentItem.is_active)
    query = _listed(actor).add_columns(done.scalar_subquery().label("done"), there.scalar_subquery().label("all"))
    return db.session.execute(query.where(Stocktake.state.in_(OPEN)).order_by(Stocktake.id)).all()


def ended(actor: Actor, after: int | None = None) -> Page:
    """25 counts that are over."""
    query = _listed(actor).where(Stocktake.state.not_in(OPEN))
    if after:
        query = query.where(Stocktake.id < after)
    found = db.session.scalars(query.order_by(Stocktake.id.desc()).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def whole(stocktake: Stocktake) -> Ended:
    """The items of a count by name, each with the count that stands."""
    return _ended(stocktake, select(EquipmentItem).order_by(EquipmentItem.name_sort, EquipmentItem.id))


def held(stocktake: Stocktake) -> Ended:
    """`whole`, and no item of it changes until the transaction ends; the lower id is held first."""
    return _ended(stocktake, select(EquipmentItem).order_by(EquipmentItem.id).with_for_update(key_share=True))


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """What users are called, by id."""
    query = select(User).where(User.id.in_({one for one in ids if one})).options(joinedload(User.person))
    return {user.id: user.person.full_name or user.username for user in db.session.scalars(query)}


def history(stocktake: Stocktake, item_id: int) -> list[StocktakeCount]:
    """Every count of an item in this count, newest first."""
    query = select(StocktakeCount).where(StocktakeCount.stocktake_id == stocktake.id, StocktakeCount.item_id == item_id)
    return list(db.session.scalars(query.order_by(StocktakeCount.id.desc())))


def is_begun(stocktake: Stocktake) -> bool:
    """Whether anything has been counted in it."""
    return bool(db.session.scalar(select(exists().where(StocktakeCount.stocktake_id == stocktake.id))))


def in_books(stocktake: Stocktake) -> ColumnElement[bool]:
    """The items in use in the workshop; of a count that is over, those that were there when it ended."""
    there = (EquipmentItem.workshop_id == stocktake.workshop_id) & EquipmentItem.is_active
    return there & (EquipmentItem.created_at <= stocktake.closed_at) if stocktake.closed_at else there


# -- Support -----------------------------------------------------------------------


def _listed(actor: Actor) -> Select[Any]:
    units = equipment_reading.keeper(actor)
    return select(Stocktake).where(Stocktake.unit_id.in_(units)).options(joinedload(Stocktake.workshop))


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return Stocktake.province_id.in_(actor.provinces)
    return Stocktake.unit_id.in_(equipment_reading.units_of(actor))


def _ended(stocktake: Stocktake, items: Select[Any]) -> Ended:
    rows = select(StocktakeCount).where(StocktakeCount.stocktake_id == stocktake.id).order_by(StocktakeCount.id)
    all_counts = db.session.scalars(rows).all()
    counts = {count.item_id: count for count in all_counts}  # the last one of an item stands
    items = items.where(or_(in_books(stocktake), EquipmentItem.id.in_(list(counts))))
    found = db.session.scalars(items.execution_options(populate_existing=True))
    lines = [Line(item, counts.get(item.id), stocktake.workshop_id) for item in found]
    return Ended(stocktake, lines, frozenset(count.counted_by_id for count in all_counts))
