"""Payments in the small country of the walkers of pages and forms: one that waits for its bank, and more that ended."""

import datetime as dt
import itertools
import secrets

from models import OwnerKind, Payment, PaymentEvent, PaymentLine, PaymentState, utcnow
from tests import make

Scene = tuple[str, dict, dict]
_n = itertools.count(1)
ENDS = (PaymentState.VERIFIED, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REVERSED)


def payment(state: PaymentState = PaymentState.RETURNED, purses: int = 1, **over) -> Payment:
    """A payment with its purses and events, as its life leaves it in this state."""
    n, now = next(_n), utcnow()
    ours = {"order_number": 10**14 + n, "receipt_key": secrets.token_urlsafe(24), "form_key": f"scene:{n}"}
    bank = {"gateway": "sadad", "token": f"token-{n}", "trace": "123456", "card": "6037******1234"}
    ended = {"settled_at": now, "reference": f"7400{n}", "code": "0"} if state in ENDS else {}
    times = {"redirected_at": now, "ask_until": now + dt.timedelta(minutes=45)}
    row = make.save(Payment(amount=500_000 * purses, state=state, **{**ours, **bank, **ended, **times, **over}))
    for _ in range(purses):
        owner = {"owner_kind": OwnerKind.NATIONAL, "owner_code": make.person().national_code}
        make.save(PaymentLine(payment_id=row.id, amount=500_000, **owner))
    for kind, detail in (
        ("token", {}),
        ("returned", {"paid": True, "reference": f"7400{n}"}),
        ("asked", {"status": "pending"}),
    ):
        make.save(PaymentEvent(payment_id=row.id, kind=kind, code="0", detail=detail))
    return row


def standing(world) -> Payment:
    return make.first(Payment, state=PaymentState.RETURNED) or payment(purses=2)


def grown(world, n: int) -> None:
    payment(ENDS[n % 4])
    payment()


def asked(world) -> Scene:
    row = payment()
    return f"/ops/exchange/{row.id}", {"payment_id": row.id}, {}
