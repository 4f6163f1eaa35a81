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
    return timetable(course.weekdays, course.start_time, course.end_time)


def timetable(weekdays: int, start: time | None, end: time | None) -> Timetable | None:
    """The same of its parts."""
    if not weekdays or start is None or end is None:
        return None
    plan = Timetable(weekdays, start, end)
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
    plan = Plan(course.start_on, timetable_of(course), course.total_minutes)
    return new_end(course.province_id, plan, plan, None).on


@dataclass(frozen=True)
class Plan:
    """What the last day of a course follows from."""

    start: date | None
    timetable: Timetable | None
    minutes: int

    def last_day(self, holidays: frozenset[date]) -> date | None:
        """Or None while a part of the plan is missing; raises as `end_date`."""
        if self.start is None or self.timetable is None or not self.minutes:
            return None
        return end_date(self.timetable, self.start, self.minutes, holidays)


@dataclass(frozen=True)
class End:
    """The end date of a course after its plan has changed.

    `is_computed` when it follows from the plan now; `other` is what would follow, beside a day written by hand.
    """

    on: date | None
    is_computed: bool = False
    other: date | None = None


def new_end(province_id: int, old: Plan, new: Plan, end_on: date | None, *, anew: bool = False) -> End:
    """What becomes of `end_on` with a new plan; one query, or none when nothing is to be worked out.

    An end that followed from the old plan follows from the new one; one that was written by hand stays, unless
    `anew` asks for the plan's.

    Raises:
        DomainError: as `end_date`.

    Source: docs/rules.md R-302.
    """
    if new.start is None or new.timetable is None or not new.minutes or (old == new and end_on and not anew):
        return End(end_on)
    first = min(new.start, old.start or new.start)
    holidays = holidays_between(province_id, first, max(new.start, old.start or new.start) + LONGEST)
    wanted = new.last_day(holidays)
    if anew or end_on is None or end_on == _last_day_or_none(old, holidays):
        return End(wanted, is_computed=True)
    return End(end_on, other=wanted if wanted != end_on else None)


def _last_day_or_none(plan: Plan, holidays: frozenset[date]) -> date | None:
    try:
        return plan.last_day(holidays)
    except DomainError:
        return None


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


# -- A course that has begun ---------------------------------------------------------


@dataclass(frozen=True)
class Rest:
    """The class days that are left, and how many minutes of the standard do not fit into them."""

    days: list[date]
    lacking_minutes: int


def held(course: Course, today: date) -> list[CourseSession]:
    """The meetings of a course up to today; they stay as they were, whatever changes."""
    query = select(CourseSession).where(CourseSession.course_id == course.id, CourseSession.on_date <= today)
    return list(db.session.scalars(query.order_by(CourseSession.on_date)))


def remaining(course: Course, kept: list[CourseSession], today: date) -> Rest:
    """The days of a begun course from tomorrow on, with the hours that its held meetings leave."""
    plan, left = timetable_of(course), _left(course, kept)
    if plan is None or course.end_on is None:
        return Rest([], left)
    tomorrow, needed = today + timedelta(days=1), meetings_needed(plan, max(left, 0))
    holidays = holidays_between(course.province_id, tomorrow, course.end_on)
    days = list(class_days(plan, tomorrow, course.end_on, holidays))[:needed]
    return Rest(days, left - len(days) * plan.minutes)


def remaining_end(course: Course, kept: list[CourseSession], today: date) -> date | None:
    """The last day of a begun course from its plan and what is left of its hours."""
    plan, left, tomorrow = timetable_of(course), _left(course, kept), today + timedelta(days=1)
    if plan is None or left <= 0:
        return kept[-1].on_date if kept else None
    return end_date(plan, tomorrow, left, holidays_between(course.province_id, tomorrow, tomorrow + LONGEST))


def rewrite_sessions(course: Course, today: date) -> None:
    """The meetings to come, anew from a plan that has changed; those until today stay."""
    kept = held(course, today)
    days = remaining(course, kept, today).days if kept else meetings(course)
    coming = (CourseSession.course_id == course.id, CourseSession.on_date > today)
    db.session.execute(delete(CourseSession).where(*coming).execution_options(synchronize_session=False))
    if days:
        write_sessions(course, days)


def _left(course: Course, kept: list[CourseSession]) -> int:
    return course.total_minutes - sum(_minutes(each.end_time) - _minutes(each.start_time) for each in kept)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
