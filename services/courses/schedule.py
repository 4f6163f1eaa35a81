"""When a course meets: its class days from its weekdays, hours and the holidays, and so its last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import delete, insert, or_, select

from models import Course, CourseSession, Holiday, Province, db
from services.errors import DomainError

# A plan that needs longer than this is a slip of the hand in hours or weekdays.
LONGEST = timedelta(days=730)


@dataclass(frozen=True)
class Timetable:
    """The weekly plan of a course; `weekdays` is a bit mask, Saturday the lowest."""

    weekdays: int
    start_time: time
    end_time: time

    @property
    def minutes(self) -> int:
        """The length of one meeting."""
        return _minutes(self.end_time) - _minutes(self.start_time)


def timetable_of(course: Course) -> Timetable | None:
    """The weekly plan of a course, or None while a part of it is missing."""
    if not course.weekdays or course.start_time is None or course.end_time is None:
        return None
    plan = Timetable(course.weekdays, course.start_time, course.end_time)
    return plan if plan.minutes > 0 else None


def class_days(plan: Timetable, start: date, until: date, holidays: frozenset[date]) -> Iterator[date]:
    """The days from `start` to `until` on which there is class."""
    for n in range((until - start).days + 1):
        day = start + timedelta(days=n)
        if plan.weekdays >> (day.weekday() + 2) % 7 & 1 and day not in holidays:
            yield day


def meetings_needed(plan: Timetable, minutes: int) -> int:
    """How many meetings hold `minutes` of teaching; the last one may be shorter and still counts."""
    return -(-minutes // plan.minutes)


def end_date(plan: Timetable, start: date, minutes: int, holidays: frozenset[date]) -> date:
    """The last day of class: the hours of the standard laid over the class days.

    Raises:
        DomainError: the hours do not fit into two years.

    Source: docs/rules.md R-43.
    """
    needed = meetings_needed(plan, minutes)
    for n, day in enumerate(class_days(plan, start, start + LONGEST, holidays), 1):
        if n >= needed:
            return day
    raise DomainError(
        "با این روزها و ساعت‌ها دوره در دو سال هم تمام نمی‌شود. روز یا ساعت بیشتری بنویسید.", field="weekdays"
    )


def holidays_between(province_id: int, start: date, until: date) -> frozenset[date]:
    """The days without classes for a province: its own and the country's."""
    code = select(Province.code).where(Province.id == province_id).scalar_subquery()
    query = select(Holiday.on_date).where(
        Holiday.on_date.between(start, until), or_(Holiday.scope == "*", Holiday.scope == code)
    )
    return frozenset(db.session.scalars(query))


def propose_end(course: Course) -> date | None:
    """The end date of a course from its own plan, or None while a part of the plan is missing."""
    plan = timetable_of(course)
    if plan is None or course.start_on is None or not course.total_minutes:
        return None
    holidays = holidays_between(course.province_id, course.start_on, course.start_on + LONGEST)
    return end_date(plan, course.start_on, course.total_minutes, holidays)


def meetings(course: Course) -> list[date]:
    """The class days of a course that has a start and an end, as many as its hours need.

    Fewer than needed when its end comes too early.
    """
    plan = timetable_of(course)
    if plan is None or course.start_on is None or course.end_on is None:
        return []
    holidays = holidays_between(course.province_id, course.start_on, course.end_on)
    days = list(class_days(plan, course.start_on, course.end_on, holidays))
    return days[: meetings_needed(plan, course.total_minutes)]


def forget_sessions(course: Course) -> None:
    """Take away the meetings of an earlier sending; inside the transaction of the new one."""
    db.session.execute(delete(CourseSession).where(CourseSession.course_id == course.id))


def write_sessions(course: Course, days: list[date]) -> None:
    """The meetings of a course that has none; inside the transaction that sends it."""
    rows = [
        {"course_id": course.id, "on_date": day, "start_time": course.start_time, "end_time": course.end_time}
        for day in days
    ]
    db.session.execute(insert(CourseSession), rows)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
