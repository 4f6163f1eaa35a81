"""What there is: pieces, how many work, what they are worth; by part of the territory, group, condition and age."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from models import Condition, EquipmentGroup, EquipmentItem, Place, Province, Unit, Workshop, db
from services import policy, text
from services.inventory_reports.scope import AGES, HOLDERS, Age, Filters, Parts, Scope, since


@dataclass(frozen=True)
class Sums:
    """Of some items: how many lines of the book, pieces, working ones, rials, lines without a price, overdue ones."""

    lines: int = 0
    pieces: int = 0
    working: int = 0
    rials: int = 0
    unpriced: int = 0
    overdue: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(mine + theirs for mine, theirs in zip(_numbers(self), _numbers(other), strict=True)))

    @property
    def broken(self) -> int:
        return self.pieces - self.working


@dataclass(frozen=True)
class Row:
    """One part of a report's territory."""

    id: int
    title: str
    sub: str
    sums: Sums


@dataclass(frozen=True)
class Stock:
    """A whole report: rows in the order of the alphabet, and the same items by what they are."""

    rows: Sequence[Row]
    total: Sums
    by_group: dict[EquipmentGroup, Sums] = field(default_factory=dict)
    by_condition: dict[Condition | None, Sums] = field(default_factory=dict)
    by_age: dict[Age, Sums] = field(default_factory=dict)


def stock(scope: Scope, filters: Filters) -> Stock:
    """The report of a territory; two queries. Source: docs/rules.md R-163, R-164."""
    rows = [Row(row.id, row.title, row.sub or "", _sums(row)) for row in db.session.execute(_by_part(scope, filters))]
    if scope.parts is Parts.WORKSHOPS:  # they have no key to be sorted by, and the databases differ on the alphabet
        rows.sort(key=lambda row: (text.sort_key(row.sub), text.sort_key(row.title), row.id))
    kinds = db.session.execute(_by_kind(scope, filters)).all()
    return Stock(
        rows=rows,
        total=sum((row.sums for row in rows), Sums()),
        by_group=_folded(kinds, lambda row: row.group, EquipmentGroup),
        by_condition=_folded(kinds, lambda row: row.condition, (*Condition, None)),
        by_age=_folded(kinds, lambda row: Age(row.age), Age),
    )


# -- Support -----------------------------------------------------------------------


def _numbers(sums: Sums) -> tuple[int, ...]:
    return sums.lines, sums.pieces, sums.working, sums.rials, sums.unpriced, sums.overdue


def _sums(row: Any) -> Sums:
    return Sums(*(int(number or 0) for number in row[-6:]))


def _measures() -> tuple[Any, ...]:
    item = EquipmentItem
    overdue = and_(item.next_service_on < policy.today(), item.quantity > 0)
    return (
        func.count(item.id),
        func.sum(item.quantity),
        func.sum(item.serviceable),
        func.sum(item.quantity * item.price_rials),
        func.sum(case((and_(item.id.is_not(None), item.price_rials.is_(None)), 1), else_=0)),
        func.sum(case((overdue, 1), else_=0)),
    )


def _by_part(scope: Scope, filters: Filters) -> Select[Any]:
    """A row for each part, those without any equipment too: they are what a reader looks for."""
    here = and_(EquipmentItem.is_active, *filters.where())
    if scope.parts is Parts.WORKSHOPS:
        query = select(Workshop.id, Workshop.title, Place.title.label("sub"), *_measures())
        query = query.join(Workshop.place).outerjoin(
            EquipmentItem, and_(EquipmentItem.workshop_id == Workshop.id, here)
        )
        query = query.where(Workshop.unit_id.in_(scope.units), or_(Workshop.is_active, EquipmentItem.id.is_not(None)))
        return query.group_by(Workshop.id, Workshop.title, Place.title).order_by(
            Place.title, Workshop.title, Workshop.id
        )
    holder = or_(and_(Unit.kind.in_(HOLDERS), Unit.is_active), EquipmentItem.id.is_not(None))
    joined = and_(EquipmentItem.unit_id == Unit.id, here)
    if scope.parts is Parts.UNITS:
        query = select(Unit.id, Unit.title, Unit.code.label("sub"), *_measures()).outerjoin(EquipmentItem, joined)
        query = query.where(scope.holders(), holder)
        return query.group_by(Unit.id, Unit.title, Unit.code, Unit.title_sort).order_by(Unit.title_sort, Unit.id)
    query = select(Province.id, Province.title, Province.code.label("sub"), *_measures())
    query = query.join(Unit, Unit.province_id == Province.id).outerjoin(EquipmentItem, joined).where(holder)
    grouped = (Province.id, Province.title, Province.code, Province.title_sort)
    return query.group_by(*grouped).order_by(Province.title_sort)


def _by_kind(scope: Scope, filters: Filters) -> Select[Any]:
    """At most 4 groups by 5 conditions by 5 ages."""
    day = EquipmentItem.acquired_on
    bands = [(day <= since(years) if years else day.is_not(None), age.value) for age, years in reversed(AGES)]
    age = case(*bands, else_=Age.UNKNOWN.value).label("age")
    query = select(EquipmentItem.group.label("group"), EquipmentItem.condition.label("condition"), age, *_measures())
    query = query.where(scope.items(), *filters.where())
    return query.group_by(EquipmentItem.group, EquipmentItem.condition, age)


def _folded(rows: Sequence[Any], key: Callable[[Any], Any], order: Iterable[Any]) -> dict[Any, Sums]:
    """Sums by one property, in the order of its values; what nothing is of is left out."""
    found: dict[Any, Sums] = defaultdict(Sums)
    for row in rows:
        found[key(row)] += _sums(row)
    return {value: found[value] for value in order if value in found}
