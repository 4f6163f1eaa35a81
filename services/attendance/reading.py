"""Which classes and meetings there are for whom: an instructor's own, and those of a center."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from models import (
    Attendance,
    Course,
    CourseSession,
    CourseStatus,
    Enrollment,
    EnrollmentStatus,
    Instructor,
    Role,
    Unit,
    db,
)
from services import courses, jalali, policy
from services.access import Actor, Level
from services.errors import NotFound, OutsideTerritory

S = CourseStatus
CLASSES = (S.APPROVED, S.OPEN, S.CLOSED, S.RUNNING, S.FINISHED)
SIZE = 25
_LOOK = (Role.CLERK, Role.MANAGER, Role.COUNSELOR)  # in a unit; a counter sees its own acts only
NO_SUCH_CLASS = "این کلاس پیدا نشد. شاید دوره هنوز تأیید نشده، یا جلسه‌های آن جابه‌جا شده است."


@dataclass(frozen=True)
class Term:
    """From when to when somebody is enrolled in a course."""

    course_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Meeting:
    """One meeting with its course; `marked` of the `expected` people have a mark."""

    session: CourseSession
    course: Course
    marked: int
    expected: int

    @property
    def is_whole(self) -> bool:
        return self.marked >= self.expected

    @property
    def minutes(self) -> int:
        return _minutes(self.session)


@dataclass(frozen=True)
class Page:
    """Some classes of an instructor; `after` is where the next page begins, or None."""

    courses: Sequence[Course]
    after: int | None


# -- Who ---------------------------------------------------------------------------


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The courses whose sheets this person sees: a unit those it holds, an instructor those that are or were theirs.

    Source: docs/rules.md R-270.
    """
    if actor.level is Level.INSTRUCTOR:
        return _taught_by(actor.person_id)
    return courses.visible_to(actor.acting(*_LOOK) if actor.level is Level.CENTER else actor)


def may_correct(actor: Actor, course: Course) -> bool:
    """Whether this person puts marks right for the unit that holds the course."""
    return actor.level is Level.CENTER and course.unit_id in actor.acting(Role.CLERK, Role.MANAGER).units


def get(actor: Actor, course_id: int) -> Course:
    """A course that has become a class, with what its page says of it.

    Raises:
        NotFound, OutsideTerritory: no class of this actor.
    """
    row = db.session.execute(_with_place(select(Course, visible_to(actor))).where(Course.id == course_id)).first()
    if row is None or (row[1] and row[0].status not in CLASSES):
        raise NotFound(NO_SUCH_CLASS)
    if not row[1]:
        raise OutsideTerritory("course", course_id)
    return row[0]


def meeting(actor: Actor, session_id: int, *, hold: bool = False) -> tuple[CourseSession, Course]:
    """One meeting with its course; `hold` keeps all others from marking it until this transaction ends.

    Raises:
        NotFound, OutsideTerritory: no meeting of a class of this actor.
    """
    query = select(CourseSession, Course, visible_to(actor)).join(Course, Course.id == CourseSession.course_id)
    query = _with_place(query).where(CourseSession.id == session_id)
    if hold:
        query = query.with_for_update(of=CourseSession)
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None or (row[2] and row[1].status not in CLASSES):
        raise NotFound(NO_SUCH_CLASS)
    if not row[2]:
        raise OutsideTerritory("course_session", session_id)
    return row[0], row[1]


# -- Lists -------------------------------------------------------------------------


def own_classes(actor: Actor, today: date, *, over: bool = False, after: int | None = None) -> Page:
    """The classes of an instructor: those to come and under way as they begin, or those that are over, newest first."""
    query = _with_place(select(Course)).where(visible_to(actor), Course.status.in_(CLASSES))
    if over:
        query = query.where((Course.end_on < today) | (Course.status == S.FINISHED)).order_by(Course.id.desc())
        query = query.where(Course.id < after) if after else query
    else:
        now = query.where(Course.end_on >= today, Course.status != S.FINISHED)
        query = now.order_by(Course.start_on, Course.id)
    found = db.session.scalars(query.limit(SIZE + 1)).all()
    return Page(found[:SIZE], found[SIZE - 1].id if over and len(found) > SIZE else None)


def between(actor: Actor, first: date, last: date) -> list[Meeting]:
    """The meetings of an instructor's classes in some days, by time; two queries."""
    marked = select(func.count()).where(Attendance.session_id == CourseSession.id).correlate(CourseSession)
    query = select(CourseSession, Course, marked.scalar_subquery()).join(Course, Course.id == CourseSession.course_id)
    query = _with_place(query).where(CourseSession.on_date.between(first, last))
    query = query.where(visible_to(actor), Course.status.in_(CLASSES))
    rows = db.session.execute(query.order_by(CourseSession.on_date, CourseSession.start_time, Course.id)).all()
    terms = _terms({course.id for _, course, _ in rows})
    return [Meeting(session, course, n, expected(session, terms.get(course.id, []))) for session, course, n in rows]


def unmarked(meetings: Sequence[Meeting], now: datetime) -> list[Meeting]:
    """Those that are over and whose sheet is not full, the newest first."""
    return [each for each in reversed(meetings) if ends_at(each.session) <= now and not each.is_whole]


def expected(session: CourseSession, terms: Sequence[Term]) -> int:
    return sum(is_there(session, term.since, term.until) for term in terms)


# -- Times -------------------------------------------------------------------------


def starts_at(session: CourseSession) -> datetime:
    return jalali.from_tehran(session.on_date, session.start_time)


def ends_at(session: CourseSession) -> datetime:
    return jalali.from_tehran(session.on_date, session.end_time)


def is_there(session: CourseSession, since: datetime, until: datetime | None) -> bool:
    """Whether somebody enrolled from `since` to `until` belongs to the class at this meeting.

    Source: docs/rules.md R-271.
    """
    return since < ends_at(session) and (until is None or until > starts_at(session))


def last_day(session: CourseSession, unit: Unit) -> date:
    """Up to when its instructor may mark a meeting.

    Source: docs/rules.md R-272.
    """
    return session.on_date + timedelta(days=policy.value("attendance_days", unit))


# -- Support -----------------------------------------------------------------------


def ever_enrolled(of_courses: ColumnElement[bool]) -> Any:
    """The ids of all enrollments of some courses, each state by its own index: there is none for both together."""
    states = (literal(state, Enrollment.status.type, literal_execute=True) for state in EnrollmentStatus)
    return union_all(*(select(Enrollment.id).where(of_courses, Enrollment.status == state) for state in states))


def _taught_by(person_id: int) -> ColumnElement[bool]:
    """By any of the rows that a person has as an instructor, so that what they taught elsewhere stays theirs."""
    return Course.instructor_id.in_(select(Instructor.id).where(Instructor.person_id == person_id))


def _with_place(query: Any) -> Any:
    unit = joinedload(Course.unit).joinedload(Unit.province)
    return query.options(unit, joinedload(Course.workshop), joinedload(Course.instructor).joinedload(Instructor.person))


def _terms(course_ids: set[int]) -> dict[int, list[Term]]:
    if not course_ids:
        return {}
    columns = (Enrollment.course_id, Enrollment.created_at, Enrollment.canceled_at)
    found_by = Enrollment.id.in_(ever_enrolled(Enrollment.course_id.in_(course_ids)))
    rows = db.session.execute(select(*columns).where(found_by))
    found: dict[int, list[Term]] = {}
    for course_id, since, until in rows:
        found.setdefault(course_id, []).append(Term(course_id, since, until))
    return found


def _minutes(session: CourseSession) -> int:
    start, end = session.start_time, session.end_time
    return (end.hour - start.hour) * 60 + end.minute - start.minute
