"""The statement of one purse for one Jalali month, to be printed and handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import case, func, select

from models import TransferKind, db
from services import jalali
from services.catalog.booklet import Month
from services.purses import statement
from services.purses.portal import Owner
from services.purses.statement import Entry, Wanted

MOST = 400  # lines on a page; the workbook has all of them


@dataclass(frozen=True)
class Monthly:
    """A month of a purse: what it held before and after, sums and counts by kind, the movements in their order."""

    month: Month
    opening: int
    closing: int
    sums: dict[TransferKind, tuple[int, int]]
    entries: Sequence[Entry]
    is_cut: bool


def monthly(owner: Owner, month: Month) -> Monthly:
    """A month of a purse, in three queries.

    Source: docs/rules.md R-463.
    """
    purse_id = statement.id_of(owner)
    found = statement.page_of(purse_id, Wanted(first=month.first, last=month.last), size=MOST)
    opening, sums = _sums(purse_id, month) if purse_id else (0, {})
    closing = opening + sum(rials for _, rials in sums.values())
    return Monthly(month, opening, closing, sums, found.entries[::-1], found.before is not None)


def _sums(purse_id: int, month: Month) -> tuple[int, dict[TransferKind, tuple[int, int]]]:
    """What the purse held when the month began, and by kind how often and how much was moved in it."""
    first, end = (jalali.from_tehran(day, time(0)) for day in (month.first, month.after.first))
    legs = statement.legs_of(purse_id)
    period = case((legs.c.at < first, "before"), (legs.c.at < end, "in"), else_="after").label("period")
    query = select(period, legs.c.kind, func.count().label("n"), func.sum(legs.c.amount).label("rials"))
    rows = db.session.execute(query.group_by(period, legs.c.kind)).all()
    opening = sum(int(row.rials) for row in rows if row.period == "before")
    found = {TransferKind(row.kind): (row.n, int(row.rials)) for row in rows if row.period == "in"}
    return opening, {kind: found[kind] for kind in TransferKind if kind in found}
