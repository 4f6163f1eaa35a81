"""Instructors who teach parts of a course beside its own: who, and how many minutes each.

Source: docs/rules.md R-303.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Exists, and_, delete, exists, insert, literal, or_, select

from models import Course, CourseInstructor, Instructor, InstructorField, db

MOST = 3  # beside the instructor of the course
Part = tuple[int, int]  # an instructor, and minutes


def of(course_id: int | None) -> tuple[Part, ...]:
    """Who teaches parts of a course, in the order in which they were written."""
    query = select(CourseInstructor.instructor_id, CourseInstructor.minutes).order_by(CourseInstructor.id)
    return tuple((who, minutes) for who, minutes in db.session.execute(query.where(_of(course_id))))


def write(course_id: int, parts: Sequence[Part]) -> None:
    """Put these in the place of those who were there; inside the transaction that saves the course."""
    db.session.execute(delete(CourseInstructor).where(_of(course_id)))
    if parts:
        rows = [{"course_id": course_id, "instructor_id": who, "minutes": minutes} for who, minutes in parts]
        db.session.execute(insert(CourseInstructor), rows)


def copy(former_id: int, course: Course) -> None:
    """Give a new course those of a former one who still work for its unit and teach in its field; one statement."""
    new = literal(course.id, type_=CourseInstructor.course_id.type)
    who, minutes = CourseInstructor.instructor_id, CourseInstructor.minutes
    rows = select(new, who, minutes).join(Instructor, Instructor.id == who)
    rows = rows.where(_of(former_id), _teaches(course)).order_by(CourseInstructor.id)
    db.session.execute(insert(CourseInstructor).from_select(["course_id", "instructor_id", "minutes"], rows))


def strangers(course: Course, ids: Sequence[int]) -> frozenset[int]:
    """Those of these instructors who do not work for the unit, or do not teach in the field, of a course."""
    if not ids:
        return frozenset()
    mine = select(Instructor.id).where(Instructor.id.in_(ids), _teaches(course))
    return frozenset(ids) - frozenset(db.session.scalars(mine))


def has_stranger(course: Course) -> Exists:
    """SQL: somebody who teaches a part of the course does not work for its unit until its end, or not in its field."""
    stays = [or_(Instructor.ended_on.is_(None), Instructor.ended_on >= course.end_on)] if course.end_on else []
    fits = exists().where(Instructor.id == CourseInstructor.instructor_id, _teaches(course), *stays)
    return exists().where(_of(course.id), ~fits)


def _of(course_id: int | None) -> ColumnElement[bool]:
    return CourseInstructor.course_id == course_id


def _teaches(course: Course) -> ColumnElement[bool]:
    teaches = exists().where(
        InstructorField.instructor_id == Instructor.id, InstructorField.field_id == course.field_id
    )
    return and_(Instructor.unit_id == course.unit_id, Instructor.is_active, teaches)
