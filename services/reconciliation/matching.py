"""The lines of a bank's file against our payments: each is met once, and how it is met says what kind of line it is.

Source: docs/rules.md R-521, R-522.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from models import Outcome, Payment, PaymentState, ReconciliationRow, db
from services import jalali

# A line that is the bank's word about a payment; a second one is `TWICE`.
MEETS = (Outcome.MATCHED, Outcome.AMOUNT_DIFFERS, Outcome.NOT_CREDITED, Outcome.ANOTHER_DAY)


@dataclass(frozen=True)
class Entry:
    """A line of a file: what is known of it, and whether that is enough to look for its payment."""

    line: int
    order_number: int | None
    reference: str | None
    amount: int | None
    paid_at: datetime | None

    @property
    def is_readable(self) -> bool:
        return self.amount is not None and (self.order_number is not None or self.reference is not None)


Span = tuple[datetime, datetime]


def span(day: date) -> Span:
    """A day of Tehran as moments: its first, and the first of the next one."""
    return jalali.from_tehran(day, time.min), jalali.from_tehran(day + timedelta(days=1), time.min)


def kind_of(amount: int | None, payment: Any, of_day: Span) -> Outcome:
    """What a line with this amount says about its payment, as that stands now."""
    if amount != payment.amount:
        return Outcome.AMOUNT_DIFFERS
    if payment.state is not PaymentState.VERIFIED:
        return Outcome.NOT_CREDITED
    return Outcome.MATCHED if of_day[0] <= payment.settled_at < of_day[1] else Outcome.ANOTHER_DAY


def match(gateway: str, day: date, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What is to be kept of each line, in two statements for a file of any length."""
    found = _payments(gateway, entries)
    by_order = {row.order_number: row for row in found}
    by_reference = {row.reference: row for row in found if row.reference}
    met, of_day = _met({row.id for row in found}), span(day)
    return [_kept(entry, _payment_of(entry, by_order, by_reference), met, of_day) for entry in entries]


def _payments(gateway: str, entries: Sequence[Entry]) -> Sequence[Any]:
    orders = [entry.order_number for entry in entries if entry.order_number is not None]
    references = [entry.reference for entry in entries if entry.reference]
    named = or_(Payment.order_number.in_(orders), Payment.reference.in_(references))
    columns = (Payment.id, Payment.order_number, Payment.reference, Payment.state, Payment.amount, Payment.settled_at)
    return db.session.execute(select(*columns).where(Payment.gateway == gateway, named)).all()


def _met(payment_ids: Collection[int]) -> set[int]:
    """Those that an earlier file has named already."""
    query = select(ReconciliationRow.payment_id).where(ReconciliationRow.payment_id.in_(payment_ids))
    met = query.where(ReconciliationRow.line > 0, ReconciliationRow.outcome.in_(MEETS))
    return {payment_id for payment_id in db.session.scalars(met) if payment_id is not None}


def _payment_of(entry: Entry, by_order: dict[int, Any], by_reference: dict[str, Any]) -> Any:
    payment = by_order.get(entry.order_number or 0) or by_reference.get(entry.reference or "")
    if payment is None or not entry.is_readable:
        return None
    # The bank has taken money for our order a second time, under a reference that was never ours.
    is_anothers = entry.reference and payment.reference and entry.reference != payment.reference
    return None if is_anothers else payment


def _kept(entry: Entry, payment: Any, met: set[int], of_day: Span) -> dict[str, Any]:
    if not entry.is_readable:
        outcome = Outcome.UNREADABLE
    elif payment is None:
        outcome = Outcome.UNKNOWN_HERE
    elif payment.id in met:
        outcome = Outcome.TWICE
    else:
        met.add(payment.id)
        outcome = kind_of(entry.amount, payment, of_day)
    said = {"order_number": entry.order_number, "reference": entry.reference, "amount": entry.amount}
    paid = {"paid_at": entry.paid_at, "payment_id": payment.id if payment else None}
    return {"line": entry.line, "outcome": outcome, **said, **paid}
