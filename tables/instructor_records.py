"""The rows of an instructor's file (employment, education, retraining ...) and who verified them."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import BIG, MaybeUtc, Model, Name, Pk, Utc, choice, fk
from tables.catalog import SkillStandard
from tables.foundations import Unit
from tables.people import Person


class RecordKind(enum.StrEnum):
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    RETRAINING = "retraining"
    EXPERIENCE = "experience"
    CARD = "card"
    CERTIFICATE = "certificate"
    RULING = "ruling"


class RecordState(enum.StrEnum):
    DRAFT = "draft"
    AT_CENTER = "at_center"
    AT_PROVINCE = "at_province"
    VERIFIED = "verified"
    REJECTED = "rejected"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class InstructorRecord(Model):
    """One row of an instructor's file, whatever its kind; what it says stands in the table of that kind.

    A draft is its author's alone. Then center and province look at it (both are «recorded»), and what is verified is
    locked: a change is another row that names it in `replaces_id` and takes its place once it is verified itself.
    `unit_id` and `province_id` say who verifies. Evidence is the stored files of kind `instructor_record`.
    """

    __tablename__ = "instructor_record"
    __table_args__: tuple[Any, ...] = (
        CheckConstraint("state <> 'rejected' OR decision IS NOT NULL", name="rejected_has_reason"),
        CheckConstraint("state <> 'verified' OR decided_at IS NOT NULL", name="verified_has_time"),
        Index("ix_instructor_record_person", "person_id", "kind", "id"),
        Index("ix_instructor_record_unit", "unit_id", "state", "sent_at", "id"),
        Index("ix_instructor_record_province", "province_id", "state", "sent_at", "id"),
        Index(
            "uq_instructor_record_replaces",
            "replaces_id",
            unique=True,
            sqlite_where=text("replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"),
            postgresql_where=text(
                "replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"
            ),
        ),
    )

    id: Mapped[Pk]
    kind: Mapped[RecordKind] = mapped_column(choice(RecordKind, "kind"))
    person_id: Mapped[int] = fk("person")
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    replaces_id: Mapped[int | None] = fk("instructor_record")
    state: Mapped[RecordState] = mapped_column(choice(RecordState, "state"), default=RecordState.DRAFT)
    note: Mapped[str | None] = mapped_column(String(300))
    decision: Mapped[str | None] = mapped_column(String(300))
    entered_by_id: Mapped[int | None] = fk("user")
    center_by_id: Mapped[int | None] = fk("user")
    decided_by_id: Mapped[int | None] = fk("user")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    sent_at: Mapped[MaybeUtc]
    center_at: Mapped[MaybeUtc]
    decided_at: Mapped[MaybeUtc]

    person: Mapped[Person] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)

    __mapper_args__ = {"polymorphic_on": "kind"}


class EmploymentKind(enum.StrEnum):
    OFFICIAL = "official"
    CONTRACTUAL = "contractual"
    FIXED_TERM = "fixed_term"
    COMPANY = "company"
    HOURLY = "hourly"
    SOLDIER = "soldier"
    ACADEMY = "academy"


def _of_record() -> Any:
    return mapped_column(BIG, ForeignKey("instructor_record.id"), primary_key=True)


class EmploymentRecord(InstructorRecord):
    """A job: `morning_hours` and `evening_hours` are the hours a week owed in each shift; `ended_on` the last day."""

    __tablename__ = "employment_record"
    __mapper_args__ = {"polymorphic_identity": RecordKind.EMPLOYMENT}
    __table_args__ = (
        CheckConstraint("ended_on >= hired_on", name="dates_in_order"),
        CheckConstraint("morning_hours BETWEEN 0 AND 60 AND evening_hours BETWEEN 0 AND 60", name="hours_of_a_week"),
    )

    id: Mapped[int] = _of_record()
    employment: Mapped[EmploymentKind] = mapped_column(choice(EmploymentKind, "employment"))
    employer: Mapped[Name]
    personnel_no: Mapped[str | None] = mapped_column(String(20))
    post: Mapped[str | None] = mapped_column(String(120))
    hired_on: Mapped[date]
    ended_on: Mapped[date | None]
    morning_hours: Mapped[int] = mapped_column(default=0)
    evening_hours: Mapped[int] = mapped_column(default=0)


class Degree(enum.StrEnum):
    """From the lowest to the highest; `list(Degree)` is the order that rules compare by."""

    CYCLE = "cycle"
    DIPLOMA = "diploma"
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class EducationRecord(InstructorRecord):
    """A degree; `gpa_hundredths` is the average of 20 in hundredths (1,725 for 17.25)."""

    __tablename__ = "education_record"
    __mapper_args__ = {"polymorphic_identity": RecordKind.EDUCATION}
    __table_args__ = (CheckConstraint("gpa_hundredths BETWEEN 0 AND 2000", name="gpa_of_20"),)

    id: Mapped[int] = _of_record()
    degree: Mapped[Degree] = mapped_column(choice(Degree, "degree"))
    study_field: Mapped[Name]
    study_key: Mapped[Name]
    university: Mapped[str | None] = mapped_column(String(120))
    graduated_on: Mapped[date]
    gpa_hundredths: Mapped[int | None]


class RetrainingRecord(InstructorRecord):
    """A course that an instructor attended to keep up."""

    __tablename__ = "retraining_record"
    __mapper_args__ = {"polymorphic_identity": RecordKind.RETRAINING}
    __table_args__ = (
        CheckConstraint("ended_on >= started_on", name="dates_in_order"),
        CheckConstraint("hours > 0", name="hours_positive"),
        Index("ix_retraining_record_certificate_no", "certificate_no"),
    )

    id: Mapped[int] = _of_record()
    standard_id: Mapped[int | None] = fk("skill_standard", index=True)
    title: Mapped[Name]
    provider: Mapped[Name]
    hours: Mapped[int]
    started_on: Mapped[date]
    ended_on: Mapped[date]
    certificate_no: Mapped[str | None] = mapped_column(String(40))

    standard: Mapped[SkillStandard | None] = relationship(viewonly=True)


class ExperienceKind(enum.StrEnum):
    TEACHING = "teaching"
    TRADE = "trade"


class ExperienceRecord(InstructorRecord):
    """Time spent teaching or working in a field; without `ended_on` it goes on."""

    __tablename__ = "experience_record"
    __mapper_args__ = {"polymorphic_identity": RecordKind.EXPERIENCE}
    __table_args__ = (CheckConstraint("ended_on >= started_on", name="dates_in_order"),)

    id: Mapped[int] = _of_record()
    experience: Mapped[ExperienceKind] = mapped_column(choice(ExperienceKind, "experience"))
    field_id: Mapped[int] = fk("trade_field", index=True)
    workplace: Mapped[Name]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]


class InstructorCard(InstructorRecord):
    """The instructor card (کارت مربیگری); valid on both its days."""

    __tablename__ = "instructor_card"
    __mapper_args__ = {"polymorphic_identity": RecordKind.CARD}
    __table_args__ = (CheckConstraint("expires_on >= issued_on", name="dates_in_order"),)

    id: Mapped[int] = _of_record()
    number: Mapped[str] = mapped_column(String(40))
    issued_on: Mapped[date]
    expires_on: Mapped[date]


class SkillCertificate(InstructorRecord):
    """A certificate of a skill; `standard_id` is the standard of the catalog it was given for, if it has one."""

    __tablename__ = "skill_certificate"
    __mapper_args__ = {"polymorphic_identity": RecordKind.CERTIFICATE}

    id: Mapped[int] = _of_record()
    standard_id: Mapped[int | None] = fk("skill_standard", index=True)
    title: Mapped[Name]
    number: Mapped[str] = mapped_column(String(40))
    issued_on: Mapped[date]

    standard: Mapped[SkillStandard | None] = relationship(viewonly=True)


class CompetenceRuling(InstructorRecord):
    """What the committee of the province ruled: this person may teach this standard, until `valid_until` if it says."""

    __tablename__ = "competence_ruling"
    __mapper_args__ = {"polymorphic_identity": RecordKind.RULING}
    __table_args__ = (CheckConstraint("valid_until >= ruled_on", name="dates_in_order"),)

    id: Mapped[int] = _of_record()
    standard_id: Mapped[int] = fk("skill_standard", index=True)
    number: Mapped[str] = mapped_column(String(40))
    ruled_on: Mapped[date]
    valid_until: Mapped[date | None]

    standard: Mapped[SkillStandard] = relationship(viewonly=True)


class RecordEvent(Model):
    """One step of a row of the file: who did what, at which level. Rows are added, never changed.

    It says nothing of what the row says: of each version there is a row.
    """

    __tablename__ = "record_event"

    id: Mapped[Pk]
    record_id: Mapped[int] = fk("instructor_record", index=True)
    actor_id: Mapped[int | None] = fk("user")
    action: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[Utc]


class InstructorRule(Model):
    """One way to be fit for a standard: all that it asks for must hold, and one such way is enough.

    `study_fields` are names of university fields, parted by «،»; nothing means any. `experience_years` may be spent
    teaching or working in the field of the standard; retraining counts within the last `retraining_years`.
    """

    __tablename__ = "instructor_rule"
    __table_args__ = (
        UniqueConstraint("standard_id", "position"),
        CheckConstraint("experience_years BETWEEN 0 AND 40", name="experience_years"),
        CheckConstraint("retraining_hours BETWEEN 0 AND 2000", name="retraining_hours"),
        CheckConstraint("retraining_hours = 0 OR retraining_years > 0", name="retraining_has_years"),
    )

    id: Mapped[Pk]
    standard_id: Mapped[int] = fk("skill_standard")
    position: Mapped[int]
    min_degree: Mapped[Degree | None] = mapped_column(choice(Degree, "min_degree"))
    study_fields: Mapped[str] = mapped_column(String(500), default="")
    experience_years: Mapped[int] = mapped_column(default=0)
    retraining_hours: Mapped[int] = mapped_column(default=0)
    retraining_years: Mapped[int] = mapped_column(default=0)
    needs_certificate: Mapped[bool] = mapped_column(default=False)
    needs_card: Mapped[bool] = mapped_column(default=False)
