"""Instructors as courses choose them, and their own classes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Course, CourseStatus, Instructor, InstructorField, Person, db

HELD = (CourseStatus.APPROVED, CourseStatus.OPEN, CourseStatus.CLOSED, CourseStatus.RUNNING)


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


def classes(person_id: int) -> Sequence[Course]:
    """The approved courses that a person teaches and that are not over, in the order in which they begin."""
    query = (
        select(Course)
        .join(Course.instructor)
        .options(joinedload(Course.unit), joinedload(Course.workshop))
        .where(Instructor.person_id == person_id, Course.status.in_(HELD))
        .order_by(Course.start_on, Course.id)
        .limit(50)
    )
    return db.session.scalars(query).all()
