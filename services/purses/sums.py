"""Sums of what was debited and given back, for the province by unit and for HQ by province; nobody is named.

Source: docs/rules.md R-467.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import Row, Select, case, func, select

from models import Account, DebitSource, Enrollment, OwnerKind, Province, TransferKind, Unit, db
from models import LedgerTransfer as L
from services import jalali
from services.access import Actor, Level
from services.catalog.booklet import Month


@dataclass(frozen=True)
class Sums:
    """A month of a territory: a row for each part of it, and for HQ what all purses together got and hold."""

    parts: Sequence[Row[Any]]
    filled: int | None
    held: int | None

    def total(self, name: str) -> int:
        return sum(int(getattr(row, name)) for row in self.parts)


def month_sums(actor: Actor, month: Month) -> Sums:
    """The sums of a month; one query for a province and two for HQ."""
    parts = db.session.execute(_by_part(actor, month)).all()
    if actor.level is not Level.HQ:
        return Sums(parts, None, None)
    filled = (
        select(func.coalesce(func.sum(L.amount), 0)).where(L.kind == TransferKind.TOP_UP, *_in(month)).scalar_subquery()
    )
    held = select(func.coalesce(func.sum(Account.balance), 0)).where(Account.owner_kind != OwnerKind.SYSTEM)
    row = db.session.execute(select(filled, held.scalar_subquery())).one()
    return Sums(parts, int(row[0]), int(row[1]))


def _by_part(actor: Actor, month: Month) -> Select[Any]:
    part: Any = Province if actor.level is Level.HQ else Unit
    debit, back = L.kind == TransferKind.DEBIT, L.kind == TransferKind.REFUND
    trainee = Enrollment.debit_source == DebitSource.TRAINEE
    columns = (
        func.sum(case((debit, 1), else_=0)).label("times"),
        _sum(debit & trainee).label("trainees"),
        _sum(debit & ~trainee).label("portal"),
        _sum(back).label("back"),
    )
    query = select(part.id, part.title, *columns).select_from(L).join(Enrollment, Enrollment.id == L.enrollment_id)
    if actor.level is Level.HQ:
        query = query.join(Province, Province.id == Enrollment.province_id)
    else:
        query = query.join(Unit, Unit.id == Enrollment.unit_id).where(Enrollment.province_id.in_(actor.provinces))
    return query.where(debit | back, *_in(month)).group_by(part.id, part.title).order_by(part.title_sort, part.id)


def _sum(which: Any) -> Any:
    return func.coalesce(func.sum(case((which, L.amount), else_=0)), 0)


def _in(month: Month) -> tuple[Any, Any]:
    first, end = (jalali.from_tehran(day, time(0)) for day in (month.first, month.after.first))
    return L.at >= first, L.at < end
