"""Repeated forms, periodic tasks and the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tables.base import Model, Pk, Utc, fk


class FormSubmission(Model):
    """A form already carried out, by the key it was rendered with, and where its answer is."""

    __tablename__ = "form_submission"

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int | None] = fk("user")
    person_id: Mapped[int | None] = fk("person")
    fingerprint: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(200))
    at: Mapped[Utc]


class CronRun(Model):
    """A periodic task taken for one slot of time; the unique pair makes two clocks harmless."""

    __tablename__ = "cron_run"
    __table_args__ = (UniqueConstraint("name", "slot"),)

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(40))
    slot: Mapped[str] = mapped_column(String(20))
    at: Mapped[Utc]


class AuditEvent(Model):
    """Who did what to which row, or tried to. Rows are added, never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject", "subject_id"),)

    id: Mapped[Pk]
    actor_id: Mapped[int | None] = fk("user", index=True)
    actor_person_id: Mapped[int | None] = fk("person")
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Utc]
