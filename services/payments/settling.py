"""What became of the money: the bank is asked, and its word alone settles a payment.

A purse is filled in the transaction that makes the payment verified, so a payment is credited as often as it becomes
verified: once. Every call is made with no transaction open, and may be made again. Whoever asks holds the row of the
outbox, so that nobody ends a payment as unpaid while somebody else is taking the money.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Update, and_, select, update
from sqlalchemy.exc import IntegrityError

from gateways.banks.base import Bank, Order, Status, Verdict
from gateways.errors import Refused
from models import (
    Account,
    Basket,
    OwnerKind,
    Payment,
    PaymentEvent,
    PaymentLine,
    PaymentState,
    TransferKind,
    db,
    utcnow,
)
from services import ledger, outbox, outside
from services.ledger import Cause
from services.outbox import Claim
from services.payments import events
from services.transaction import atomic, retried

log = logging.getLogger(__name__)
R = TypeVar("R")

OPEN = (PaymentState.TOKEN_OK, PaymentState.REDIRECTED, PaymentState.RETURNED)
PAID = (Status.PAID, Status.ALREADY)

# Why a payment has ended as it has; the bank's own codes stand beside them in the events.
AMOUNT_DIFFERS, REFERENCE_USED, NOT_PAID, OVERDUE = "amount_differs", "reference_used", "not_paid", "overdue"
AT_THE_BANK = "at_the_bank"  # given back by the bank itself


@dataclass(frozen=True)
class Said:
    """What came back with the payer's browser: a claim, which only tells what to ask the bank by."""

    reference: str | None
    is_paid: bool


@dataclass(frozen=True)
class Case:
    """An open payment as it was read before the bank was asked; `said` has the newest return first."""

    payment: Payment
    bank: Bank
    claim: Claim
    said: Sequence[Said]

    @property
    def references(self) -> list[str | None]:
        """The newest first. None is left out, because the bank may have been asked by it before and its answer lost.

        Each look begins with another, so that one about which the bank says nothing hides no other.
        """
        if self.payment.reference:
            return [self.payment.reference]  # made ours before a reversal
        known: list[str | None] = list(dict.fromkeys(each.reference for each in self.said if each.reference))
        first = self.payment.checks % len(known) if known else 0
        return known[first:] + known[:first] or [None]

    def order(self, reference: str | None) -> Order:
        payment = self.payment
        return Order(payment.order_number, payment.amount, payment.token or "", reference)

    @property
    def is_given_up(self) -> bool:
        """Whether the payer came back without having paid, by what the browser brought."""
        return bool(self.said) and not any(each.is_paid for each in self.said)


def case_of(payment: Payment, bank: Bank, claim: Claim) -> Case:
    """An open payment with what its returns have claimed."""
    query = select(PaymentEvent.detail).where(
        PaymentEvent.payment_id == payment.id, PaymentEvent.kind == events.RETURNED
    )
    rows = db.session.scalars(query.order_by(PaymentEvent.id.desc()).limit(events.MOST_RETURNS))
    return Case(payment, bank, claim, [Said(detail.get("reference"), bool(detail.get("paid"))) for detail in rows])


def settle(case: Case) -> bool:
    """Ask the bank about an open payment and do what its answer asks for; whether payment and claim have ended.

    Raises:
        outside.Resting, GatewayError: the bank has not said what became of the money; nothing has changed.

    Source: docs/rules.md R-433, R-434, R-437.
    """
    payment = case.payment
    verdict, reference = _ask(case)
    if verdict.status in PAID and verdict.amount_rials in (None, payment.amount):
        return _credit(case, verdict, verdict.reference or reference or payment.token or "")
    if verdict.status in PAID:
        return _give_back(case, verdict, verdict.reference or reference or payment.token or "")
    if verdict.status is Status.REVERSED:
        # With a reference it was us: another amount was paid, and the answer to our reversal was lost.
        return _close(case, PaymentState.REVERSED, AMOUNT_DIFFERS if payment.reference else AT_THE_BANK, verdict.code)
    if verdict.status is Status.UNPAID and case.is_given_up:
        return _close(case, PaymentState.FAILED, NOT_PAID, verdict.code)
    if is_overdue(payment, utcnow()):
        return _close(case, PaymentState.EXPIRED, OVERDUE, verdict.code)
    _look_noted(payment.id, verdict.status.value, verdict.code)
    return False


def is_overdue(payment: Payment, now: datetime) -> bool:
    """Whether the bank's own way back has passed, so that what is not paid now never will be."""
    return payment.ask_until is not None and payment.ask_until < now


# -- Asking ------------------------------------------------------------------------


def _ask(case: Case) -> tuple[Verdict, str | None]:
    """The bank's word, by the first of the claimed references that it knows as paid; and which one that was."""
    failure: Refused | None = None
    answer: tuple[Verdict, str | None] | None = None
    for reference in case.references:
        try:
            verdict = _ask_by(case, reference)
        except Refused as refused:
            failure = refused
            continue
        if verdict.status in PAID:
            return verdict, reference
        answer = answer or (verdict, reference)
    if answer is None:
        raise failure or RuntimeError("nothing was asked")
    return answer


def _ask_by(case: Case, reference: str | None) -> Verdict:
    """Take the money if it was paid; of a visit that has not come back it is first asked whether it was."""
    bank, order = case.bank, case.order(reference)
    if not case.said:
        verdict = _call(case, lambda: bank.inquire(order))
        if verdict.status not in PAID:
            return verdict
    return _call(case, lambda: bank.verify(order))


def _call(case: Case, function: Callable[[], R]) -> R:
    outbox.renew(case.claim)
    return outside.call(case.bank.code, function)


def not_answered(payment_id: int, code: str) -> None:
    """Note that the bank was asked in vain; the payment stays as it is."""
    _look_noted(payment_id, "no_answer", code)


def _look_noted(payment_id: int, status: str, code: str) -> None:
    looked = {"checks": Payment.checks + 1, "asked_at": utcnow(), "code": code[:40]}
    with atomic():
        db.session.execute(_open(payment_id).values(**looked))
        events.note(payment_id, events.ASKED, code, status=status)


# -- Paid --------------------------------------------------------------------------


def _credit(case: Case, verdict: Verdict, reference: str) -> bool:
    """Fill the purses; not where the money is another payment's."""
    try:
        is_ours = _verified(case.payment, verdict, reference)
    except IntegrityError:
        if not _is_anothers(case.payment, reference):
            raise
        # A bank that says yes to one reference as often as it is asked: the money fills one purse only.
        return _close(case, PaymentState.FAILED, REFERENCE_USED, verdict.code)
    if not is_ours:
        _too_late(case, verdict)
    outbox.done(case.claim)
    return True


@retried
def _verified(payment: Payment, verdict: Verdict, reference: str) -> bool:
    """Whether the payment is verified now, by us or by somebody before us."""
    now = utcnow()
    told = {"reference": reference[:80], "trace": _cut(verdict.trace, 40), "card": _cut(verdict.card, 24)}
    ended = {"state": PaymentState.VERIFIED, "settled_at": now, "asked_at": now, "code": verdict.code[:40]}
    with atomic():
        statement = _open(payment.id).values(**told, **ended, checks=Payment.checks + 1)
        row = db.session.execute(statement.returning(Payment.basket_id)).one_or_none()
        if row is None:
            return db.session.scalar(select(Payment.state).where(Payment.id == payment.id)) is PaymentState.VERIFIED
        _fill(payment.id)
        if row.basket_id is not None:
            paid = update(Basket).where(Basket.id == row.basket_id, Basket.paid_at.is_(None)).values(paid_at=now)
            db.session.execute(paid)
        events.note(payment.id, events.CREDITED, verdict.code, status=verdict.status.value)
    return True


def _fill(payment_id: int) -> None:
    """One transfer for each purse, in the order of the purses: no two baskets wait for each other in a ring."""
    query = select(PaymentLine, Account.id).outerjoin(Account, _own_purse())
    rows = [(line, purse) for line, purse in db.session.execute(query.where(PaymentLine.payment_id == payment_id))]
    new = sorted({(line.owner_kind, line.owner_code) for line, purse in rows if purse is None})
    made = {owner: ledger.account_id(*owner) for owner in new}
    gateway = ledger.account_id(OwnerKind.SYSTEM, ledger.GATEWAY)
    filled = [(purse or made[line.owner_kind, line.owner_code], line) for line, purse in rows]
    for purse, line in sorted(filled, key=lambda each: each[0]):
        cause = Cause(f"payment:{line.id}", TransferKind.TOP_UP, payment_line_id=line.id)
        if not ledger.transfer(gateway, purse, line.amount, cause):
            raise RuntimeError("a payment that was not verified has filled a purse")


def _own_purse() -> Any:
    return and_(Account.owner_kind == PaymentLine.owner_kind, Account.owner_code == PaymentLine.owner_code)


def _is_anothers(payment: Payment, reference: str) -> bool:
    mine = (Payment.gateway == payment.gateway, Payment.reference == reference[:80], Payment.id != payment.id)
    return db.session.scalar(select(Payment.id).where(*mine)) is not None


# -- Paid, but not what was asked for ----------------------------------------------


def _give_back(case: Case, verdict: Verdict, reference: str) -> bool:
    """Another amount than ours was paid: nothing is credited, and the bank is asked to give it back.

    The reference is made ours first: else the money of another payment could be given back after that was credited.

    Source: docs/rules.md R-436.
    """
    if not _take_reference(case.payment, reference):
        return _close(case, PaymentState.FAILED, REFERENCE_USED, verdict.code)
    bank, order = case.bank, case.order(reference)
    try:
        answer = _call(case, lambda: bank.reverse(order))
    except Refused as refused:
        log.warning("payment %s: another amount was paid, and it cannot be given back", case.payment.id)
        return _close(case, PaymentState.FAILED, AMOUNT_DIFFERS, refused.code, paid=verdict.amount_rials)
    return _close(case, PaymentState.REVERSED, AMOUNT_DIFFERS, answer.code, paid=verdict.amount_rials)


def _take_reference(payment: Payment, reference: str) -> bool:
    try:
        with atomic():
            taken = db.session.execute(_open(payment.id).values(reference=reference[:80]).returning(Payment.id))
            return taken.one_or_none() is not None
    except IntegrityError:
        return False


def _too_late(case: Case, verdict: Verdict) -> None:
    """The money was taken after the payment had ended: only one who lost the claim while asking can come here."""
    log.error("payment %s was paid after it had ended; an operator has to look at it", case.payment.id)
    with atomic():
        events.note(case.payment.id, events.NOT_CREDITED, verdict.code, reference=verdict.reference)
    bank, order = case.bank, case.order(verdict.reference)
    _call(case, lambda: bank.reverse(order))


# -- Not paid ----------------------------------------------------------------------


def close_overdue(case: Case, code: str) -> None:
    """End a payment of which the bank will not say anything any more, and has given back what there was."""
    _close(case, PaymentState.EXPIRED, OVERDUE, code)


def _close(case: Case, state: PaymentState, code: str, bank_code: str, **detail: Any) -> bool:
    """End a payment without money, and the claim with it: whoever has lost the claim must not."""
    now = utcnow()
    ended = {"state": state, "settled_at": now, "asked_at": now, "code": code, "checks": Payment.checks + 1}
    with atomic():
        row = db.session.scalar(_open(case.payment.id).values(**ended).returning(Payment.id))
        if row is not None:
            events.note(case.payment.id, events.CLOSED, code, state=state.value, bank=bank_code[:40], **detail)
        outbox.done(case.claim)
    return True


def _open(payment_id: int) -> Update:
    statement = update(Payment).where(Payment.id == payment_id, Payment.state.in_(OPEN))
    return statement.execution_options(synchronize_session=False)


def _cut(text: str | None, most: int) -> str | None:
    return text and text[:most]
