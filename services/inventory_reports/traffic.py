"""What moved in a period: how often and how many pieces, by kind, by month of the Jalali calendar and by part."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, case, func, select
from sqlalchemy.orm import aliased

from models import (
    EquipmentItem,
    EquipmentMovement,
    EquipmentTransfer,
    MovementKind,
    Place,
    Province,
    TransferState,
    Unit,
    Workshop,
    db,
)
from services import jalali, policy, text
from services.errors import DomainError
from services.inventory_reports.scope import Filters, Parts, Scope

LONGEST_DAYS = 731
M = EquipmentMovement
# What comes from outside and what leaves for good; the rest moves inside or mends.
COMES = (MovementKind.RECEIVED, MovementKind.FOUND)
LEAVES = (MovementKind.CONSUMED, MovementKind.WRITTEN_OFF, MovementKind.LOST)


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Moved:
    """Some movements: how many, and the pieces that changed place, state or being."""

    times: int = 0
    pieces: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.times + other.times, self.pieces + other.pieces)


@dataclass(frozen=True)
class PartMoved:
    """The movements of one part of the territory: how many, and the pieces that came to it and left it."""

    id: int
    title: str
    sub: str
    times: int
    came: int
    left: int


@dataclass(frozen=True)
class Traffic:
    """A whole report; months from the first to the last, those in which nothing moved too."""

    rows: Sequence[PartMoved]
    by_kind: dict[MovementKind, Moved]
    months: list[tuple[str, Moved, Moved]]  # «آذر ۱۴۰۵», what came from outside, what left for good


def period(first: date | None, last: date | None) -> Period:
    """The days that are asked for; without any, the Jalali year so far.

    Raises:
        DomainError: the first comes after the last, or it is longer than two years.
    """
    today = policy.today()
    last = last or today
    found = Period(first or jalali.to_gregorian(jalali.parts(last)[0], 1, 1), last)
    if found.first > found.last:
        raise DomainError("روز آغاز پس از روز پایان است", field="first")
    if (found.last - found.first).days > LONGEST_DAYS:
        raise DomainError("بازه‌ای تا دو سال بنویسید", field="first")
    return found


def traffic(scope: Scope, filters: Filters, days: Period) -> Traffic:
    """The report of a territory; two queries. Source: docs/rules.md R-165."""
    by_kind: dict[MovementKind, Moved] = defaultdict(Moved)
    by_month: dict[tuple[int, int], list[Moved]] = {month: [Moved(), Moved()] for month in _months(days)}
    for kind, day, times, pieces, working in db.session.execute(_by_day(scope, filters, days)):
        moved = Moved(times, int(abs(pieces) or abs(working)))
        by_kind[kind] += moved
        if kind in COMES or kind in LEAVES:
            by_month[jalali.parts(day)[:2]][kind in LEAVES] += moved
    months = [(jalali.MONTHS[month - 1], came, left) for (_, month), (came, left) in by_month.items()]
    rows = [
        PartMoved(row.id, row.title, row.sub or "", row.times, int(row.came), int(row.left))
        for row in db.session.execute(_by_part(scope, filters, days))
    ]
    if scope.parts is Parts.WORKSHOPS:
        rows.sort(key=lambda row: (text.sort_key(row.sub), text.sort_key(row.title), row.id))
    return Traffic(rows, {kind: by_kind[kind] for kind in MovementKind if kind in by_kind}, months)


def within(scope: Scope, filters: Filters, days: Period) -> list[Any]:
    """SQL: the movements of a report, joined with their items.

    Nothing happens after it is written, so what happened in the period was written after its first midnight: that
    bound is the one the index on the time of writing knows.
    """
    written = M.at >= jalali.from_tehran(days.first, time(0)) - timedelta(days=1)
    return [scope.movements(), written, M.happened_on.between(days.first, days.last), *filters.where()]


def workshop_id() -> Any:
    """SQL: the workshop in which a movement happened; it is not on the row and follows from the moves of its item.

    One end of a move happened at that end. Anything else happened where the item stood: where its next move of the
    whole row began, or where it is now. What a row is numbered is the order of what happened to its item, because
    each movement holds the item until it is written.

    Source: docs/rules.md R-165.
    """
    move = aliased(EquipmentTransfer)
    ends = select(case((M.kind == MovementKind.ARRIVED, move.to_workshop_id), else_=move.from_workshop_id))
    own_end = ends.where(move.id == M.transfer_id).correlate(M).scalar_subquery()
    now = select(EquipmentItem.workshop_id).where(EquipmentItem.id == M.item_id).correlate(M).scalar_subquery()
    return func.coalesce(own_end, _left_later(), now)


# -- Support -----------------------------------------------------------------------


def _left_later() -> ScalarSelect[int]:
    """From where the item's whole row went for the first time after a movement."""
    move, arrival = aliased(EquipmentTransfer), aliased(M)
    query = select(move.from_workshop_id).join(arrival, arrival.transfer_id == move.id)
    whole = (move.item_id == M.item_id, move.to_item_id == M.item_id, move.state == TransferState.RECEIVED)
    after = (arrival.kind == MovementKind.ARRIVED, arrival.item_id == M.item_id, arrival.id > M.id)
    return query.where(*whole, *after).order_by(arrival.id).limit(1).correlate(M).scalar_subquery()


def _months(days: Period) -> list[tuple[int, int]]:
    year, month, _ = jalali.parts(days.first)
    last = jalali.parts(days.last)[:2]
    found = []
    while (year, month) <= last:
        found.append((year, month))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def _by_day(scope: Scope, filters: Filters, days: Period) -> Any:
    query = select(M.kind, M.happened_on, func.count(), func.sum(M.pieces), func.sum(M.working)).select_from(M)
    if filters:
        query = query.join(EquipmentItem, EquipmentItem.id == M.item_id)
    return query.where(*within(scope, filters, days)).group_by(M.kind, M.happened_on)


def _by_part(scope: Scope, filters: Filters, days: Period) -> Select[Any]:
    if scope.parts is Parts.WORKSHOPS:
        return _by_workshop(scope, filters, days)
    part: Any = Unit if scope.parts is Parts.UNITS else Province
    query = select(part.id, part.title, part.code.label("sub"), func.count().label("times"), *_flows(M)).select_from(M)
    query = query.join(Unit, Unit.id == M.unit_id)
    if filters:
        query = query.join(EquipmentItem, EquipmentItem.id == M.item_id)
    if part is Province:
        query = query.join(Province, Province.id == Unit.province_id)
    query = query.where(*within(scope, filters, days)).group_by(part.id, part.title, part.code, part.title_sort)
    return query.order_by(part.title_sort, part.id)


def _by_workshop(scope: Scope, filters: Filters, days: Period) -> Select[Any]:
    """The rows are put in order afterwards: workshops have no key to be sorted by."""
    moved = select(M.pieces, workshop_id().label("workshop_id"))
    if filters:
        moved = moved.join(EquipmentItem, EquipmentItem.id == M.item_id)
    found = moved.where(*within(scope, filters, days)).subquery()
    query = select(Workshop.id, Workshop.title, Place.title.label("sub"), func.count().label("times"), *_flows(found.c))
    query = query.select_from(found).join(Workshop, Workshop.id == found.c.workshop_id).join(Workshop.place)
    return query.group_by(Workshop.id, Workshop.title, Place.title)


def _flows(moved: Any) -> tuple[Any, Any]:
    """SQL: the pieces that came and those that left."""
    came, left = case((moved.pieces > 0, moved.pieces), else_=0), case((moved.pieces < 0, -moved.pieces), else_=0)
    return func.coalesce(func.sum(came), 0).label("came"), func.coalesce(func.sum(left), 0).label("left")
