"""What goes to an outside system other than by a call: in files, or by the hand of a person."""

from __future__ import annotations

import enum

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.files import StoredFile
from tables.people import User


class BatchState(enum.StrEnum):
    READY = "ready"
    SENT = "sent"
    ANSWERED = "answered"
    DROPPED = "dropped"


class ExchangeBatch(Model):
    """One file for an outside system, and the file that came back; `number` stands in both.

    It may be sent again as often as needed: its rows keep their numbers, by which the other side and we know them.
    """

    __tablename__ = "exchange_batch"
    __table_args__ = (
        CheckConstraint("answered_count >= 0 AND answered_count <= row_count", name="answered_in_rows"),
        Index("ix_exchange_batch_system", "system", "id"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    system: Mapped[str] = mapped_column(String(20))
    state: Mapped[BatchState] = mapped_column(choice(BatchState, "state"), default=BatchState.READY)
    row_count: Mapped[int] = mapped_column(default=0)
    answered_count: Mapped[int] = mapped_column(default=0)
    sent_count: Mapped[int] = mapped_column(default=0)
    answer_sha256: Mapped[str | None] = mapped_column(String(64))
    made_by_id: Mapped[int | None] = fk("user")
    sent_by_id: Mapped[int | None] = fk("user")
    answered_by_id: Mapped[int | None] = fk("user")
    sent_at: Mapped[MaybeUtc]
    answered_at: Mapped[MaybeUtc]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    made_by: Mapped[User | None] = relationship(viewonly=True, foreign_keys=[made_by_id])


class ExchangeState(enum.StrEnum):
    READY = "ready"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ExchangeRow(Model):
    """One thing asked of, or told to, an outside system without a call; `number` is ours and never used again.

    Without `batch_id` it was done by hand: `answered_by_id` did it, and `document_id` is what shows it. `outbox_id` is
    what we owe by it, `ref_id` the row that `system` is about. What was answered about a person is sealed.
    """

    __tablename__ = "exchange_row"
    __table_args__ = (
        CheckConstraint("state <> 'rejected' OR cause IS NOT NULL", name="rejected_has_cause"),
        CheckConstraint("batch_id IS NOT NULL OR answered_by_id IS NOT NULL", name="by_hand_has_who"),
        Index(
            "uq_exchange_row_open",
            "outbox_id",
            unique=True,
            sqlite_where=text("state IN ('ready', 'sent')"),
            postgresql_where=text("state IN ('ready', 'sent')"),
        ),
        Index("ix_exchange_row_batch", "batch_id", "state", "id"),
        Index("ix_exchange_row_system", "system", "id"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(36), unique=True)
    system: Mapped[str] = mapped_column(String(20))
    batch_id: Mapped[int | None] = fk("exchange_batch")
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    ref_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[ExchangeState] = mapped_column(choice(ExchangeState, "state"), default=ExchangeState.READY)
    cause: Mapped[str | None] = mapped_column(String(200))
    sealed: Mapped[str | None] = mapped_column(String())
    document_id: Mapped[int | None] = fk("stored_file")
    answered_by_id: Mapped[int | None] = fk("user")
    answered_at: Mapped[MaybeUtc]
    created_at: Mapped[Utc]

    batch: Mapped[ExchangeBatch | None] = relationship(viewonly=True)
    document: Mapped[StoredFile | None] = relationship(viewonly=True)
    answered_by: Mapped[User | None] = relationship(viewonly=True)
