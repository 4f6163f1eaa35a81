"""The province's lists of cases: what waits, the longest first, and what was decided, the newest first."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_

from models import db
from services.access import Actor
from services.equipment.cases import LOSS, MOVE, WAITING, Case, decided, model, of, reading

PAGE = 25
Cursor = tuple[datetime, str, int]


@dataclass(frozen=True)
class Page:
    """Some cases, and where the next page begins (None at the end)."""

    rows: Sequence[Case]
    after: Cursor | None


def waiting_count(actor: Actor) -> int:
    """How much waits in the actor's provinces."""
    counts = [select(func.count()).where(*_open(actor, kind)).scalar_subquery() for kind in (MOVE, LOSS)]
    return int(db.session.scalar(select(counts[0] + counts[1])) or 0)


def waiting(actor: Actor, after: Cursor | None = None) -> Page:
    """25 of what waits, the longest first."""
    lists = [_some(actor, kind, after) for kind in (LOSS, MOVE)]
    return _page(list(heapq.merge(*lists, key=_asked))[: PAGE + 1], _asked)


def done(actor: Actor, after: Cursor | None = None) -> Page:
    """25 of what the province has decided, the newest first."""
    lists = [_some(actor, kind, after, is_done=True) for kind in (LOSS, MOVE)]
    return _page(list(heapq.merge(*lists, key=_decided, reverse=True))[: PAGE + 1], _decided)


# -- Support -----------------------------------------------------------------------


def _open(actor: Actor, kind: str) -> tuple[ColumnElement[bool], ...]:
    return model(kind).province_id.in_(actor.provinces), model(kind).state == WAITING[kind]


def _some(actor: Actor, kind: str, after: Cursor | None, *, is_done: bool = False) -> list[Case]:
    table = model(kind)
    moment = table.decided_at if is_done else table.created_at
    wheres = (table.province_id.in_(actor.provinces), *decided(kind)) if is_done else _open(actor, kind)
    order = (moment.desc(), table.id.desc()) if is_done else (moment, table.id)
    some = select(table.id).where(*wheres).order_by(*order).limit(PAGE + 1)
    if after:
        some = some.where(_beyond(kind, moment, after, newest_first=is_done))
    # The few ids first: else everything that was ever decided is joined with all that is shown before it is sorted.
    query = reading(kind).where(table.id.in_(some)).order_by(*order)
    return [of(actor, kind, row) for row in db.session.scalars(query)]


def _beyond(kind: str, moment: Any, after: Cursor, *, newest_first: bool) -> ColumnElement[bool]:
    """What stands behind the end of the last page; of one moment losses stand before moves, as words do."""
    here = tuple_(moment, literal(kind), model(kind).id)
    return here < after if newest_first else here > after


def _page(found: list[Case], place: Any) -> Page:
    return Page(found[:PAGE], place(found[PAGE - 1]) if len(found) > PAGE else None)


def _asked(each: Case) -> Cursor:
    return each.row.created_at, *each.key


def _decided(each: Case) -> Cursor:
    assert each.row.decided_at is not None  # noqa: S101 (only what was decided is asked for)
    return each.row.decided_at, *each.key
