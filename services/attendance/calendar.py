"""The days of an instructor: a week or a Jalali month with its meetings, and the sheets that are still owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services import jalali, policy
from services.attendance import reading
from services.attendance.reading import Meeting

BACK = timedelta(days=31)  # as far as a first page looks for sheets that are not full
_FIRST, _LAST = date(1990, 3, 21), date(2110, 3, 20)


@dataclass(frozen=True)
class Day:
    """One day and its meetings, by time."""

    on: date
    meetings: Sequence[Meeting]


@dataclass(frozen=True)
class Span:
    """Some days in a row, with any day of the span before and of the one after."""

    first: date
    count: int
    before: date
    after: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.count - 1)


def span(view: str, raw: str, today: date) -> Span:
    """The week (from Saturday) or Jalali month (`view` "month") in which an ISO date lies; the present one without."""
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        day = today
    day = min(max(day, _FIRST), _LAST)
    first, count = day - timedelta(days=jalali.weekday(day)), 7
    if view == "month":
        y, m, d = jalali.parts(day)
        first, count = day - timedelta(days=d - 1), jalali.month_length(y, m)
    return Span(first, count, first - timedelta(days=1), first + timedelta(days=count))


def days(meetings: Sequence[Meeting], of: Span) -> list[Day]:
    """Every day of a span with those of the meetings that fall on it."""
    every = [of.first + timedelta(days=n) for n in range(of.count)]
    return [Day(day, [each for each in meetings if each.session.on_date == day]) for day in every]


def minutes(of: Sequence[Day]) -> int:
    return sum(each.minutes for day in of for each in day.meetings)


def owed(meetings: Sequence[Meeting], now: datetime) -> list[Meeting]:
    """Sheets that are not full and that their instructor may still fill, the oldest first.

    Source: docs/rules.md R-272.
    """
    today, kept = jalali.tehran_today(now), dict[int, timedelta]()
    found = []
    for each in meetings:
        unit = each.course.unit
        if each.is_whole or reading.ends_at(each.session) > now:
            continue
        if unit.id not in kept:
            kept[unit.id] = timedelta(days=policy.value("attendance_days", unit))
        if each.session.on_date + kept[unit.id] >= today:
            found.append(each)
    return found
