"""Who asks for courses: people who find none near them, and organizations with their contracts and nominees."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Name, Pk, SortKey, Utc, choice, fk
from tables.catalog import SkillStandard
from tables.courses import Course
from tables.files import StoredFile
from tables.foundations import County, Province
from tables.people import Person


class DemandState(enum.StrEnum):
    OPEN = "open"
    TOLD = "told"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class CourseDemand(Model):
    """Somebody asks for a standard in a county where no course of it is open (اعلام نیاز); one open for each.

    `told_of_id` is the course of which the person was told.
    """

    __tablename__ = "course_demand"
    __table_args__ = (
        CheckConstraint("(state = 'told') = (told_of_id IS NOT NULL)", name="told_has_course"),
        Index(
            "uq_course_demand_open",
            "person_id",
            "standard_id",
            "county_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_course_demand_wanted", "state", "standard_id", "county_id"),
        Index("ix_course_demand_province", "province_id", "state", "standard_id", "county_id"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person", index=True)
    standard_id: Mapped[int] = fk("skill_standard")
    county_id: Mapped[int] = fk("county")
    province_id: Mapped[int] = fk("province")
    told_of_id: Mapped[int | None] = fk("course", index=True)
    state: Mapped[DemandState] = mapped_column(choice(DemandState, "state"), default=DemandState.OPEN)
    shift: Mapped[str | None] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(24), default="self")
    created_at: Mapped[Utc]
    closed_at: Mapped[MaybeUtc]

    person: Mapped[Person] = relationship(viewonly=True)
    standard: Mapped[SkillStandard] = relationship(viewonly=True)
    county: Mapped[County] = relationship(viewonly=True)
    told_of: Mapped[Course | None] = relationship(viewonly=True)


class OrganizationKind(enum.StrEnum):
    COMPANY = "company"
    AGENCY = "agency"


class Organization(Model):
    """A company or an agency that asks for courses for its people; a legal person by its eleven digits."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("province_id", "legal_id"),)

    id: Mapped[Pk]
    province_id: Mapped[int] = fk("province")
    kind: Mapped[OrganizationKind] = mapped_column(choice(OrganizationKind, "kind"))
    legal_id: Mapped[str] = mapped_column(String(11))
    title: Mapped[Name]
    title_key: Mapped[Name]
    title_sort: Mapped[SortKey]
    contact: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(300))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    province: Mapped[Province] = relationship(viewonly=True)


class AgreementKind(enum.StrEnum):
    CONTRACT = "contract"
    MEMORANDUM = "memorandum"


class Agreement(Model):
    """A contract or a memorandum with an organization, under which courses are held."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        CheckConstraint("valid_until IS NULL OR valid_until >= signed_on", name="dates_in_order"),
    )

    id: Mapped[Pk]
    organization_id: Mapped[int] = fk("organization")
    document_id: Mapped[int | None] = fk("stored_file")
    kind: Mapped[AgreementKind] = mapped_column(choice(AgreementKind, "kind"))
    number: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(200))
    signed_on: Mapped[date]
    valid_until: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    organization: Mapped[Organization] = relationship(viewonly=True)
    document: Mapped[StoredFile | None] = relationship(viewonly=True)


class NomineeState(enum.StrEnum):
    NAMED = "named"
    ENROLLED = "enrolled"
    REMOVED = "removed"


class Nominee(Model):
    """Somebody whom an organization names for a course; the name is as the organization has written it."""

    __tablename__ = "nominee"
    __table_args__ = (
        Index(
            "uq_nominee_named",
            "course_id",
            "national_code",
            unique=True,
            sqlite_where=text("state <> 'removed'"),
            postgresql_where=text("state <> 'removed'"),
        ),
        Index("ix_nominee_agreement", "agreement_id", "id"),
    )

    id: Mapped[Pk]
    agreement_id: Mapped[int] = fk("agreement")
    course_id: Mapped[int] = fk("course")
    named_by_id: Mapped[int] = fk("user")
    national_code: Mapped[str] = mapped_column(String(10), index=True)
    name: Mapped[str | None] = mapped_column(String(120))
    mobile: Mapped[str | None] = mapped_column(String(11))
    state: Mapped[NomineeState] = mapped_column(choice(NomineeState, "state"), default=NomineeState.NAMED)
    created_at: Mapped[Utc]
    removed_at: Mapped[MaybeUtc]

    course: Mapped[Course] = relationship(viewonly=True)
    agreement: Mapped[Agreement] = relationship(viewonly=True)
