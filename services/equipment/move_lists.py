"""Moves of a unit in lists: coming, gone, waiting for the province, over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from models import EquipmentRequest, EquipmentTransfer, RequestState, TransferState, db
from services.access import Actor
from services.equipment import reading

PAGE = 25
IN, OUT, ASKED, DONE = "in", "out", "asked", "done"
S = TransferState


@dataclass(frozen=True)
class Page:
    """Some moves, or requests where they are asked for, and before which id the next page begins (None at the end)."""

    rows: Sequence[EquipmentTransfer] | Sequence[EquipmentRequest]
    before: int | None


def listing(actor: Actor, tab: str, before: int | None = None) -> Page:
    """25 of a tab, newest first; `asked` has the losses that wait, every other tab moves."""
    units = reading.keeper(actor)
    if tab == ASKED:
        waits = (EquipmentRequest.unit_id.in_(units), EquipmentRequest.state == RequestState.WAITING)
        query = select(EquipmentRequest).where(*waits).options(joinedload(EquipmentRequest.item))
        return _page(query, EquipmentRequest, before)
    places = (joinedload(EquipmentTransfer.from_workshop), joinedload(EquipmentTransfer.to_workshop))
    moves = select(EquipmentTransfer).where(_of(tab, units))
    return _page(moves.options(joinedload(EquipmentTransfer.item), *places), EquipmentTransfer, before)


def counts(actor: Actor) -> dict[str, int]:
    """How much stands in each tab but the last, in one query."""
    units = reading.keeper(actor)
    sums = [func.coalesce(func.sum(case((_of(tab, units), 1), else_=0)), 0) for tab in (IN, OUT)]
    asked = select(func.count()).where(
        EquipmentRequest.unit_id.in_(units), EquipmentRequest.state == RequestState.WAITING
    )
    open_ones = (EquipmentTransfer.state.in_((S.WAITING, S.SENT)), _between(units))
    row = db.session.execute(select(*sums, asked.scalar_subquery()).where(*open_ones)).one()
    return dict(zip((IN, OUT, ASKED), map(int, row), strict=True))


def arriving_count(actor: Actor) -> int:
    """How many moves are on their way to the actor's units."""
    coming = (EquipmentTransfer.to_unit_id.in_(reading.units_of(actor)), EquipmentTransfer.state == S.SENT)
    return db.session.scalar(select(func.count()).where(*coming)) or 0


# -- Support -----------------------------------------------------------------------


def _between(units: Sequence[int]) -> ColumnElement[bool]:
    return or_(EquipmentTransfer.from_unit_id.in_(units), EquipmentTransfer.to_unit_id.in_(units))


def _of(tab: str, units: Sequence[int]) -> ColumnElement[bool]:
    if tab == IN:
        return EquipmentTransfer.to_unit_id.in_(units) & (EquipmentTransfer.state == S.SENT)
    if tab == OUT:
        return EquipmentTransfer.from_unit_id.in_(units) & EquipmentTransfer.state.in_((S.WAITING, S.SENT))
    return _between(units) & EquipmentTransfer.state.not_in((S.WAITING, S.SENT))


def _page(query: Any, model: Any, before: int | None) -> Page:
    if before:
        query = query.where(model.id < before)
    found = db.session.scalars(query.order_by(model.id.desc()).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
