"""Who is in which workshop when: a week of class meetings, and the days on which a workshop is down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models import Course, CourseSession, CourseStatus, Instructor, WorkshopDowntime, db
from services import jalali

S = CourseStatus
_SHOWN = (S.APPROVED, S.OPEN, S.CLOSED, S.RUNNING, S.FINISHED)
_FIRST, _LAST = date(1990, 1, 6), date(2110, 1, 4)


@dataclass(frozen=True)
class Meeting:
    """One meeting of a course in a workshop."""

    workshop_id: int
    start: time
    end: time
    course: Course
    teacher: str


@dataclass(frozen=True)
class Day:
    """One day of a week: what meets, by time, and why each workshop that is down is so, by its id."""

    on: date
    meetings: Sequence[Meeting]
    down: dict[int, str]

    def of(self, workshop_id: int) -> list[Meeting]:
        return [meeting for meeting in self.meetings if meeting.workshop_id == workshop_id]


def first_day(raw: str, today: date) -> date:
    """The Saturday of the week in which an ISO date lies; of this week when there is none."""
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        day = today
    day = min(max(day, _FIRST), _LAST)
    return day - timedelta(days=jalali.weekday(day))


def week(workshop_ids: Sequence[int], saturday: date) -> list[Day]:
    """The seven days from a Saturday; two queries."""
    friday = saturday + timedelta(days=6)
    meetings = _meetings(workshop_ids, saturday, friday)
    down = _down(workshop_ids, saturday, friday)
    days = [saturday + timedelta(days=n) for n in range(7)]
    return [
        Day(
            day,
            [meeting for on, meeting in meetings if on == day],
            {row.workshop_id: row.reason for row in down if row.starts_on <= day <= (row.ends_on or friday)},
        )
        for day in days
    ]


def _meetings(workshop_ids: Sequence[int], first: date, last: date) -> list[tuple[date, Meeting]]:
    query = (
        select(CourseSession, Course)
        .join(Course, Course.id == CourseSession.course_id)
        .options(joinedload(Course.instructor).joinedload(Instructor.person))
        .where(
            CourseSession.on_date.between(first, last), Course.workshop_id.in_(workshop_ids), Course.status.in_(_SHOWN)
        )
        .order_by(CourseSession.on_date, CourseSession.start_time, Course.id)
    )
    return [
        (row.on_date, Meeting(course.workshop_id or 0, row.start_time, row.end_time, course, _teacher(course)))
        for row, course in db.session.execute(query)
    ]


def _teacher(course: Course) -> str:
    return (course.instructor.person.full_name if course.instructor else None) or ""


def _down(workshop_ids: Sequence[int], first: date, last: date) -> Sequence[WorkshopDowntime]:
    query = select(WorkshopDowntime).where(
        WorkshopDowntime.workshop_id.in_(workshop_ids),
        WorkshopDowntime.starts_on <= last,
        or_(WorkshopDowntime.ends_on.is_(None), WorkshopDowntime.ends_on >= first),
    )
    return db.session.scalars(query.order_by(WorkshopDowntime.id)).all()
