"""What we owe the outside is a row here before anything is called; the row is the queue of record.

RQ is only the hint that makes it quick. A handler claims its row with a lease, acts with no transaction open,
and settles: `done` in the same transaction as the effect, `later` with a growing gap, or `bury` for good.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select, update

from gateways import queue
from models import Outbox, OutboxState, db, utcnow
from services.sql import insert_once
from services.transaction import after_commit, atomic

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)  # longer than the longest gateway call, short enough to re-run within 30 s
REDISPATCH = timedelta(seconds=20)
GAPS = (5, 20, 60, 300, 1800, 7200)  # seconds before the next try; the last one repeats
GIVE_UP_AFTER = timedelta(days=7)


class Topic(StrEnum):
    SMS = "sms"
    REGISTRY = "registry"
    SHAHKAR = "shahkar"


@dataclass(frozen=True)
class Claim:
    """One row taken for one try; `attempt` fences off an older holder of the same row."""

    id: int
    topic: Topic
    ref_id: int
    attempt: int
    created_at: datetime


class LostLease(Exception):
    """Another worker has taken the row since; the effect of this one must be rolled back."""


Handler = Callable[[Claim], None]
HANDLERS: dict[Topic, Handler] = {}


def handles(topic: Topic) -> Callable[[Handler], Handler]:
    """Register the function that carries out a topic."""

    def register(function: Handler) -> Handler:
        HANDLERS[topic] = function
        return function

    return register


def owe(topic: Topic, ref_id: int, dedup_key: str) -> None:
    """Record something to be done once; call inside the transaction that causes it. A repeat adds nothing."""
    now = utcnow()
    # Born as already dispatched: the nudge after the commit brings it, the dispatcher only what is late.
    row = insert_once(
        Outbox,
        topic=topic,
        ref_id=ref_id,
        dedup_key=dedup_key,
        state=OutboxState.OPEN,
        attempts=0,
        created_at=now,
        next_try_at=now + timedelta(seconds=2),
    )
    outbox_id = db.session.scalar(row.returning(Outbox.id))
    if outbox_id is not None:
        after_commit(lambda: queue.push(outbox_id, 0))


def dispatch(limit: int = 100) -> int:
    """Queue what is due, oldest first; returns how many. Any number of dispatchers may run."""
    now = utcnow()
    due = (
        select(Outbox.id)
        .where(
            Outbox.state == OutboxState.OPEN,
            Outbox.next_try_at <= now,
            or_(Outbox.lease_until.is_(None), Outbox.lease_until < now),
        )
        .order_by(Outbox.next_try_at, Outbox.id)
        .limit(limit)
    )
    if db.session.scalar(due.limit(1)) is None:
        db.session.rollback()
        return 0
    with atomic():
        rows = db.session.scalars(
            update(Outbox)
            .where(Outbox.id.in_(due.with_for_update(skip_locked=True)))
            .values(next_try_at=now + REDISPATCH)
            .returning(Outbox.id)
            .execution_options(synchronize_session=False)
        ).all()
    # The second makes the job's id new each time, so that a job RQ has lost sight of blocks nothing.
    return sum(queue.push(outbox_id, int(now.timestamp())) for outbox_id in rows)


def handle(outbox_id: int) -> bool:
    """Carry out one owed thing; False when there was nothing to do. May be called twice, or never again."""
    claim = _claim(outbox_id)
    if claim is None:
        return False
    try:
        HANDLERS[claim.topic](claim)
    except LostLease:
        log.info("outbox %s: another worker settled it", outbox_id)
        return False
    except Exception as error:
        db.session.rollback()
        log.exception("outbox %s: the handler failed", outbox_id)
        later(claim, f"failure: {type(error).__name__}")
    return True


def _claim(outbox_id: int) -> Claim | None:
    now = utcnow()
    with atomic():
        row = db.session.execute(
            update(Outbox)
            .where(
                Outbox.id == outbox_id,
                Outbox.state == OutboxState.OPEN,
                or_(Outbox.lease_until.is_(None), Outbox.lease_until < now),
            )
            .values(lease_until=now + LEASE, attempts=Outbox.attempts + 1)
            .returning(Outbox.id, Outbox.topic, Outbox.ref_id, Outbox.attempts, Outbox.created_at)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return row and Claim(row.id, Topic(row.topic), row.ref_id, row.attempts, row.created_at)


def done(claim: Claim) -> None:
    """Close the row; call inside the transaction of the effect."""
    _settle(claim, state=OutboxState.DONE, done_at=utcnow(), last_error=None)


def bury(claim: Claim, why: str) -> None:
    """Give up: the row stays as a dead letter that an operator sees, tries again or discards."""
    _settle(claim, state=OutboxState.DEAD, last_error=why[:200])


def later(claim: Claim, why: str, *, seconds: int | None = None) -> None:
    """Try again after a gap that grows with the attempts; after a week it is a dead letter."""
    now = utcnow()
    if now - claim.created_at > GIVE_UP_AFTER:
        bury(claim, why)
        return
    gap = seconds if seconds is not None else GAPS[min(claim.attempt, len(GAPS)) - 1]
    _settle(claim, next_try_at=now + timedelta(seconds=gap), last_error=why[:200])


def _settle(claim: Claim, **values: object) -> None:
    with atomic():
        settled = db.session.scalar(
            update(Outbox)
            .where(Outbox.id == claim.id, Outbox.state == OutboxState.OPEN, Outbox.attempts == claim.attempt)
            .values(lease_until=None, **values)
            .returning(Outbox.id)
            .execution_options(synchronize_session=False)
        )
        if settled is None:
            raise LostLease(claim.id)


def waiting(topic: Topic | None = None) -> int:
    """How many rows are open."""
    query = select(func.count()).select_from(Outbox).where(Outbox.state == OutboxState.OPEN)
    return db.session.scalar(query.where(Outbox.topic == topic) if topic else query) or 0
