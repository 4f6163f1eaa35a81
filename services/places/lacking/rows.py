"""Each shortage, a workshop and an item at a time, and who could lend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from models import Unit, Workshop, db
from services.places.lacking import statements
from services.places.lacking.scope import PAGE, Scope

_LENDERS = 4  # that are named for each item


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


def listing(
    scope: Scope, after: tuple[int, str] | None = None, most: int = PAGE
) -> tuple[Sequence[Lack], tuple[int, str] | None]:
    """So many shortages by workshop and item, and the workshop and item after which the next page begins."""
    found = [Lack(*row) for row in db.session.execute(_ordered(scope, after).limit(most + 1))]
    last = found[most - 1] if len(found) > most else None
    return found[:most], (last.workshop_id, last.item_key) if last else None


def is_asked(scope: Scope) -> bool:
    """Whether any workshop in use has a standard that asks for anything; without one nothing can be short."""
    return db.session.scalar(select(statements.needs(scope).c.workshop_id).limit(1)) is not None


def counts(workshop_id: int) -> Mapping[int, int]:
    """How many items a workshop lacks for each of its standards that lacks any."""
    each = statements.each(Scope(workshop_id=workshop_id))
    query = select(each.c.standard_id, func.count()).where(each.c.needed > each.c.present)
    return dict(db.session.execute(query.group_by(each.c.standard_id)).all())


def lenders(lacks: Sequence[Lack], provinces: Sequence[int]) -> Mapping[str, Sequence[Lender]]:
    """For each item that is short, who in these provinces could lend it: the same units first, then the most."""
    keys, units = {lack.item_key for lack in lacks}, {lack.unit_id for lack in lacks}
    spare = statements.spare(provinces, keys)
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


# -- Support -----------------------------------------------------------------------


def _ordered(scope: Scope, after: tuple[int, str] | None) -> Select[Any]:
    each = statements.each(scope)
    needed, present = func.max(each.c.needed), func.max(each.c.present)
    standards = func.sum(case((each.c.needed > each.c.present, 1), else_=0))
    room = (each.c.workshop_id, Workshop.place_id, Workshop.unit_id, Workshop.title, Unit.title)
    query = (
        select(*room, each.c.item_key, func.min(each.c.item), needed, present, standards)
        .join(Workshop, Workshop.id == each.c.workshop_id)
        .join(Unit, Unit.id == Workshop.unit_id)
        .group_by(each.c.workshop_id, each.c.item_key, *room[1:])
        .having(needed > present)
        .order_by(each.c.workshop_id, each.c.item_key)
    )
    if after:
        later = (each.c.workshop_id == after[0]) & (each.c.item_key > after[1])
        query = query.where(or_(each.c.workshop_id > after[0], later))
    return query
