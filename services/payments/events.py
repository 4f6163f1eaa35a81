"""What is written down of a payment, row by row: calls, answers, returns, and what somebody tried with it."""

from typing import Any

from sqlalchemy import func, select

from models import PaymentEvent, db, utcnow
from services.sql import add_once

TOKEN, NO_TOKEN = "token", "no_token"  # noqa: S105 (kinds of events)
RETURNED, LATE, STRANGE = "returned", "late_return", "strange_return"
ASKED, CREDITED, NOT_CREDITED = "asked", "credited", "not_credited"
REVERSED, CLOSED, AGAIN = "reversed", "closed", "again"
MOST_RETURNS = 20  # of one payment; a flood of them says nothing more


def note(payment_id: int, kind: str, code: str = "", actor_id: int | None = None, **detail: Any) -> None:
    """Add one row; call inside the transaction of its effect. `detail` holds no token, no whole card, no person."""
    values = {"payment_id": payment_id, "kind": kind, "code": code[:40], "actor_id": actor_id, "detail": detail}
    add_once(PaymentEvent, **values, at=utcnow())


def count(payment_id: int, *kinds: str) -> int:
    query = select(func.count()).select_from(PaymentEvent)
    return db.session.scalar(query.where(PaymentEvent.payment_id == payment_id, PaymentEvent.kind.in_(kinds))) or 0
