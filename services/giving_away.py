"""What is owed, taken out of the hands of workers: it goes in a file, or a person does it, and the answer settles it.

Such a row is held for ever by a lease that no back-off has, and its number of attempts fences off whoever held it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from models import Outbox, OutboxState, db, utcnow
from services.outbox import GIVEN_AWAY, IN_FILE, Claim, Topic, free, hold

_CLAIMED = (Outbox.id, Outbox.topic, Outbox.ref_id, Outbox.attempts, Outbox.failures, Outbox.actor_id)


def at_hand(topic: Topic, limit: int, after: int = 0) -> list[tuple[int, int]]:
    """What is owed and nobody works on, in a file or else: the row's id and what it is about, oldest first."""
    query = select(Outbox.id, Outbox.ref_id).where(Outbox.topic == topic, Outbox.id > after, *_idle(utcnow()))
    return [(row.id, row.ref_id) for row in db.session.execute(query.order_by(Outbox.id).limit(limit))]


def give_away(ids: Sequence[int]) -> dict[int, Claim]:
    """Take rows from all workers until the answer comes another way; inside `atomic()`.

    Those that somebody works on at this moment, or that are given away already, are not in the answer.
    """
    now = utcnow()
    idle = select(Outbox.id).where(Outbox.id.in_(ids), *_idle(now)).order_by(Outbox.id)
    held = {"lease_until": GIVEN_AWAY, "next_try_at": GIVEN_AWAY, "last_error": IN_FILE}
    statement = update(Outbox).where(Outbox.id.in_(idle.with_for_update(skip_locked=True)))
    statement = statement.values(attempts=Outbox.attempts + 1, **held).returning(*_CLAIMED)
    rows = db.session.execute(statement.execution_options(synchronize_session=False)).all()
    return {row.id: _claim_of(row) for row in rows}


def given_away(ids: Sequence[int]) -> dict[int, Claim]:
    """The claims by which rows that were given away are settled; what was settled since is absent."""
    query = select(*_CLAIMED).where(Outbox.id.in_(ids), Outbox.state == OutboxState.OPEN)
    rows = db.session.execute(query.where(Outbox.lease_until == GIVEN_AWAY)).all()
    return {row.id: _claim_of(row) for row in rows}


def take_back(claims: Mapping[int, Claim], why: str) -> None:
    """What was given away is owed by the usual way again, at once; inside `atomic()`."""
    for claim in claims.values():
        hold(claim, why, seconds=0)


def _claim_of(row: Any) -> Claim:
    return Claim(row.id, Topic(row.topic), row.ref_id, row.attempts, row.failures, row.actor_id)


def _idle(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Open, and at nobody's work: free, or in a back-off that is not a file."""
    backs_off = (Outbox.lease_until == Outbox.next_try_at) & (Outbox.lease_until < GIVEN_AWAY)
    return Outbox.state == OutboxState.OPEN, or_(free(now), backs_off)
