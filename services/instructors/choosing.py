"""Instructors as courses choose them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Instructor, InstructorField, Person, db


def teaching(unit_id: int, field_id: int) -> Sequence[Instructor]:
    """The active instructors of a unit who teach in a field, with their names, by name."""
    query = (
        select(Instructor)
        .join(Instructor.person)
        .join(InstructorField, InstructorField.instructor_id == Instructor.id)
        .options(joinedload(Instructor.person))
        .where(Instructor.unit_id == unit_id, Instructor.is_active, InstructorField.field_id == field_id)
        .order_by(Person.name_sort, Instructor.id)
    )
    return db.session.scalars(query).all()
