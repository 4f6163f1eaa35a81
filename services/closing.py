"""What is owed is closed because the answer has come by another way: from a file, by hand, from another source."""

from sqlalchemy import update

from models import Outbox, OutboxState, db, utcnow
from services.outbox import Topic


def answered(topic: Topic, ref_id: int) -> None:
    """Close what is open about one thing; whoever is at work on it loses the lease. Inside the transaction of it."""
    _close(topic, ref_id, OutboxState.OPEN)


def needless(topic: Topic, ref_id: int) -> None:
    """Close what had been given up about one thing; inside the transaction that brings it all the same."""
    _close(topic, ref_id, OutboxState.DEAD)


def _close(topic: Topic, ref_id: int, state: OutboxState) -> None:
    rows = update(Outbox).where(Outbox.topic == topic, Outbox.state == state, Outbox.ref_id == ref_id)
    closing = rows.values(state=OutboxState.DONE, done_at=utcnow(), last_error=None, lease_until=None)
    db.session.execute(closing.execution_options(synchronize_session=False))
