"""Dead letters: what was owed and given up, tried again or discarded by an operator with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

import gateways
from models import DeliveryEvent, Message, MessageState, Outbox, OutboxState, db, utcnow
from services import audit, messages, mobiles
from services.errors import Conflict, DomainError, NotFound
from services.outbox import BANKS, Topic
from services.transaction import atomic

PER_PAGE = 25
GONE = "این کار دیگر کنار مانده نیست؛ شاید همکاری آن را دوباره فرستاده یا کنار گذاشته است. چیزی تغییر نکرد."


@dataclass(frozen=True)
class Load:
    """What is owed of one topic: how many rows wait, are in work, wait for something else, failed before, are dead."""

    topic: Topic
    waiting: int
    working: int
    held: int
    retrying: int
    dead: int
    oldest_at: datetime | None

    @property
    def open(self) -> int:
        return self.waiting + self.working + self.held + self.retrying


# -- Looking -----------------------------------------------------------------------


def loads() -> list[Load]:
    """Every topic, in a fixed order, in one query over the open and the dead.

    A gateway that is not chosen is only mentioned while something is owed to it.
    """
    now = utcnow()
    is_open = Outbox.state == OutboxState.OPEN
    working = and_(is_open, Outbox.lease_until > now, Outbox.lease_until != Outbox.next_try_at)
    failed = and_(is_open, ~_so(working), Outbox.failures > 0)
    held = and_(is_open, ~_so(working), Outbox.failures == 0, Outbox.last_error.is_not(None))
    query = (
        select(
            Outbox.topic,
            _count(is_open),
            _count(working),
            _count(held),
            _count(failed),
            _count(Outbox.state == OutboxState.DEAD),
            func.min(case((is_open, Outbox.created_at))),
        )
        .where(or_(is_open, Outbox.state == OutboxState.DEAD))
        .group_by(Outbox.topic)
    )
    found = {row[0]: row for row in db.session.execute(query)}
    used = [topic for topic in Topic if topic in found or topic not in BANKS or topic in gateways.banks()]
    return [_load(topic, found.get(topic)) for topic in used]


def _so(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """False where the condition is unknown, as for rows without a lease."""
    return func.coalesce(condition, False)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _load(topic: Topic, row: Any) -> Load:
    if row is None:
        return Load(topic, 0, 0, 0, 0, 0, None)
    _, all_open, working, held, retrying, dead, oldest = row
    return Load(topic, all_open - working - held - retrying, working, held, retrying, dead, oldest)


def causes() -> list[tuple[Topic, str, int]]:
    """Why letters are dead: topic, cause and how many, the most frequent first."""
    number = func.count()
    query = select(Outbox.topic, Outbox.last_error, number).where(Outbox.state == OutboxState.DEAD)
    rows = db.session.execute(query.group_by(Outbox.topic, Outbox.last_error).order_by(number.desc()).limit(20))
    return [(Topic(topic), cause or "", count) for topic, cause, count in rows]


def listing(after: int = 0) -> tuple[list[Outbox], int | None]:
    """A page of dead letters, oldest first, and where the next one begins."""
    query = select(Outbox).where(Outbox.state == OutboxState.DEAD, Outbox.id > after).order_by(Outbox.id)
    rows = list(db.session.scalars(query.limit(PER_PAGE + 1)))
    return rows[:PER_PAGE], rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None


def get(outbox_id: int) -> Outbox:
    """One dead letter.

    Raises:
        NotFound: there is none, or no longer.
    """
    query = select(Outbox).where(Outbox.id == outbox_id, Outbox.state == OutboxState.DEAD)
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(GONE)
    return row


def unknown_messages(limit: int = 25) -> list[Message]:
    """Messages that perhaps arrived and that only a person may repeat, oldest first."""
    query = select(Message).where(Message.state == MessageState.UNKNOWN).order_by(Message.id).limit(limit)
    return list(db.session.scalars(query))


# -- Deciding ----------------------------------------------------------------------


def again(actor_id: int, outbox_id: int) -> None:
    """Try one dead letter again, with a fresh count of failures.

    Raises:
        Conflict: it is no longer dead.
    """
    with atomic():
        if not _revive(Outbox.id == outbox_id):
            raise Conflict(GONE)
        audit.record("letter_retried", "outbox", outbox_id, actor_id=actor_id)


def again_all(actor_id: int, topic: str, cause: str) -> int:
    """Try all dead letters of one topic and cause again; returns how many."""
    with atomic():
        revived = _revive(Outbox.topic == topic, func.coalesce(Outbox.last_error, "") == cause)
        audit.record("letters_retried", "outbox", None, actor_id=actor_id, topic=topic, count=len(revived))
    return len(revived)


def _revive(*where: ColumnElement[bool]) -> list[int]:
    statement = (
        update(Outbox)
        .where(Outbox.state == OutboxState.DEAD, *where)
        .values(state=OutboxState.OPEN, failures=0, next_try_at=utcnow(), lease_until=None)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return list(db.session.scalars(statement))


def discard(actor_id: int, outbox_id: int, reason: str) -> None:
    """Give a dead letter up for good, with a reason.

    Raises:
        DomainError: no reason. Conflict: it is no longer dead.
    """
    if not reason.strip():
        raise DomainError("دلیل کنار گذاشتن را بنویسید.", field="reason")
    with atomic():
        row = db.session.execute(
            update(Outbox)
            .where(Outbox.id == outbox_id, Outbox.state == OutboxState.DEAD)
            .values(state=OutboxState.DISCARDED, discard_reason=reason.strip()[:300])
            .returning(Outbox.topic, Outbox.ref_id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if row is None:
            raise Conflict(GONE)
        _follow(row.topic, row.ref_id)
        audit.record("letter_discarded", "outbox", outbox_id, actor_id=actor_id, topic=row.topic)


def _follow(topic: str, ref_id: int) -> None:
    """What hangs on a discarded letter: its message has failed; messages that wait for its verdict wait in vain."""
    if topic in (Topic.SMS, Topic.KARPOOSHEH):
        queued = (Message.id == ref_id, Message.state == MessageState.QUEUED)
        db.session.execute(update(Message).where(*queued).values(state=MessageState.FAILED))
        db.session.add(DeliveryEvent(message_id=ref_id, state=messages.DISCARDED, at=utcnow()))
    if topic == Topic.SHAHKAR:
        mobiles.wake_messages(ref_id)
