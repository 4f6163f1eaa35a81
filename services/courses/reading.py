"""Which courses there are for whom: territory, the public, enrollment, and one course with what belongs to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, literal_column, or_, select
from sqlalchemy.orm import joinedload

from models import Course, CourseClaim, CourseEvent, CourseStatus, Instructor, Role, Unit, UnitKind, User, Workshop, db
from services import territory
from services.access import Actor, Level
from services.errors import NotFound, OutsideTerritory
from services.jalali import tehran_today

PUBLIC = (CourseStatus.APPROVED, CourseStatus.OPEN, CourseStatus.CLOSED, CourseStatus.RUNNING)
NO_SUCH_COURSE = "این دوره پیدا نشد. نشانی را بررسی کنید یا از فهرست دوره‌ها شروع کنید."
HAVE_COURSES = (UnitKind.CENTER, UnitKind.ACADEMY)
ENROLLABLE = (CourseStatus.APPROVED, CourseStatus.OPEN)


def public_where(now: datetime) -> ColumnElement[bool]:
    """The courses that anybody may find: approved ones that are not over yet."""
    return public_on(tehran_today(now))


def public_on(today: Any) -> ColumnElement[bool]:
    """The same for a day, which may be a parameter of a statement that is built once."""
    return and_(Course.status.in_(PUBLIC), Course.end_on >= today)


def enrollable(now: Any) -> ColumnElement[bool]:
    """The courses that take enrollments at this moment, seats aside.

    Decided by the times in the row: the status follows by the clock's tick, which may be late.
    """
    states: Any = [literal_column(f"'{status.value}'") for status in ENROLLABLE]  # as text: indexes are for these
    return and_(Course.status.in_(states), Course.enroll_open_at <= now, Course.enroll_close_at > now)


def takes_now(course: Any, now: datetime) -> bool:
    """`enrollable` of a row that has been read."""
    return course.status in ENROLLABLE and course.enroll_open_at <= now < course.enroll_close_at


def has_room(course: Any = Course, count: Any = 1) -> ColumnElement[bool]:
    """The courses with so many seats that nobody has and that no offer to the waiting list holds.

    Source: docs/rules.md R-620.
    """
    return course.taken + course.held + count <= course.capacity_max


def visible_to(actor: Actor, states: Sequence[CourseStatus] = ()) -> ColumnElement[bool]:
    """The courses in the territory of a staff user; the one place that says so.

    Whoever asks for `states` alone, all of courses that were sent, is not told so again: an index then counts them
    without the rows.

    Source: docs/rules.md R-41 (what was never sent is its unit's own).
    """
    if actor.level is Level.CENTER:
        return Course.unit_id.in_(actor.units)
    was_sent = and_(
        Course.status != CourseStatus.DRAFT,
        or_(Course.status != CourseStatus.CANCELED, Course.sent_at.is_not(None)),
    )
    if states and not {CourseStatus.DRAFT, CourseStatus.CANCELED}.intersection(states):
        was_sent = in_states(states)
    if actor.level is Level.HQ:
        return was_sent
    if actor.level is Level.PROVINCE:
        return and_(Course.province_id.in_(actor.provinces), was_sent)
    return false()


def in_states(states: Sequence[CourseStatus]) -> ColumnElement[bool]:
    """SQL: a course is in one of these states.

    They stand in the statement itself: from a parameter PostgreSQL cannot know that hardly any course is in a state,
    and once it keeps the plan of a statement it reads the whole table for those few.
    """
    return Course.status.in_(bindparam(None, list(states), unique=True, expanding=True, literal_execute=True))


def get(actor: Actor, course_id: int) -> Course:
    """One course of the actor's territory, as it is now.

    Raises:
        OutsideTerritory: it exists, but not for this actor.
        NotFound: there is no such course.
    """
    query = select(Course, visible_to(actor)).where(Course.id == course_id)
    return territory.only(query, "course", course_id, NO_SUCH_COURSE)


def units_of_staff(actor: Actor) -> tuple[int, ...]:
    """The units for which this person enters courses: centers and academies only, whatever else they manage.

    Source: docs/rules.md R-47.
    """
    if actor.level is not Level.CENTER:
        return ()
    held = actor.acting(Role.CLERK, Role.MANAGER).held
    return tuple(sorted({each.unit_id for each in held if each.unit_kind in HAVE_COURSES}))


def own_units(actor: Actor) -> Sequence[Unit]:
    """The same units, by title: whoever has several says for which one a course is."""
    return db.session.scalars(select(Unit).where(Unit.id.in_(units_of_staff(actor))).order_by(Unit.title_sort)).all()


def is_unit_staff(actor: Actor) -> bool:
    """Whether this person enters courses for a unit."""
    return bool(units_of_staff(actor))


def whole(actor: Actor, course_id: int, *further: Any) -> tuple[Course, Sequence[Any]]:
    """`get` with everything a case page shows, and the values of `further` expressions on it, in one query.

    Raises:
        NotFound, OutsideTerritory: as `get`.
    """
    query = (
        select(Course, visible_to(actor), *further)
        .where(Course.id == course_id)
        .options(
            joinedload(Course.unit),
            joinedload(Course.province),
            joinedload(Course.county),
            joinedload(Course.field),
            joinedload(Course.workshop).joinedload(Workshop.place),
            joinedload(Course.workshop).joinedload(Workshop.downtime),
            joinedload(Course.instructor).joinedload(Instructor.person),
            joinedload(Course.claim).joinedload(CourseClaim.user).joinedload(User.person),
            joinedload(Course.events).joinedload(CourseEvent.actor).joinedload(User.person),
            joinedload(Course.events).joinedload(CourseEvent.on_behalf_of).joinedload(User.person),
            joinedload(Course.events).joinedload(CourseEvent.reason_text),
            joinedload(Course.events).joinedload(CourseEvent.signature),
        )
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).unique().first()
    if row is None:
        raise NotFound(NO_SUCH_COURSE)
    if not row[1]:
        raise OutsideTerritory("course", course_id)
    return row[0], row[2:]
