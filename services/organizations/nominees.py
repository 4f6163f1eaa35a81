"""Whom an organization names for a course, and what has become of each: enrolled, and there how often.

Source: docs/rules.md R-418, R-419.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select, update

from models import (
    Attendance,
    Course,
    CourseStatus,
    Enrollment,
    EnrollmentStatus,
    Nominee,
    NomineeState,
    Person,
    Presence,
    Unit,
    db,
    utcnow,
)
from services import audit
from services.access import Actor
from services.courses import reading
from services.errors import NotAllowed, NotFound
from services.transaction import atomic

# Whom an organization names for a course that is over or will never be is too late.
TAKES = tuple(s for s in CourseStatus if s not in (CourseStatus.FINISHED, CourseStatus.CANCELED))
MOST = 2_000


class Line(NamedTuple):
    """One nominee; `tracking_code` where they are enrolled, and of the marks in their sheets how many say absent."""

    id: int
    national_code: str
    name: str | None
    mobile: str | None
    tracking_code: str | None
    marks: int
    absent: int
    course_title: str
    course_code: str
    course_status: CourseStatus
    start_on: Any
    end_on: Any
    unit_title: str


class Named(NamedTuple):
    """A course under a contract, with how many were named and how many of them are enrolled."""

    id: int
    code: str
    title: str
    status: CourseStatus
    start_on: Any
    end_on: Any
    unit_title: str
    named: int
    enrolled: int


def courses_of(agreement_ids: Sequence[int]) -> dict[int, list[Named]]:
    """The courses under some contracts, those that start last first; one query."""
    here = and_(Nominee.course_id == Course.id, Nominee.state != NomineeState.REMOVED)
    named = select(func.count()).select_from(Nominee).where(here).correlate(Course).scalar_subquery()
    there = select(func.count()).select_from(Nominee).join(Person, Person.national_code == Nominee.national_code)
    there = there.join(Enrollment, _enrolled()).where(here).correlate(Course)
    said = (Course.id, Course.code, Course.title, Course.status, Course.start_on, Course.end_on)
    query = select(Course.agreement_id, *said, Unit.title, named, there.scalar_subquery())
    query = query.join(Unit, Unit.id == Course.unit_id).where(Course.agreement_id.in_(agreement_ids))
    query = query.where(Course.status != CourseStatus.CANCELED)
    found: dict[int, list[Named]] = {}
    for agreement_id, *rest in db.session.execute(query.order_by(Course.start_on.desc(), Course.id.desc()).limit(200)):
        found.setdefault(agreement_id, []).append(Named(*rest))
    return found


def lines(*where: ColumnElement[bool]) -> list[Line]:
    """Nominees who are not removed, by course and name; one query."""
    marks = select(func.count()).where(Attendance.enrollment_id == Enrollment.id).correlate(Enrollment)
    absent = marks.where(Attendance.presence.in_((Presence.ABSENT, Presence.EXCUSED)))
    own = (Nominee.id, Nominee.national_code, Nominee.name, Nominee.mobile, Enrollment.tracking_code)
    course = (Course.title, Course.code, Course.status, Course.start_on, Course.end_on, Unit.title)
    query = select(*own, marks.scalar_subquery(), absent.scalar_subquery(), *course).select_from(Nominee)
    query = query.join(Course, Course.id == Nominee.course_id).join(Unit, Unit.id == Course.unit_id)
    query = query.outerjoin(Person, Person.national_code == Nominee.national_code).outerjoin(Enrollment, _enrolled())
    query = query.where(Nominee.state != NomineeState.REMOVED, *where)
    rows = db.session.execute(query.order_by(Course.start_on, Course.id, Nominee.name, Nominee.id).limit(MOST))
    return [Line(*row) for row in rows]


def _enrolled() -> ColumnElement[bool]:
    return and_(
        Enrollment.person_id == Person.id,
        Enrollment.course_id == Nominee.course_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )


def of_course(actor: Actor, course_id: int) -> tuple[Course, list[Line]]:
    """A course of the territory with those named for it.

    Raises:
        NotFound, OutsideTerritory: as `reading.get`. NotAllowed: neither its unit's staff nor its province's.
    """
    course = reading.get(actor, course_id)
    return course, lines(Nominee.course_id == course_id)


def may_name(actor: Actor, course: Course) -> bool:
    """Clerks and managers of the course's unit, while it has a contract and is neither over nor canceled."""
    return bool(course.agreement_id) and course.status in TAKES and course.unit_id in reading.units_of_staff(actor)


def remove(actor: Actor, course_id: int, nominee_id: int) -> bool:
    """Take somebody off the list, which leaves an enrollment as it is; False when it was done before.

    Raises:
        NotFound, OutsideTerritory: no nominee of a course of the territory. NotAllowed: not the actor's to do.
    """
    with atomic():
        course = reading.get(actor, course_id)
        if not may_name(actor, course):
            raise NotAllowed("فهرست معرفی‌شدگان را کارشناس یا مدیر همان مرکز، تا پایان دوره، تغییر می‌دهد.")
        row = db.session.get(Nominee, nominee_id)
        if row is None or row.course_id != course_id:
            raise NotFound("این نفر در فهرست این دوره نیست.")
        turn = update(Nominee).where(Nominee.id == nominee_id, Nominee.state != NomineeState.REMOVED)
        turn = turn.values(state=NomineeState.REMOVED, removed_at=utcnow()).returning(Nominee.id)
        if db.session.scalar(turn) is None:
            return False
        audit.record("nominee_removed", "course", course_id, actor_id=actor.user_id, nominee=nominee_id)
    return True
