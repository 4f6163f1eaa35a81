"""Why a purse is short although somebody has paid: the bank has not confirmed it yet, or it went under another code.

The other causes, a purse that has too little and another one that has enough, stand in the refusal itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from models import (
    Account,
    CreditCase,
    CreditCaseState,
    LedgerTransfer,
    Payment,
    PaymentLine,
    PaymentState,
    db,
    utcnow,
)
from services import people
from services.baskets.values import Owner, Payer
from services.payments import reading
from services.payments.reading import Pending

LOOKED_BACK = timedelta(days=30)
SAME_DAY = timedelta(hours=24)
NEAR = 2  # digits that may differ in a code that was meant to be another one
MOST = 3


@dataclass(frozen=True)
class Elsewhere:
    """A top-up of the same payer that lies unspent in another purse, which shows enough of its code to be known."""

    receipt_key: str
    amount: int
    at: datetime
    code: str


@dataclass(frozen=True)
class Causes:
    """What explains a shortage; both empty when there is nothing but too little money."""

    pending: list[Pending]
    elsewhere: list[Elsewhere]


NONE = Causes([], [])


def causes(payer: Payer, owners: Sequence[Owner]) -> Causes:
    """Look for payments to these purses that the bank has not settled, then for the payer's own under other codes.

    Of others' payments nothing is looked for: only what the same signed-in payer has paid (decision 23).
    """
    pending = reading.pending_of(*owners)
    return Causes(pending, [] if pending else elsewhere(payer, owners))


def elsewhere(payer: Payer, owners: Sequence[Owner]) -> list[Elsewhere]:
    """The payer's top-ups of the last month that probably were meant for one of these purses, newest first.

    Those are of a code that nobody has, or that differs in a digit or two; and of the last day all of them.

    Source: docs/rules.md R-452.
    """
    if not (payer.user_id or payer.person_id):
        return []
    now = utcnow()
    rows = db.session.execute(_unspent(payer, owners, now - LOOKED_BACK)).all()
    likely = [row for row in rows if not row.was_known or row.at > now - SAME_DAY or _is_near(row.code, owners)]
    likely.sort(key=lambda row: not _is_near(row.code, owners))  # of each kind the newest stays first
    return [Elsewhere(row.receipt_key, row.amount, row.at, people.masked_code(row.code)) for row in likely[:MOST]]


def _unspent(payer: Payer, owners: Sequence[Owner], since: datetime) -> Select[*tuple[Any, ...]]:
    """Lines of the payer's verified payments to other purses which still hold as much, and that nobody is moving."""
    purse = and_(Account.owner_kind == PaymentLine.owner_kind, Account.owner_code == PaymentLine.owner_code)
    code, at = PaymentLine.owner_code.label("code"), Payment.settled_at.label("at")
    columns = (PaymentLine.amount, PaymentLine.was_known, code, at, Payment.receipt_key)
    query = select(*columns).join(Payment, Payment.id == PaymentLine.payment_id).join(Account, purse)
    own = Payment.user_id == payer.user_id if payer.user_id else Payment.person_id == payer.person_id
    query = query.where(own, Payment.state == PaymentState.VERIFIED, Payment.settled_at > since)
    query = query.where(Account.balance >= PaymentLine.amount, ~_one_of(owners), ~_is_asked_back())
    return query.order_by(Payment.id.desc(), PaymentLine.id).limit(100)


def _one_of(owners: Iterable[Owner]) -> ColumnElement[bool]:
    return or_(*(and_(PaymentLine.owner_kind == kind, PaymentLine.owner_code == code) for kind, code in owners))


def _is_asked_back() -> ColumnElement[bool]:
    """Whether a case about this top-up is open or done: then it is on its way, or has gone."""
    states = (CreditCaseState.ASKED, CreditCaseState.SECONDED, CreditCaseState.DONE)
    case = select(CreditCase.id).join(LedgerTransfer, LedgerTransfer.id == CreditCase.transfer_id)
    return exists(
        case.where(LedgerTransfer.payment_line_id == PaymentLine.id, CreditCase.state.in_(states)).correlate(
            PaymentLine
        )
    )


def _is_near(code: str, owners: Iterable[Owner]) -> bool:
    """Whether a code is one of these but for a digit or two, or for two neighbors that changed places."""
    same_length = (other for _, other in owners if len(other) == len(code))
    return any(sum(a != b for a, b in zip(code, other, strict=True)) <= NEAR for other in same_length)
