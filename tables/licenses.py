"""Licenses of academies: what a private academy may teach, and until when."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.catalog import SkillStandard, TradeField
from tables.foundations import Gender, Province, Unit
from tables.people import Person


class LicenseGrade(enum.StrEnum):
    A = "a"
    B = "b"
    C = "c"
    D = "d"


class LicenseState(enum.StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    REJECTED = "rejected"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"


class FounderKind(enum.StrEnum):
    PERSON = "person"
    LEGAL = "legal"


class License(Model):
    """A license (پروانهٔ تأسیس) of an academy. It may teach from `issued_on` to `expires_on`, both included.

    An academy has one that counts (valid or suspended) at a time; a renewal waits beside it and takes its place.
    Papers are the stored files of kind `license`.
    """

    __tablename__ = "license"
    __table_args__ = (
        CheckConstraint("expires_on >= issued_on", name="dates_in_order"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint(
            "(founder_kind = 'person' AND founder_person_id IS NOT NULL AND founder_legal_id IS NULL) OR "
            "(founder_kind = 'legal' AND founder_legal_id IS NOT NULL AND founder_title IS NOT NULL "
            "AND founder_person_id IS NULL)",
            name="founder",
        ),
        CheckConstraint(
            "state NOT IN ('rejected', 'suspended', 'revoked') OR decision IS NOT NULL", name="refused_has_reason"
        ),
        Index(
            "uq_license_counts",
            "unit_id",
            unique=True,
            sqlite_where=text("state IN ('valid', 'suspended')"),
            postgresql_where=text("state IN ('valid', 'suspended')"),
        ),
        Index(
            "uq_license_number",
            "number",
            unique=True,
            sqlite_where=text("state IN ('valid', 'suspended')"),
            postgresql_where=text("state IN ('valid', 'suspended')"),
        ),
        Index("ix_license_unit", "unit_id", "id"),
        Index("ix_license_province", "province_id", "state", "expires_on"),
        Index("ix_license_expires", "state", "expires_on"),
    )

    id: Mapped[Pk]
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    number: Mapped[str] = mapped_column(String(40))
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    founder_kind: Mapped[FounderKind] = mapped_column(choice(FounderKind, "founder_kind"))
    founder_person_id: Mapped[int | None] = fk("person", index=True)
    founder_legal_id: Mapped[str | None] = mapped_column(String(11))
    founder_title: Mapped[str | None] = mapped_column(String(200))
    manager_id: Mapped[int] = fk("person", index=True)
    grade: Mapped[LicenseGrade | None] = mapped_column(choice(LicenseGrade, "grade"))
    gender: Mapped[Gender] = mapped_column(choice(Gender, "gender"))
    capacity: Mapped[int]
    address: Mapped[str] = mapped_column(String(300))
    police_approved_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[LicenseState] = mapped_column(choice(LicenseState, "state"), default=LicenseState.DRAFT)
    decision: Mapped[str | None] = mapped_column(String(300))
    entered_by_id: Mapped[int | None] = fk("user")
    decided_by_id: Mapped[int | None] = fk("user")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    sent_at: Mapped[MaybeUtc]
    decided_at: Mapped[MaybeUtc]

    unit: Mapped[Unit] = relationship(viewonly=True)
    province: Mapped[Province] = relationship(viewonly=True)
    founder: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=[founder_person_id])
    manager: Mapped[Person] = relationship(viewonly=True, foreign_keys=[manager_id])
    trades: Mapped[list[LicenseTrade]] = relationship(viewonly=True, order_by="LicenseTrade.id")


class LicenseTrade(Model):
    """A whole field, or one standard, that a license allows."""

    __tablename__ = "license_trade"
    __table_args__ = (
        CheckConstraint("(field_id IS NULL) <> (standard_id IS NULL)", name="field_or_standard"),
        UniqueConstraint("license_id", "field_id"),
        UniqueConstraint("license_id", "standard_id"),
    )

    id: Mapped[Pk]
    license_id: Mapped[int] = fk("license")
    field_id: Mapped[int | None] = fk("trade_field", index=True)
    standard_id: Mapped[int | None] = fk("skill_standard", index=True)

    field: Mapped[TradeField | None] = relationship(viewonly=True)
    standard: Mapped[SkillStandard | None] = relationship(viewonly=True)


class LicenseEvent(Model):
    """One step of a license. Rows are added, never changed; `details` names days and trades, nothing of people."""

    __tablename__ = "license_event"

    id: Mapped[Pk]
    license_id: Mapped[int] = fk("license", index=True)
    actor_id: Mapped[int | None] = fk("user")
    action: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Utc]


class VisitKind(enum.StrEnum):
    ENVIRONMENT = "environment"
    EQUIPMENT = "equipment"
    OPERATION = "operation"


class VisitOutcome(enum.StrEnum):
    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class LicenseVisit(Model):
    """An expert looked at an academy. Rows are added, never changed; the report is a stored file of kind
    `license_visit`.
    """

    __tablename__ = "license_visit"

    id: Mapped[Pk]
    license_id: Mapped[int] = fk("license", index=True)
    actor_id: Mapped[int] = fk("user")
    kind: Mapped[VisitKind] = mapped_column(choice(VisitKind, "kind"))
    outcome: Mapped[VisitOutcome] = mapped_column(choice(VisitOutcome, "outcome"))
    visited_on: Mapped[date]
    visitor: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Utc]
