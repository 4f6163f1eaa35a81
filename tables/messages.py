"""What we owe the outside, and how the outside is doing."""

from __future__ import annotations

import enum

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk


class OutboxState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


class Outbox(Model):
    """Something we owe the outside: the queue of record. `ref_id` names a row of the topic's table.

    `actor_id` is the user whose typing caused it, where there is one. `attempts` grows with every claim and fences off
    older holders; `failures` counts only the tries that failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "next_try_at",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_outbox_dead", "id", sqlite_where=text("state = 'dead'"), postgresql_where=text("state = 'dead'")),
        Index("ix_outbox_topic_ref", "topic", "ref_id"),
    )

    id: Mapped[Pk]
    topic: Mapped[str] = mapped_column(String(30))
    ref_id: Mapped[int] = mapped_column(BigInteger)
    dedup_key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[OutboxState] = mapped_column(choice(OutboxState, "state"), default=OutboxState.OPEN)
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[Utc]
    lease_until: Mapped[MaybeUtc]
    last_error: Mapped[str | None] = mapped_column(String(200))
    actor_id: Mapped[int | None] = fk("user")
    discard_reason: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[Utc]
    done_at: Mapped[MaybeUtc]


class MessageState(enum.StrEnum):
    QUEUED = "queued"
    SUPPRESSED = "suppressed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Message(Model):
    """A message owed to a person for one cause; what is not sent has its reason here."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state <> 'suppressed' OR suppressed_reason IS NOT NULL", name="suppressed_has_reason"),
        Index(
            "ix_message_unknown",
            "id",
            sqlite_where=text("state = 'unknown'"),
            postgresql_where=text("state = 'unknown'"),
        ),
        Index(
            "ix_message_sent",
            "sent_at",
            sqlite_where=text("state = 'sent'"),
            postgresql_where=text("state = 'sent'"),
        ),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person", index=True)
    enrollment_id: Mapped[int | None] = fk("enrollment", index=True)
    cause_key: Mapped[str] = mapped_column(String(80), unique=True)
    channel: Mapped[str] = mapped_column(String(12), default="sms")
    template: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(1000))
    state: Mapped[MessageState] = mapped_column(choice(MessageState, "state"), default=MessageState.QUEUED)
    suppressed_reason: Mapped[str | None] = mapped_column(String(40))
    provider_ref: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[Utc]
    sent_at: Mapped[MaybeUtc]


class DeliveryEvent(Model):
    """What was tried or reported about a message. Rows are added, never changed."""

    __tablename__ = "delivery_event"

    id: Mapped[Pk]
    message_id: Mapped[int] = fk("message", index=True)
    state: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[Utc]


class BreakerState(enum.StrEnum):
    CLOSED = "closed"
    OPEN = "open"


class Mode(enum.StrEnum):
    """How an outside system is spoken to."""

    ONLINE = "online"
    BATCH = "batch"
    MANUAL = "manual"
    OFF = "off"


class OutsideSystem(Model):
    """How one outside system is doing: its breaker, shared by every process.

    `failures` are counted since `failing_since`; `probe_at` is when an open breaker lets the next call through. `mode`
    is what an operator has chosen in place of the setting, with who, when and why.
    """

    __tablename__ = "outside_system"

    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    breaker: Mapped[BreakerState] = mapped_column(choice(BreakerState, "breaker"), default=BreakerState.CLOSED)
    failures: Mapped[int] = mapped_column(default=0)
    last_ms: Mapped[int | None]
    last_ok_at: Mapped[MaybeUtc]
    last_failure_at: Mapped[MaybeUtc]
    failing_since: Mapped[MaybeUtc]
    opened_at: Mapped[MaybeUtc]
    probe_at: Mapped[MaybeUtc]
    mode: Mapped[Mode | None] = mapped_column(choice(Mode, "mode"))
    mode_by_id: Mapped[int | None] = fk("user")
    mode_reason: Mapped[str | None] = mapped_column(String(300))
    mode_at: Mapped[MaybeUtc]


class OutsideHour(Model):
    """How the calls of one hour to an outside system went; `slow` are among the answered ones."""

    __tablename__ = "outside_hour"
    __table_args__ = (UniqueConstraint("system", "hour"),)

    id: Mapped[Pk]
    system: Mapped[str] = mapped_column(String(20))
    hour: Mapped[Utc]
    answered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    slow: Mapped[int] = mapped_column(default=0)
    total_ms: Mapped[int] = mapped_column(BigInteger, default=0)
