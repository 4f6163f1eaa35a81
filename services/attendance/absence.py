"""Who has been absent too much: a share of the hours of a course, and what follows from it.

Source: docs/rules.md R-680.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, cast, extract, func, literal, select

from models import Attendance, CourseSession, Enrollment, Presence, Unit
from services import policy, text

PERCENT, FOLLOWS = "absence_percent", "absence_follows"
INCOMPLETE = "incomplete"  # what follows; with "warn" nothing does
AWAY = (Presence.ABSENT, Presence.EXCUSED)


@dataclass(frozen=True)
class Rule:
    """From so many percent of the hours on somebody is absent too much; 0 for never."""

    percent: int
    follows: str

    def is_over(self, away: int, total: int) -> bool:
        return bool(self.percent) and total > 0 and away * 100 >= self.percent * total

    @property
    def ends(self) -> bool:
        """Whether too much absence means that the course was not completed."""
        return self.follows == INCOMPLETE


def rule(unit: Unit) -> Rule:
    """The rule of today for the courses of a unit; one query."""
    found = policy.values((PERCENT, FOLLOWS), unit)
    return Rule(int(found[PERCENT]), str(found[FOLLOWS]))


def said(away: int, total: int) -> str:
    """How much of a course somebody has missed: «۸ از ۴۰ ساعت، ۲۰ درصد»."""
    share = text.persian_digits(away * 100 // total) if total else ""
    return f"{hours(away)} از {hours(total)} ساعت، {share} درصد" if total else ""


def hours(minutes: int) -> str:
    """Hours as they are read, with the half where there is one."""
    whole, rest = divmod(minutes, 60)
    return text.persian_digits(f"{whole}" if not rest else f"{minutes / 60:.1f}".replace(".", "٫"))


# -- In SQL ------------------------------------------------------------------------


def away_minutes() -> ColumnElement[int]:
    """The minutes of its course that the person of an enrollment has missed."""
    joined = select(_sum()).join(Attendance, Attendance.session_id == CourseSession.id)
    mine = joined.where(Attendance.enrollment_id == Enrollment.id, Attendance.presence.in_(AWAY))
    return mine.correlate(Enrollment).scalar_subquery()


def course_minutes() -> ColumnElement[int]:
    """The minutes of all meetings of the course of an enrollment, also of those to come."""
    of_course = select(_sum()).where(CourseSession.course_id == Enrollment.course_id)
    return of_course.correlate(Enrollment).scalar_subquery()


def is_over() -> ColumnElement[bool]:
    """The enrollments whose person is absent too much by the rule of the unit."""
    limit, total = percent(), course_minutes()
    return and_(limit > 0, total > 0, away_minutes() * 100 >= limit * total)


def percent() -> ColumnElement[int]:
    """The limit that holds for the unit of an enrollment today."""
    stored = cast(cast(policy.column(PERCENT, Enrollment.unit_id), String), Integer)
    return func.coalesce(stored, literal(policy.DEFAULTS[PERCENT]))


def _sum() -> ColumnElement[int]:
    return func.coalesce(cast(func.sum(_at(CourseSession.end_time) - _at(CourseSession.start_time)), Integer), 0)


def _at(clock: Any) -> ColumnElement[int]:
    """The minute of the day."""
    return cast(extract("hour", clock), Integer) * 60 + cast(extract("minute", clock), Integer)
