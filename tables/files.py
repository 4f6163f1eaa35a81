"""Files that people attach, and who looked at them."""

from __future__ import annotations

import enum

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk


class FileKind(enum.StrEnum):
    IMAGE = "image"
    PDF = "pdf"


class FileState(enum.StrEnum):
    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"


class StoredFile(Model):
    """A file somebody sent, for the row of another table that `owner_kind` and `owner_id` name.

    `key` is the random address and the name on the disk; `name` is shown and never a path. `mime`, `bytes` and
    `sha256` are of what is served: until a job has looked at it, of what was sent, which `sent_sha256` stays.
    Without `owner_id` nothing has asked for the file yet. `unit_id` and `province_id` are the territory.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("state <> 'refused' OR refused_reason IS NOT NULL", name="refused_has_reason"),
        CheckConstraint("uploaded_by_id IS NOT NULL OR uploaded_by_person_id IS NOT NULL", name="has_uploader"),
        CheckConstraint("bytes > 0", name="bytes_positive"),
        Index("ix_stored_file_owner", "owner_kind", "owner_id"),
        Index(
            "ix_stored_file_unowned",
            "created_at",
            sqlite_where=text("owner_id IS NULL"),
            postgresql_where=text("owner_id IS NULL"),
        ),
    )

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(32), unique=True)
    form_key: Mapped[str] = mapped_column(String(36), unique=True)
    owner_kind: Mapped[str] = mapped_column(String(30))
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int | None] = fk("unit")
    province_id: Mapped[int | None] = fk("province")
    kind: Mapped[FileKind] = mapped_column(choice(FileKind, "kind"))
    state: Mapped[FileState] = mapped_column(choice(FileState, "state"), default=FileState.WAITING)
    refused_reason: Mapped[str | None] = mapped_column(String(40))
    mime: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    sent_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    uploaded_by_id: Mapped[int | None] = fk("user")
    uploaded_by_person_id: Mapped[int | None] = fk("person")
    created_at: Mapped[Utc]
    settled_at: Mapped[MaybeUtc]
    removed_at: Mapped[MaybeUtc]
    removed_by_id: Mapped[int | None] = fk("user")


class FileAccess(Model):
    """One time a file was handed out, and to whom. Rows are added, never changed."""

    __tablename__ = "file_access"

    id: Mapped[Pk]
    file_id: Mapped[int] = fk("stored_file", index=True)
    user_id: Mapped[int | None] = fk("user")
    person_id: Mapped[int | None] = fk("person")
    part: Mapped[str] = mapped_column(String(10))
    at: Mapped[Utc]
