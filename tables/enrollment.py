"""Drafts and enrollments."""

from __future__ import annotations

import enum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Rial, Utc, choice, fk
from tables.courses import Course
from tables.credit import Account
from tables.people import Person, TargetGroup


class DebitSource(enum.StrEnum):
    PORTAL_USER = "portal_user"
    TRAINEE = "trainee"
    NONE = "none"


class Channel(enum.StrEnum):
    SELF = "self"
    CLERK = "clerk"
    COUNTER = "counter"


class InPersonReason(enum.StrEnum):
    """Why somebody came in person, as the description of the service lists it (domain F29)."""

    IDENTITY = "identity"
    DOCUMENTS = "documents"
    NO_INFRASTRUCTURE = "no_infrastructure"
    OTHER = "other"


class InPersonLevel(enum.StrEnum):
    NATIONAL = "national"
    PROVINCIAL = "provincial"
    COUNTY = "county"


class EnrollmentDraft(Model):
    """Work in progress of a clerk's unit or of a trainee, addressed by `key` (a uuid); used once at most.

    `code_reason` is why a national code that looks made up is the person's own, in the clerk's words.
    """

    __tablename__ = "enrollment_draft"

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int | None] = fk("user", index=True)
    owner_person_id: Mapped[int | None] = fk("person", index=True)
    unit_id: Mapped[int | None] = fk("unit", index=True)
    course_id: Mapped[int | None] = fk("course", index=True)
    target_group_id: Mapped[int | None] = fk("target_group")
    national_code: Mapped[str | None] = mapped_column(String(10))
    foreign_code: Mapped[str | None] = mapped_column(String(12))
    code_reason: Mapped[str | None] = mapped_column(String(200))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    debit_source: Mapped[DebitSource | None] = mapped_column(choice(DebitSource, "debit_source"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]
    used_at: Mapped[MaybeUtc]

    target_group: Mapped[TargetGroup | None] = relationship(viewonly=True)


class EnrollmentStatus(enum.StrEnum):
    ACTIVE = "active"
    CANCELED = "canceled"


class EndCause(enum.StrEnum):
    """Why somebody is not in a course any more; on it hangs whose credit comes back."""

    UNDO = "undo"
    WITHDRAW = "withdraw"
    OBJECTION = "objection"
    CENTER = "center"
    NO_SHOW = "no_show"
    COURSE_CANCELED = "course_canceled"
    MOVED = "moved"


class Completion(enum.StrEnum):
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"


class Enrollment(Model):
    """A person in a course; `form_key` is the draft's key and makes a repeated submission harmless.

    `moved_from_id` is the enrollment in a course that was canceled or merged, in whose place this one stands.
    `group_evidence` is what proves that the person belongs to the target group: kind and number of a document.
    `completion` is what the center says at the end about those who stayed.
    """

    __tablename__ = "enrollment"
    __table_args__ = (
        CheckConstraint(
            "(fee_rials = 0 AND debit_source = 'none') OR (fee_rials > 0 AND debit_source <> 'none' "
            "AND payer_account_id IS NOT NULL)",
            name="fee_has_payer",
        ),
        CheckConstraint("(in_person_reason IS NULL) = (in_person_level IS NULL)", name="in_person_has_level"),
        CheckConstraint("(completion IS NULL) = (completed_at IS NULL)", name="completion_has_date"),
        CheckConstraint("end_cause IS NULL OR status = 'canceled'", name="only_ended_has_cause"),
        CheckConstraint("group_evidence IS NULL OR target_group_id IS NOT NULL", name="evidence_has_group"),
        Index(
            "uq_enrollment_active",
            "course_id",
            "person_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "ix_enrollment_canceled",
            "course_id",
            "id",
            sqlite_where=text("status = 'canceled'"),
            postgresql_where=text("status = 'canceled'"),
        ),
        *(
            Index(
                f"ix_enrollment_{name}",
                "created_at",
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for name, column in (("in_person", "in_person_reason"), ("grouped", "target_group_id"))
        ),
        # Of the few that have one, so that the many others need not be written here too.
        *(
            Index(
                f"ix_enrollment_{column}",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("created_by_id", "moved_from_id")
        ),
        Index("ix_enrollment_person", "person_id", "id"),
        Index("ix_enrollment_unit", "unit_id", "id"),
    )

    id: Mapped[Pk]
    form_key: Mapped[str] = mapped_column(String(36), unique=True)
    form_hash: Mapped[str] = mapped_column(String(64))
    course_id: Mapped[int] = fk("course")
    person_id: Mapped[int] = fk("person")
    province_id: Mapped[int] = fk("province")
    unit_id: Mapped[int] = fk("unit")
    created_by_id: Mapped[int | None] = fk("user")
    moved_from_id: Mapped[int | None] = fk("enrollment")
    payer_account_id: Mapped[int | None] = fk("account")
    target_group_id: Mapped[int | None] = fk("target_group")
    group_evidence: Mapped[str | None] = mapped_column(String(120))
    tracking_code: Mapped[str] = mapped_column(String(13), unique=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    debit_source: Mapped[DebitSource] = mapped_column(choice(DebitSource, "debit_source"))
    fee_rials: Mapped[Rial]
    fee_reason: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[EnrollmentStatus] = mapped_column(choice(EnrollmentStatus, "status"), default="active")
    created_at: Mapped[Utc]
    canceled_at: Mapped[MaybeUtc]
    end_cause: Mapped[EndCause | None] = mapped_column(choice(EndCause, "end_cause"))
    in_person_reason: Mapped[InPersonReason | None] = mapped_column(choice(InPersonReason, "in_person_reason"))
    in_person_level: Mapped[InPersonLevel | None] = mapped_column(choice(InPersonLevel, "in_person_level"))
    completion: Mapped[Completion | None] = mapped_column(choice(Completion, "completion"))
    completed_at: Mapped[MaybeUtc]
    completed_by_id: Mapped[int | None] = fk("user")

    course: Mapped[Course] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)
    payer: Mapped[Account | None] = relationship(viewonly=True)


class EnrollmentEvent(Model):
    """One step of an enrollment. Rows are added, never changed."""

    __tablename__ = "enrollment_event"

    id: Mapped[Pk]
    enrollment_id: Mapped[int] = fk("enrollment", index=True)
    actor_id: Mapped[int | None] = fk("user")
    action: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[Utc]
