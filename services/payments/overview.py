"""Every payment as the operators see it: how many in which state at which bank, and what happened to each."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from models import Payment, PaymentEvent, PaymentState, db
from services import jalali
from services.errors import NotFound
from services.payments import reading, wording
from services.payments.reading import OPEN, Owned

PER_PAGE = 25
ENDED = (PaymentState.VERIFIED, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REVERSED)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; `day` is when a payment has ended, `number` ours or the bank's."""

    gateway: str = ""
    state: PaymentState | None = None
    day: date | None = None
    number: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.gateway or self.state or self.day or self.number)


@dataclass(frozen=True)
class Tally:
    """A gateway's payments: those open now, and those that ended on one day."""

    gateway: str
    title: str
    open: int
    ended: dict[PaymentState, int]
    paid_rials: int


@dataclass(frozen=True)
class Story:
    """One payment with its purses, masked, and its events, newest first: (when, what, particulars)."""

    payment: Payment
    lines: list[Owned]
    events: list[tuple[datetime, str, str]]

    @property
    def is_open(self) -> bool:
        return self.payment.state in OPEN


def tallies(day: date, codes: list[str]) -> list[Tally]:
    """Every gateway of this installation, and every other one with something to tell, in one query."""
    is_open, ended = Payment.state.in_(OPEN), _ended_on(day)
    query = select(Payment.gateway, Payment.state, func.count(), func.sum(Payment.amount)).where(or_(is_open, ended))
    found: dict[str, dict[PaymentState, tuple[int, int]]] = {code: {} for code in codes}
    for gateway, state, count, rials in db.session.execute(query.group_by(Payment.gateway, Payment.state)):
        found.setdefault(gateway, {})[state] = (count, int(rials))
    return [_tally(gateway, states) for gateway, states in found.items()]


def _tally(gateway: str, states: dict[PaymentState, tuple[int, int]]) -> Tally:
    ended = {state: states.get(state, (0, 0))[0] for state in ENDED}
    is_open = sum(count for state, (count, _) in states.items() if state in OPEN)
    return Tally(gateway, wording.title(gateway), is_open, ended, states.get(PaymentState.VERIFIED, (0, 0))[1])


def listing(wanted: Wanted, before: int | None = None) -> tuple[list[Payment], int | None]:
    """A page of payments, newest first, and where the next one begins."""
    query = select(Payment).where(*_where(wanted))
    if before is not None:
        query = query.where(Payment.id < before)
    rows = list(db.session.scalars(query.order_by(Payment.id.desc()).limit(PER_PAGE + 1)))
    return rows[:PER_PAGE], rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.gateway:
        found.append(Payment.gateway == wanted.gateway)
    if wanted.state:
        found.append(Payment.state == wanted.state)
    if wanted.day:
        found.append(_ended_on(wanted.day))
    if wanted.number:
        by_number: list[Any] = [Payment.reference == wanted.number, Payment.trace == wanted.number]
        if wanted.number.isdigit() and len(wanted.number) <= 18:
            by_number.append(Payment.order_number == int(wanted.number))
        found.append(or_(*by_number))
    return found


def _ended_on(day: date) -> ColumnElement[bool]:
    """By gateway, because the index of what has ended begins with it."""
    first, last = (jalali.from_tehran(each, time.min) for each in (day, day + timedelta(days=1)))
    known = Payment.gateway.in_(wording.TITLES)
    return and_(known, Payment.settled_at >= first, Payment.settled_at < last)


def story(payment_id: int) -> Story:
    """One payment.

    Raises:
        NotFound: there is none.
    """
    query = select(Payment).where(Payment.id == payment_id).options(selectinload(Payment.lines))
    payment = db.session.scalar(query.execution_options(populate_existing=True))
    if payment is None:
        raise NotFound(wording.NO_PAYMENT)
    rows = db.session.scalars(
        select(PaymentEvent).where(PaymentEvent.payment_id == payment_id).order_by(PaymentEvent.id.desc()).limit(100)
    )
    events = [(row.at, *wording.event(row.kind, row.code, row.detail)) for row in rows]
    return Story(payment, reading.owned(payment.lines), events)
