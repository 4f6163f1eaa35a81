"""Shortages in sums: by province, unit, standard and item, those with most pieces missing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, case, func, or_, select

from models import Place, Province, SkillStandard, Unit, Workshop, db
from services.places.lacking import statements
from services.places.lacking.scope import PAGE, Scope
from services.places.lacking.statements import above_zero

Parts = tuple[Sequence["Part"], tuple[int, Any] | None]


@dataclass(frozen=True)
class Part:
    """What is missing of one thing: in how many workshops (`of` so many that need anything), how many items of them.

    `key` is the code of a standard, or the key of an item, whose `items` are not counted; `spare` is what workshops
    have of an item beyond their own need.
    """

    id: int
    key: str
    title: str
    workshops: int
    items: int
    missing: int
    of: int = 0
    spare: int = 0


def by_province(scope: Scope) -> Sequence[Part]:
    """Every province that has a center or an academy, those without a shortage too; one query."""
    room = _by_room(statements.most(scope))
    short = case((room.c.missing > 0, 1), else_=0)
    sums = (
        select(
            Place.province_id, func.sum(short).label("workshops"), func.sum(room.c.lines).label("lines"),
            func.sum(room.c.missing).label("missing"), func.count().label("of"),
        )
        .join(Workshop, Workshop.id == room.c.workshop_id)
        .join(Place, Place.id == Workshop.place_id)
        .group_by(Place.province_id)
        .subquery()
    )  # fmt: skip
    missing = func.coalesce(sums.c.missing, 0)
    query = select(Province.id, Province.code, Province.title, sums.c.workshops, sums.c.lines, missing, sums.c.of)
    query = query.outerjoin(sums, sums.c.province_id == Province.id).order_by(missing.desc(), Province.title_sort)
    return [_part(*row) for row in db.session.execute(query)]


def by_unit(scope: Scope, after: tuple[int, int] | None = None, most: int = PAGE) -> Parts:
    """So many units that lack something, and after which the next page begins."""
    room = _by_room(statements.most(scope))
    missing = func.sum(room.c.missing)
    query = select(Unit.id, Unit.code, Unit.title, func.count(), func.sum(room.c.lines), missing)
    query = query.join(Workshop, Workshop.id == room.c.workshop_id).join(Unit, Unit.id == Workshop.unit_id)
    query = query.where(room.c.missing > 0).group_by(Unit.id, Unit.code, Unit.title)
    return _page(query, missing, Unit.id, after, most)


def by_standard(scope: Scope, after: tuple[int, int] | None = None, most: int = PAGE) -> Parts:
    """So many standards for which something is missing, each as if it were the only one; their sum is of no use."""
    room = _by_room(statements.each(scope), "standard_id")
    missing, standard = func.sum(room.c.missing), SkillStandard
    query = select(standard.id, standard.code, standard.title, func.count(), func.sum(room.c.lines), missing)
    query = query.join(standard, standard.id == room.c.standard_id).where(room.c.missing > 0)
    return _page(query.group_by(standard.id, standard.code, standard.title), missing, standard.id, after, most)


def by_item(scope: Scope, after: tuple[int, str] | None = None, most: int = PAGE) -> Parts:
    """So many items, with how many of them other workshops of the scope could lend."""
    room, stock = statements.most(scope), statements.stock_by_item(scope)
    lacks = room.c.needed - room.c.present
    missing, rooms = func.sum(above_zero(lacks)), func.sum(case((lacks > 0, 1), else_=0))
    in_use = func.sum(case((lacks > 0, room.c.present), else_=room.c.needed))
    spare = func.coalesce(func.max(stock.c.present), 0) - in_use
    query = select(room.c.item_key, func.min(room.c.item), rooms, missing, spare)
    query = query.outerjoin(stock, stock.c.item_key == room.c.item_key).group_by(room.c.item_key)
    rows = _rows(query.having(missing > 0), missing, room.c.item_key, after, most)
    found = [Part(0, row[0], row[1], int(row[2]), 0, int(row[3]), spare=int(row[4])) for row in rows]
    return found[:most], (found[most - 1].missing, found[most - 1].key) if len(found) > most else None


# -- Support -----------------------------------------------------------------------


def _by_room(each: Subquery, *also: str) -> Subquery:
    """How many items and pieces of them a workshop lacks; both 0 where it lacks nothing."""
    keys = [each.c.workshop_id, *(each.c[name] for name in also)]
    lacks = each.c.needed - each.c.present
    items, missing = func.sum(case((lacks > 0, 1), else_=0)), func.sum(above_zero(lacks))
    return select(*keys, items.label("lines"), missing.label("missing")).group_by(*keys).subquery()


def _page(query: Any, missing: Any, key: Any, after: tuple[int, int] | None, most: int) -> Parts:
    found = [_part(*row) for row in _rows(query, missing, key, after, most)]
    return found[:most], (found[most - 1].missing, found[most - 1].id) if len(found) > most else None


def _rows(query: Any, missing: Any, key: Any, after: tuple[int, Any] | None, most: int) -> Sequence[Any]:
    if after:
        query = query.having(or_(missing < after[0], (missing == after[0]) & (key > after[1])))
    rows: Sequence[Any] = db.session.execute(query.order_by(missing.desc(), key).limit(most + 1)).all()
    return rows


def _part(part_id: int, key: str, title: str, *numbers: Any) -> Part:
    workshops, items, missing, of = (int(number or 0) for number in (*numbers, 0)[:4])
    return Part(part_id, key, title, workshops, items, missing, of)
