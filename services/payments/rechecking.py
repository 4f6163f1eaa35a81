"""The job that asks the banks until every visit has ended: it is the truth, returns only make it quick.

Source: docs/rules.md R-435.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from gateways.errors import GatewayError, Refused
from models import OutboxState, Payment, PaymentState, db, utcnow
from services import audit, outbox, outside
from services.errors import Conflict
from services.outbox import Claim, Topic
from services.payments import banks, events, settling, wording
from services.payments.settling import Case
from services.transaction import atomic

# Seconds to the next look, by how many there were; the last one repeats. Banks reverse after a quarter of an hour.
GAPS = (60, 60, 120, 180, 300, 300, 600, 1800)
GAPS_BACK = (5, 10, 30, 60, 120, 300, 600, 1800)  # of one who has come back and waits
NO_GATEWAY, NO_GATEWAY_S = "switched_off", 6 * 3600
WAITING = "bank_waits"


def look(claim: Claim) -> None:
    """Ask the bank about one visit, and look again later while that is open."""
    payment = db.session.get(Payment, claim.ref_id, populate_existing=True)
    if payment is None or payment.state not in settling.OPEN:
        outbox.done(claim)
        return
    bank = banks.by_code(payment.gateway)
    if bank is None:
        outbox.hold(claim, NO_GATEWAY, seconds=NO_GATEWAY_S)
        return
    case = settling.case_of(payment, bank, claim)
    try:
        has_ended = settling.settle(case)
    except outside.Resting as rest:
        outbox.hold(claim, "resting", seconds=rest.seconds)
    except GatewayError as error:
        _unanswered(case, error)
    else:
        if not has_ended:
            outbox.hold(claim, WAITING, seconds=_gap(case, utcnow()))


for _topic in outbox.BANKS:
    outbox.handles(_topic)(look)


def _unanswered(case: Case, error: GatewayError) -> None:
    """No word of the bank: never taken for yes or no.

    A bank that will not be asked, as one by a reference that we lack, has given the money back when its time is over.
    """
    now = utcnow()
    is_over = isinstance(error, Refused) and settling.is_overdue(case.payment, now)
    if is_over and case.bank.reverses_in is not None:
        settling.close_overdue(case, error.code)
        return
    settling.not_answered(case.payment.id, error.code)
    if isinstance(error, Refused) and not is_over:
        outbox.hold(case.claim, error.code, seconds=_gap(case, now))
    else:
        outbox.later(case.claim, error.code)  # where the money may lie for ever, an operator sees it in the end


def _gap(case: Case, now: datetime) -> int:
    """Seconds to the next look; the last look comes right after the bank's own way back has passed."""
    gaps = GAPS_BACK if case.said else GAPS
    gap = gaps[min(case.payment.checks, len(gaps) - 1)]
    until = case.payment.ask_until
    return gap if until is None or until < now else min(gap, int((until - now).total_seconds()) + 1)


def look_now(payment: Payment) -> bool:
    """Do the job's work at once, as for a payer who waits; False when somebody is at it, or it has to be repeated."""
    return outbox.handle_of(Topic(payment.gateway), payment.id)


# -- By hand, and by the clock -----------------------------------------------------


def again(actor_id: int, payment_id: int) -> None:
    """An operator has a bank asked now.

    Raises:
        Conflict: the payment has ended.
    """
    with atomic():
        payment = db.session.get(Payment, payment_id, populate_existing=True, with_for_update={"key_share": True})
        if payment is None or payment.state not in settling.OPEN:
            raise Conflict(wording.HAS_ENDED)
        topic = Topic(payment.gateway)
        before = outbox.states_of(topic, payment_id)
        if OutboxState.OPEN in before:
            outbox.wake(topic, [payment_id])
        else:
            outbox.owe(topic, payment_id, f"payment:{payment_id}:{len(before)}", actor_id)
        events.note(payment_id, events.AGAIN, actor_id=actor_id)
        audit.record("payment_asked_again", "payment", payment_id, actor_id=actor_id)


def sweep(now: datetime) -> int:
    """End visits whose process was lost before the bank had given a token: nobody could have paid them."""
    lost = (Payment.state == PaymentState.CREATED, Payment.created_at < now - timedelta(minutes=10))
    ended = {"state": PaymentState.FAILED, "code": "cut_off", "settled_at": now}
    with atomic():
        rows = db.session.scalars(
            update(Payment)
            .where(Payment.id.in_(select(Payment.id).where(*lost).limit(500)))
            .values(**ended)
            .returning(Payment.id)
            .execution_options(synchronize_session=False)
        ).all()
        for payment_id in rows:
            events.note(payment_id, events.CLOSED, "cut_off", state=PaymentState.FAILED.value)
    return len(rows)
