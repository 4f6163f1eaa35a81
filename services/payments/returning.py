"""The payer's way back from the bank: fields that anybody could have written say only which payment to look at."""

import hmac
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from gateways.banks.base import Bank, Returned
from models import Payment, PaymentState, db, utcnow
from services import audit
from services.errors import NotFound
from services.payments import banks, events, rechecking, settling, wording
from services.transaction import atomic

log = logging.getLogger(__name__)


def take(gateway: str, fields: Mapping[str, str]) -> str:
    """The key of the receipt of the visit that has come back, after the bank was asked about it.

    Whoever comes back twice, late or with another story than the bank's changes nothing.

    Raises:
        NotFound: no visit of ours.

    Source: docs/rules.md R-434.
    """
    bank = banks.by_code(gateway)
    if bank is None:
        raise NotFound(wording.UNKNOWN_RETURN)
    payment, returned = _visit(bank, fields)
    _note(payment, returned)
    if payment.state in settling.OPEN:
        # When the bank does not answer, or is being asked just now, the payer sees that on the receipt.
        rechecking.look_now(payment)
    return payment.receipt_key


def _visit(bank: Bank, fields: Mapping[str, str]) -> tuple[Payment, Returned]:
    try:
        returned = bank.returned(fields)
    except ValueError:
        log.warning("%s: a return of no shape that we know", bank.code)
        raise NotFound(wording.UNKNOWN_RETURN) from None
    payment = _find(bank.code, returned)
    if payment is None:
        log.warning("%s: a return of no visit of ours", bank.code)
        raise NotFound(wording.UNKNOWN_RETURN)
    if not _fits(payment, returned):
        _refuse(payment, returned)
        raise NotFound(wording.UNKNOWN_RETURN)
    return payment, returned


def _find(gateway: str, returned: Returned) -> Payment | None:
    """By our own number, or by the bank's where it tells no other; our numbers are not to be guessed."""
    query = select(Payment).where(Payment.gateway == gateway).execution_options(populate_existing=True)
    if returned.order_number is not None:
        in_range = 0 <= returned.order_number < 2**63
        return db.session.scalar(query.where(Payment.order_number == returned.order_number)) if in_range else None
    return db.session.scalar(query.where(Payment.token == returned.token)) if returned.token else None


def _fits(payment: Payment, returned: Returned) -> bool:
    """Whether the bank's name of the visit is the one that we were given; a visit without one was never at the bank."""
    if payment.token is None:
        return False
    return returned.token is None or hmac.compare_digest(payment.token.encode(), returned.token.encode())


def _refuse(payment: Payment, returned: Returned) -> None:
    """Somebody brings the number of one visit with the token of another: written down, and nothing else."""
    if events.count(payment.id, events.STRANGE) >= events.MOST_RETURNS:
        return
    with atomic():
        events.note(payment.id, events.STRANGE, returned.code, why="token")
        audit.record("payment_return_refused", "payment", payment.id, gateway=payment.gateway)


def _note(payment: Payment, returned: Returned) -> None:
    """Write the return down; the first one of an open visit is a step."""
    if events.count(payment.id, events.RETURNED, events.LATE) >= events.MOST_RETURNS:
        return
    detail: dict[str, Any] = {"paid": returned.says_paid}
    if returned.reference:
        detail["reference"] = returned.reference[:80]
    if returned.amount_rials not in (None, payment.amount):
        detail["another_amount"] = returned.amount_rials
    with atomic():
        is_open = _stepped(payment)
        events.note(payment.id, events.RETURNED if is_open else events.LATE, returned.code, **detail)


def _stepped(payment: Payment) -> bool:
    """Whether the visit is still open; it is one that has come back now."""
    if payment.state is PaymentState.RETURNED:
        return True
    statement = update(Payment).where(Payment.id == payment.id, Payment.state.in_(settling.OPEN))
    came = statement.values(state=PaymentState.RETURNED, returned_at=utcnow()).returning(Payment.id)
    return db.session.scalar(came.execution_options(synchronize_session=False)) is not None
