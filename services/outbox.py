"""What we owe the outside is a row here before anything is called; the row is the queue of record.

RQ is only the hint that makes it quick. A handler claims its row with a lease, acts with no transaction open,
and settles: `done` in the same transaction as the effect, `later` with a growing gap, `hold` while something
else must come first, or `bury` for good.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, null, or_, select, update

from gateways import queue
from models import BreakerState, Outbox, OutboxState, OutsideSystem, db, utcnow
from services.sql import add_many_once, add_once
from services.transaction import after_commit, atomic

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)  # longer than the longest gateway call, short enough to re-run within 30 s
REDISPATCH = timedelta(seconds=20)
GAPS = (5, 20, 60, 300, 1800, 7200)  # seconds before the next try; the last one repeats
MOST_FAILURES = 88  # a week of the gaps above
PATIENCE = timedelta(seconds=2)  # what is owed waits so long for a worker before the dispatcher sends one
SITTING_S = 20.0  # a process of its own, with its connection and its statements to prepare, costs more than ten rows
LINGER_S = 0.5  # so it waits so long for the next row
REFILL_PER_S = 20  # rows that fall due in a second once a system answers again: SMS and payments go on beside them
PARTS = 60  # statements for that at most
ROOM = 200  # jobs in the queue beyond which dispatching the same rows again would only make it longer
# Until when a row is held that stands in a file: for ever, as far as workers and clocks are concerned.
GIVEN_AWAY, IN_FILE = datetime(9000, 1, 1, tzinfo=UTC), "in_file"
# The table and not the class in what each process prepares anew: a third of the work.
_TABLE: Any = Outbox.__table__


class Topic(StrEnum):
    """What is owed; the value is also the code of the outside system that is asked, where one is."""

    SMS = "sms"
    REGISTRY = "registry"
    SHAHKAR = "shahkar"
    KARPOOSHEH = "karpoosheh"
    FILE = "file"
    IMPORT = "import"
    SADAD, SEP = "sadad", "sep"
    MELLAT = "mellat"
    ZARINPAL = "zarinpal"
    ADDRESS, DECILE = "address", "decile"


# One for each gateway of a bank, so that the breaker of one holds back only its own.
BANKS = (Topic.SADAD, Topic.SEP, Topic.MELLAT, Topic.ZARINPAL)


@dataclass(frozen=True)
class Claim:
    """One row taken for one try; `attempt` fences off an older holder of the same row."""

    id: int
    topic: Topic
    ref_id: int
    attempt: int
    failures: int
    actor_id: int | None = None


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


# -- Owing -------------------------------------------------------------------------


def owe(topic: Topic, ref_id: int, dedup_key: str, actor_id: int | None = None) -> None:
    """Record something to be done once; call inside the transaction that causes it. A repeat adds nothing."""
    outbox_id = add_once(Outbox, **born(topic, ref_id, dedup_key), actor_id=actor_id)
    if outbox_id is not None:
        after_commit(lambda: queue.nudge(outbox_id))


def owe_later(topic: Topic, ref_id: int, dedup_key: str, at: datetime) -> None:
    """`owe` for something that nobody needs to look at before `at`, unless it is woken."""
    waiting = {"next_try_at": at, "lease_until": at}  # as after a back-off, which `wake` ends
    add_once(Outbox, **{**born(topic, ref_id, dedup_key), **waiting}, actor_id=None)


def owe_new(topic: Topic, keys: Mapping[int, str]) -> None:
    """`owe` for many things by one statement: their ids, each with the key that a repeat has too."""
    _add_each([born(topic, ref, key) for ref, key in keys.items()])


def _add_each(rows: Sequence[Mapping[str, Any]]) -> None:
    if ids := add_many_once(Outbox, rows):
        after_commit(partial(queue.nudge_each, ids))


def owe_each(topic: Topic, refs: Sequence[int], actor_id: int | None = None) -> None:
    """Owe something once more for each of many things, but for those for which it is open, in two statements."""
    query = select(Outbox.ref_id, Outbox.state).where(Outbox.topic == topic, Outbox.ref_id.in_(refs))
    before: dict[int, list[OutboxState]] = {ref: [] for ref in refs}
    for ref, state in db.session.execute(query) if refs else ():
        before[ref].append(state)
    rows = [
        born(topic, ref, f"{topic}:{ref}:{len(states)}") | {"actor_id": actor_id}
        for ref, states in before.items()
        if OutboxState.OPEN not in states
    ]
    _add_each(rows)


def born(topic: Topic, ref_id: int, dedup_key: str) -> dict[str, Any]:
    """Born as already dispatched: a worker comes to it after the commit, the dispatcher only to what is late."""
    now = utcnow()
    counts = {"state": OutboxState.OPEN, "attempts": 0, "failures": 0}
    due = {"created_at": now, "next_try_at": now + PATIENCE}
    return {"topic": topic, "ref_id": ref_id, "dedup_key": dedup_key, **counts, **due}


def wake(topic: Topic, refs: Any) -> None:
    """What has waited for something that has come now is due at once; call inside the transaction that brings it.

    `refs` is a list or a query of the ids of what is owed.
    """
    now = utcnow()
    for outbox_id in db.session.scalars(_made_due(now, *_owed(topic, refs)).returning(Outbox.id)).all():
        after_commit(lambda row=outbox_id: queue.push(row, int(now.timestamp())))  # type: ignore[misc]


def _owed(topic: Topic, refs: Any) -> tuple[ColumnElement[bool], ...]:
    return Outbox.topic == topic, Outbox.state == OutboxState.OPEN, Outbox.ref_id.in_(refs)


def make_due(code: str) -> None:
    """The system answers again: everything owed to it is due, at a pace that leaves room for what else is owed.

    Call inside `atomic()`. What was owed first is not due first: the parts are drawn by the id. What stands in a file
    stays there.
    """
    now, owed = utcnow(), waiting(Topic(code)) if code in set(Topic) else 0
    parts = max(1, min(PARTS, owed // REFILL_PER_S))
    step = timedelta(seconds=max(1.0, owed / REFILL_PER_S / parts))
    for part in range(parts):
        is_part = Outbox.id % parts == part
        db.session.execute(
            _made_due(now + part * step, Outbox.topic == code, Outbox.state == OutboxState.OPEN, is_part)
        )


def _made_due(at: datetime, *where: ColumnElement[bool]) -> Any:
    # A back-off ends with the next try; a lease of somebody at work stays.
    is_back_off = Outbox.lease_until == Outbox.next_try_at
    statement = (
        update(Outbox)
        .where(*where, or_(Outbox.lease_until.is_(None), Outbox.lease_until < GIVEN_AWAY))
        .values(next_try_at=at, lease_until=case((is_back_off, null()), else_=Outbox.lease_until))
    )
    return statement.execution_options(synchronize_session=False)


# -- Dispatching -------------------------------------------------------------------


def dispatch(limit: int = 100) -> int:
    """Queue what is due, oldest first; returns how many. Any number of dispatchers may run.

    What a resting system holds back stays where it is, but for one row at a time when the rest is over.
    """
    now = utcnow()
    if db.session.scalar(_due(now, limit=1)) is None:
        db.session.rollback()
        return 0
    room = min(limit, ROOM - queue.depth())
    if room <= 0 or not queue.is_alive():
        db.session.rollback()
        return 0
    open_breakers = select(OutsideSystem.code, OutsideSystem.probe_at).where(OutsideSystem.breaker == BreakerState.OPEN)
    down = {code: probe_at for code, probe_at in db.session.execute(open_breakers)}
    with atomic():
        rows = _take(now, _due(now, Outbox.topic.not_in(list(down)), limit=room))
        for code, probe_at in down.items():
            if probe_at is None or probe_at <= now:
                rows += _take(now, _due(now, Outbox.topic == code, limit=1))
    # The second makes the job's id new each time, so that a job RQ has lost sight of blocks nothing.
    return sum(queue.push(outbox_id, int(now.timestamp())) for outbox_id in rows)


def _due(now: Any, *where: ColumnElement[bool], limit: int, until: Any = None) -> Any:
    is_due = Outbox.next_try_at <= (now if until is None else until)
    query = select(Outbox.id).where(Outbox.state == OutboxState.OPEN, is_due, free(now), *where)
    return query.order_by(Outbox.next_try_at, Outbox.id).limit(limit)


def free(now: Any) -> ColumnElement[bool]:
    """Nobody holds the row, and its back-off is over."""
    return or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now)


def _take(now: datetime, due: Any) -> list[int]:
    statement = (
        update(Outbox)
        .where(Outbox.id.in_(due.with_for_update(skip_locked=True)))
        .values(next_try_at=now + REDISPATCH)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return list(db.session.scalars(statement))


# -- Handling ----------------------------------------------------------------------


def handle(outbox_id: int) -> bool:
    """Carry out one owed thing; False when there was nothing to do. May be called twice, or never again."""
    return _carry_out(_claim(outbox_id))


def handle_of(topic: Topic, ref_id: int) -> bool:
    """Carry out now what is owed about one thing, whatever its back-off; False when somebody else is at it."""
    with atomic():
        rows = db.session.scalars(_made_due(utcnow(), *_owed(topic, [ref_id])).returning(Outbox.id)).all()
    return any([handle(row) for row in rows])


def drain(is_asked_to_leave: Callable[[], bool], linger: float = LINGER_S) -> int:
    """Carry out what is due or new, row by row, as long as the sitting lasts; returns how many."""
    count, is_idle, now = 0, False, time.monotonic()
    end, rest = now + SITTING_S, now + linger
    while now < end and not is_asked_to_leave():
        # Whoever has nothing to do only looks: claiming is a writing transaction.
        claim = None if is_idle and _next() is None else _claim()
        is_idle = claim is None
        if is_idle and now >= rest:
            break
        if is_idle:
            time.sleep(0.05)
        else:
            count += _carry_out(claim)
            rest = time.monotonic() + linger
        now = time.monotonic()
    return count


def _next() -> int | None:
    """One row that nobody holds, of a system that answers: due, or new, or asked for and not come to yet."""
    now = utcnow()
    found: int | None = db.session.scalar(_next_due(), {"now": now, "until": now + REDISPATCH})
    db.session.commit()
    return found


@cache
def _next_due() -> Any:
    now: Any = bindparam("now")
    resting = select(OutsideSystem.code).where(OutsideSystem.breaker == BreakerState.OPEN)
    return _due(now, Outbox.topic.not_in(resting), until=bindparam("until"), limit=1)


def _carry_out(claim: Claim | None) -> bool:
    """Whether there was something to do and it is settled now."""
    if claim is None:
        return False
    try:
        _try(claim)
    except LostLease:
        log.info("outbox %s: another worker settled it", claim.id)
        return False
    return True


def _try(claim: Claim) -> None:
    try:
        HANDLERS[claim.topic](claim)
    except LostLease:
        raise
    except Exception as error:
        db.session.rollback()
        # Where and what kind, without the message: that of a database error holds the values of the row.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("outbox %s: the handler failed with %s\n%s", claim.id, type(error).__name__, where)
        later(claim, f"failure: {type(error).__name__}")


def _claim(outbox_id: int | None = None) -> Claim | None:
    """Take this row, or else the next one, for one try."""
    now = utcnow()
    asked: dict[str, Any] = {"now": now, "lease": now + LEASE}
    asked |= {"until": now + REDISPATCH} if outbox_id is None else {"row": outbox_id}
    with atomic():
        row = db.session.connection().execute(_claiming(any_row=outbox_id is None), asked).one_or_none()
    if row is None:
        return None
    return Claim(row.id, Topic(row.topic), row.ref_id, row.attempts, row.failures, row.actor_id)


@cache
def _claiming(*, any_row: bool) -> Any:
    wanted = _next_due().with_for_update(skip_locked=True).scalar_subquery() if any_row else bindparam("row")
    return (
        update(_TABLE)
        .where(_TABLE.c.id == wanted, _TABLE.c.state == OutboxState.OPEN, free(bindparam("now")))
        .values(lease_until=bindparam("lease"), attempts=_TABLE.c.attempts + 1)
        .returning(*(_TABLE.c[name] for name in ("id", "topic", "ref_id", "attempts", "failures", "actor_id")))
    )


def renew(claim: Claim) -> None:
    """A whole lease for the call that follows; call in the last transaction before it."""
    _settle(claim, lease_until=utcnow() + LEASE)


def done(claim: Claim) -> None:
    """Close the row; call inside the transaction of the effect."""
    _settle(claim, state=OutboxState.DONE, done_at=utcnow(), last_error=None)


def bury(claim: Claim, why: str) -> None:
    """Give up: the row stays as a dead letter that an operator sees, tries again or discards."""
    _settle(claim, state=OutboxState.DEAD, failures=claim.failures + 1, last_error=why[:200])


def later(claim: Claim, why: str) -> None:
    """It failed: try again after a gap that grows with the failures; after a week of them it is a dead letter."""
    failures = claim.failures + 1
    if failures >= MOST_FAILURES:
        bury(claim, why)
        return
    _back_off(claim, GAPS[min(failures, len(GAPS)) - 1], why, failures=failures)


def hold(claim: Claim, why: str, *, seconds: int) -> None:
    """It cannot be done yet, which is no failure: look again after `seconds`, or when `wake` is called."""
    _back_off(claim, seconds, why)


def _back_off(claim: Claim, seconds: int, why: str, **values: object) -> None:
    # The lease is set to the very moment of the next try, so that a second job for the row does not come before it.
    at = utcnow() + timedelta(seconds=seconds)
    _settle(claim, next_try_at=at, lease_until=at, last_error=why[:200], **values)


def _settle(claim: Claim, **values: object) -> None:
    with atomic():
        db.session.flush()
        new = {"lease_until": None, **values}
        asked = {"row": claim.id, "attempt": claim.attempt, **{f"new_{name}": value for name, value in new.items()}}
        if db.session.connection().execute(_settling(tuple(new)), asked).scalar() is None:
            raise LostLease(claim.id)


@cache
def _settling(names: tuple[str, ...]) -> Any:
    held = (_TABLE.c.id == bindparam("row"), _TABLE.c.attempts == bindparam("attempt"))
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(_TABLE).where(*held, _TABLE.c.state == OutboxState.OPEN).values(new).returning(_TABLE.c.id)


# -- Looking -----------------------------------------------------------------------


def waiting(topic: Topic | None = None) -> int:
    """How many rows are open."""
    query = select(func.count()).select_from(Outbox).where(Outbox.state == OutboxState.OPEN)
    return db.session.scalar(query.where(Outbox.topic == topic) if topic else query) or 0


def states_of(topic: Topic, ref_id: int) -> list[OutboxState]:
    """The states of everything ever owed for one thing, oldest first."""
    query = select(Outbox.state).where(Outbox.topic == topic, Outbox.ref_id == ref_id).order_by(Outbox.id)
    return list(db.session.scalars(query))
