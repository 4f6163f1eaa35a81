"""Instructors and what they teach."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import Model, Pk, fk
from tables.people import Person


class Instructor(Model):
    """A person who teaches for a unit."""

    __tablename__ = "instructor"
    __table_args__ = (UniqueConstraint("person_id", "unit_id"),)

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    unit_id: Mapped[int] = fk("unit", index=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship(viewonly=True)


class InstructorField(Model):
    """A field in which an instructor teaches."""

    __tablename__ = "instructor_field"
    __table_args__ = (UniqueConstraint("instructor_id", "field_id"),)

    id: Mapped[Pk]
    instructor_id: Mapped[int] = fk("instructor")
    field_id: Mapped[int] = fk("trade_field", index=True)
