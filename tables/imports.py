"""Sheets that people send to be imported: one row for each sheet and one for each line of it."""

from __future__ import annotations

import enum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.foundations import Unit
from tables.people import User


class ImportState(enum.StrEnum):
    READING = "reading"
    REFUSED = "refused"
    READY = "ready"
    APPLYING = "applying"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


class ImportBatch(Model):
    """One sheet sent to one form of import: who sent it for which unit, what stood in it and how far it has come."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("bad_count >= 0 AND bad_count <= row_count", name="bad_in_rows"),
        CheckConstraint("done_count >= 0 AND done_count + failed_count <= todo_count", name="done_in_todo"),
        CheckConstraint("undone_count >= 0 AND undone_count + kept_count <= done_count", name="undone_in_done"),
        Index("ix_import_batch_unit_form", "unit_id", "form", "id"),
    )

    id: Mapped[Pk]
    unit_id: Mapped[int] = fk("unit")
    user_id: Mapped[int] = fk("user")
    applied_by_id: Mapped[int | None] = fk("user")
    undone_by_id: Mapped[int | None] = fk("user")
    form: Mapped[str] = mapped_column(String(30))
    level: Mapped[str] = mapped_column(String(12))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    file_name: Mapped[str] = mapped_column(String(200))
    file_key: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "state"), default=ImportState.READING)
    note: Mapped[str] = mapped_column(String(600), default="")
    row_count: Mapped[int] = mapped_column(default=0)
    bad_count: Mapped[int] = mapped_column(default=0)
    todo_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    undone_count: Mapped[int] = mapped_column(default=0)
    kept_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Utc]
    read_at: Mapped[MaybeUtc]
    applied_at: Mapped[MaybeUtc]
    undone_at: Mapped[MaybeUtc]

    unit: Mapped[Unit] = relationship(viewonly=True)
    user: Mapped[User] = relationship(viewonly=True, foreign_keys=[user_id])
    applied_by: Mapped[User | None] = relationship(viewonly=True, foreign_keys=[applied_by_id])


class RowKind(enum.StrEnum):
    BAD = "bad"
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    MISSING = "missing"


class RowState(enum.StrEnum):
    IDLE = "idle"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"


class ImportRow(Model):
    """One line of a sheet: what was written, what it means, what it would change, and what became of it.

    `before` and `after` hold only what differs; a line of kind `missing` stands for a stored row that the sheet lacks.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_row_state", "batch_id", "state", "id"),
        Index("ix_import_row_kind", "batch_id", "kind", "id"),
        Index("ix_import_row_subject", "subject_id", "id"),
    )

    id: Mapped[Pk]
    batch_id: Mapped[int] = fk("import_batch")
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[RowKind] = mapped_column(choice(RowKind, "kind"))
    state: Mapped[RowState] = mapped_column(choice(RowState, "state"), default=RowState.IDLE)
    cells: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    errors: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    batch: Mapped[ImportBatch] = relationship(viewonly=True)
