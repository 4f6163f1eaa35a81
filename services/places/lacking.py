"""What workshops lack of what their standards ask for, and who could lend it; computed by the database.

A workshop needs, of each item, the most that any of its standards in use asks for at its workstations: one class at
a time. What works beyond that could be lent, of a workshop that is out of use all of it. Source: docs/rules.md R-125.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, literal, null, or_, select

from models import (
    EquipmentItem,
    Place,
    Province,
    SkillStandard,
    StandardRequirement,
    Unit,
    Workshop,
    WorkshopStandard,
    db,
)
from services.access import Actor, Level
from services.places.needs import needed_for

PAGE = 25
_LENDERS = 4  # that are named for each item


@dataclass(frozen=True)
class Scope:
    """Which shortages: those of a province or some units, and of these perhaps one workshop, standard or item."""

    provinces: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    workshop_id: int | None = None
    standard_id: int | None = None
    item_key: str = ""


@dataclass(frozen=True)
class Lack:
    """One item of one workshop; `standards` is for how many of its standards it is short."""

    workshop_id: int
    place_id: int
    unit_id: int
    workshop: str
    unit: str
    item_key: str
    item: str
    needed: int
    present: int
    standards: int

    @property
    def missing(self) -> int:
        return self.needed - self.present


@dataclass(frozen=True)
class Lender:
    """A workshop that has more of an item than its own standards ask for."""

    workshop_id: int
    unit_id: int
    workshop: str
    unit: str
    pieces: int


@dataclass(frozen=True)
class Total:
    """An item over a province, or a unit over its items; `spare` is what others there could lend."""

    id: int
    key: str
    title: str
    missing: int
    count: int
    spare: int = 0


def scope_of(actor: Actor, **narrower: Any) -> Scope:
    """The shortages that this person may see; `narrower` are fields of `Scope`.

    HQ looks at one province at a time.
    """
    units = {"units": actor.units} if actor.level is Level.CENTER else {}
    provinces = {} if actor.level is Level.HQ else {"provinces": actor.provinces}
    return Scope(**units | provinces | narrower)


def provinces() -> Sequence[Province]:
    """For HQ to choose from."""
    return db.session.scalars(select(Province).order_by(Province.title_sort)).all()


# -- Each shortage -----------------------------------------------------------------


def listing(scope: Scope, after: tuple[int, str] | None = None) -> tuple[Sequence[Lack], tuple[int, str] | None]:
    """25 shortages by workshop and item, and the workshop and item after which the next page begins."""
    short = _short(scope)
    query = (
        select(
            short.c.workshop_id, Workshop.place_id, Workshop.unit_id, Workshop.title, Unit.title,
            short.c.item_key, short.c.item, short.c.needed, short.c.present, short.c.standards,
        )
        .join(Workshop, Workshop.id == short.c.workshop_id)
        .join(Unit, Unit.id == Workshop.unit_id)
        .order_by(short.c.workshop_id, short.c.item_key)
        .limit(PAGE + 1)
    )  # fmt: skip
    if after:
        later = (short.c.workshop_id == after[0]) & (short.c.item_key > after[1])
        query = query.where(or_(short.c.workshop_id > after[0], later))
    found = [Lack(*row) for row in db.session.execute(query)]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], (last.workshop_id, last.item_key) if last else None


def counts(workshop_id: int) -> Mapping[int, int]:
    """How many items a workshop lacks for each of its standards that lacks any."""
    short = _short(Scope(workshop_id=workshop_id), by_standard=True)
    query = select(short.c.standard_id, func.count()).group_by(short.c.standard_id)
    return dict(db.session.execute(query).all())


def lenders(lacks: Sequence[Lack], provinces: Sequence[int]) -> Mapping[str, Sequence[Lender]]:
    """For each item that is short, who in these provinces could lend it: the same units first, then the most."""
    keys, units = {lack.item_key for lack in lacks}, {lack.unit_id for lack in lacks}
    spare = _spare(provinces, keys)
    order = (spare.c.unit_id.in_(units).desc(), spare.c.pieces.desc(), spare.c.workshop_id)
    rank = func.row_number().over(partition_by=spare.c.item_key, order_by=order)
    ranked = select(spare, rank.label("place")).subquery()
    query = (
        select(ranked.c.item_key, ranked.c.workshop_id, ranked.c.unit_id, Workshop.title, Unit.title, ranked.c.pieces)
        .join(Workshop, Workshop.id == ranked.c.workshop_id)
        .join(Unit, Unit.id == ranked.c.unit_id)
        .where(ranked.c.place <= _LENDERS)
        .order_by(ranked.c.item_key, ranked.c.place)
    )
    found: dict[str, list[Lender]] = {}
    for key, *lender in db.session.execute(query):
        found.setdefault(key, []).append(Lender(*lender))
    return found


# -- Sums --------------------------------------------------------------------------


def by_item(scope: Scope, after: tuple[int, str] | None = None) -> tuple[Sequence[Total], tuple[int, str] | None]:
    """25 items by how many pieces are missing, with how many the workshops of the scope could lend."""
    each = _balance(scope)
    missing, spare = func.sum(_above_zero(each.c.needed - each.c.present)), each.c.present - each.c.needed
    short = func.sum(case((each.c.needed > each.c.present, 1), else_=0))
    query = select(each.c.item_key, func.min(each.c.item), missing, short, func.sum(_above_zero(spare)))
    query = query.group_by(each.c.item_key).having(missing > 0)
    if after:
        query = query.having(or_(missing < after[0], (missing == after[0]) & (each.c.item_key > after[1])))
    rows = db.session.execute(query.order_by(missing.desc(), each.c.item_key).limit(PAGE + 1))
    found = [Total(0, key, title, int(number), int(rooms), int(more)) for key, title, number, rooms, more in rows]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], (last.missing, last.key) if last else None


def by_unit(scope: Scope, after: tuple[int, int] | None = None) -> tuple[Sequence[Total], tuple[int, int] | None]:
    """25 units by how many pieces they miss; `count` is of the items."""
    each = _balance(scope)
    missing = func.sum(each.c.needed - each.c.present)
    query = select(Unit.id, Unit.title, missing, func.count()).join(Workshop, Workshop.id == each.c.workshop_id)
    query = query.join(Unit, Unit.id == Workshop.unit_id).where(each.c.needed > each.c.present)
    query = query.group_by(Unit.id, Unit.title)
    if after:
        query = query.having(or_(missing < after[0], (missing == after[0]) & (Unit.id > after[1])))
    rows = db.session.execute(query.order_by(missing.desc(), Unit.id).limit(PAGE + 1))
    found = [Total(unit_id, "", title, int(number), items) for unit_id, title, number, items in rows]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], (last.missing, last.id) if last else None


# -- Support -----------------------------------------------------------------------


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Workshop.is_active.is_(True), Place.is_active.is_(True)]
    found.append(SkillStandard.retired_at.is_(None))
    if scope.provinces:
        found.append(Place.province_id.in_(scope.provinces))
    if scope.units:
        found.append(Workshop.unit_id.in_(scope.units))
    if scope.workshop_id:
        found.append(Workshop.id == scope.workshop_id)
    if scope.standard_id:
        found.append(WorkshopStandard.standard_id == scope.standard_id)
    if scope.item_key:
        found.append(StandardRequirement.item_key == scope.item_key)
    return found


def _needs(scope: Scope, keys: set[str] | None = None) -> Subquery:
    """What each standard of each workshop in use asks for at its workstations."""
    asked = StandardRequirement
    where = _within(scope) + ([asked.item_key.in_(keys)] if keys is not None else [])
    query = (
        select(
            Workshop.id.label("workshop_id"),
            asked.standard_id.label("standard_id"),
            asked.item_key.label("item_key"),
            func.min(asked.item_name).label("item"),
            func.sum(needed_for(Workshop.workstations)).label("needed"),
        )
        .join(Place, Place.id == Workshop.place_id)
        .join(WorkshopStandard, WorkshopStandard.workshop_id == Workshop.id)
        .join(SkillStandard, SkillStandard.id == WorkshopStandard.standard_id)
        .join(asked, asked.standard_id == SkillStandard.id)
        .where(*where)
        .group_by(Workshop.id, asked.standard_id, asked.item_key)
    )
    return query.subquery()


def _stock(*where: ColumnElement[bool]) -> Subquery:
    """The pieces that work, by workshop and item."""
    query = select(
        EquipmentItem.workshop_id,
        EquipmentItem.unit_id,
        EquipmentItem.name_key.label("item_key"),
        func.sum(EquipmentItem.serviceable).label("present"),
    ).where(*where)
    return query.group_by(EquipmentItem.workshop_id, EquipmentItem.unit_id, EquipmentItem.name_key).subquery()


def _short(scope: Scope, *, by_standard: bool = False) -> Subquery:
    """What is asked for and not there, by workshop and item, or for each of the standards."""
    needs = _needs(scope)
    stock = _stock(*_stock_within(scope))
    present = func.coalesce(stock.c.present, 0)
    there = (stock.c.workshop_id == needs.c.workshop_id) & (stock.c.item_key == needs.c.item_key)
    query = select(needs, present.label("present")).outerjoin(stock, there).where(needs.c.needed > present)
    if by_standard:
        return query.subquery()
    each = query.subquery()
    return (
        select(
            each.c.workshop_id,
            each.c.item_key,
            func.min(each.c.item).label("item"),
            func.max(each.c.needed).label("needed"),
            func.max(each.c.present).label("present"),
            func.count().label("standards"),
        )
        .group_by(each.c.workshop_id, each.c.item_key)
        .subquery()
    )


def _balance(scope: Scope) -> Subquery:
    """What is needed and what works, by workshop and item, of all that is needed or there; each table is read once."""
    needs, stock = _needs(scope), _stock(*_stock_within(scope))
    asked = select(needs.c.workshop_id, needs.c.item_key, needs.c.item, needs.c.needed, literal(0).label("present"))
    there = select(stock.c.workshop_id, stock.c.item_key, null().label("item"), literal(0), stock.c.present)
    both = asked.union_all(there).subquery()
    query = select(
        both.c.workshop_id,
        both.c.item_key,
        func.min(both.c.item).label("item"),
        func.max(both.c.needed).label("needed"),
        func.max(both.c.present).label("present"),
    )
    return query.group_by(both.c.workshop_id, both.c.item_key).subquery()


def _above_zero(number: ColumnElement[int]) -> ColumnElement[int]:
    return case((number > 0, number), else_=0)


def _stock_within(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.provinces:
        found.append(EquipmentItem.province_id.in_(scope.provinces))
    if scope.units:
        found.append(EquipmentItem.unit_id.in_(scope.units))
    if scope.workshop_id:
        found.append(EquipmentItem.workshop_id == scope.workshop_id)
    return found


def _spare(provinces: Sequence[int], keys: set[str] | None) -> Subquery:
    """What works beyond a workshop's own need, in these provinces."""
    each = _needs(Scope(provinces=tuple(provinces)), keys)
    most = select(each.c.workshop_id, each.c.item_key, func.max(each.c.needed).label("needed"))
    need = most.group_by(each.c.workshop_id, each.c.item_key).subquery()
    where = [EquipmentItem.province_id.in_(provinces)]
    stock = _stock(*where, *([EquipmentItem.name_key.in_(keys)] if keys is not None else []))
    pieces = stock.c.present - func.coalesce(need.c.needed, 0)
    own = (need.c.workshop_id == stock.c.workshop_id) & (need.c.item_key == stock.c.item_key)
    query = select(stock.c.workshop_id, stock.c.unit_id, stock.c.item_key, pieces.label("pieces"))
    return query.outerjoin(need, own).where(pieces > 0).subquery()
