"""Instructors: where they teach, their moves, and the personal part of their file."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import BIG, MaybeUtc, Model, Pk, Utc, choice, fk
from tables.foundations import Unit
from tables.people import Person


class Instructor(Model):
    """A person who teaches for a unit; who moves to another unit has a row there too.

    The rows of before stay as they are, so that the courses which point at them stay true. `ended_on` is the last day.
    """

    __tablename__ = "instructor"
    __table_args__ = (
        UniqueConstraint("person_id", "unit_id"),
        CheckConstraint("is_active OR ended_on IS NOT NULL", name="ended_has_day"),
        Index("ix_instructor_province", "province_id", "is_active", "id"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    unit_id: Mapped[int] = fk("unit", index=True)
    province_id: Mapped[int] = fk("province")
    is_active: Mapped[bool] = mapped_column(default=True)
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    person: Mapped[Person] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)


class InstructorField(Model):
    """A field in which an instructor teaches."""

    __tablename__ = "instructor_field"
    __table_args__ = (UniqueConstraint("instructor_id", "field_id"),)

    id: Mapped[Pk]
    instructor_id: Mapped[int] = fk("instructor")
    field_id: Mapped[int] = fk("trade_field", index=True)


class InstructorEvent(Model):
    """What happened to an instructor in a unit: taken on, moved, ended, fields changed. Rows are added, never changed.

    `details` names units, days and fields, nothing of the person.
    """

    __tablename__ = "instructor_event"

    id: Mapped[Pk]
    instructor_id: Mapped[int] = fk("instructor", index=True)
    actor_id: Mapped[int | None] = fk("user")
    action: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Utc]


class InstructorMoveState(enum.StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class InstructorMove(Model):
    """An instructor is to move to another unit from a day on; that unit, or the province above both, says yes or no."""

    __tablename__ = "instructor_move"
    __table_args__ = (
        CheckConstraint("from_unit_id <> to_unit_id", name="to_another_unit"),
        Index(
            "uq_instructor_move_waiting",
            "instructor_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_instructor_move_to", "to_unit_id", "state", "id"),
    )

    id: Mapped[Pk]
    instructor_id: Mapped[int] = fk("instructor", index=True)
    from_unit_id: Mapped[int] = fk("unit")
    to_unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    on_date: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[InstructorMoveState] = mapped_column(choice(InstructorMoveState, "state"), default="waiting")
    decision: Mapped[str | None] = mapped_column(String(300))
    asked_by_id: Mapped[int] = fk("user")
    decided_by_id: Mapped[int | None] = fk("user")
    created_at: Mapped[Utc]
    decided_at: Mapped[MaybeUtc]

    instructor: Mapped[Instructor] = relationship(viewonly=True)
    from_unit: Mapped[Unit] = relationship(viewonly=True, foreign_keys=[from_unit_id])
    to_unit: Mapped[Unit] = relationship(viewonly=True, foreign_keys=[to_unit_id])


class MaritalStatus(enum.StrEnum):
    SINGLE = "single"
    MARRIED = "married"


class MilitaryStatus(enum.StrEnum):
    DONE = "done"
    EXEMPT = "exempt"
    SERVING = "serving"
    NOT_SUBJECT = "not_subject"


class InstructorProfile(Model):
    """The personal part that `person` has not: what the unit of an instructor wants to know of them.

    The photo is the stored file of kind `instructor_photo` that this row owns.
    """

    __tablename__ = "instructor_profile"

    id: Mapped[Pk]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), unique=True)
    birth_place: Mapped[str | None] = mapped_column(String(80))
    marital: Mapped[MaritalStatus | None] = mapped_column(choice(MaritalStatus, "marital"))
    military: Mapped[MilitaryStatus | None] = mapped_column(choice(MilitaryStatus, "military"))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(120))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(String(300))
    work_permit_no: Mapped[str | None] = mapped_column(String(30))
    work_permit_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
