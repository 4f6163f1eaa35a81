"""The calendar as a page of lines: each with its days, how full they are, what is free, and what of the plan was held.

Source: docs/rules.md R-330 to R-333.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services import policy
from services.access import Actor
from services.instructors import workload
from services.planning import hours, reading
from services.planning.hours import Hours, Slot
from services.planning.reading import INSTRUCTOR, SIZES, UNIT, WORKSHOP, Asked, Meeting, Room, Row

KINDS = ((WORKSHOP, "کارگاه‌ها"), (INSTRUCTOR, "مربیان"), (UNIT, "واحدها"))


@dataclass(frozen=True)
class Day:
    """One day of a line: its meetings, what is free of its hours, and why there is nothing.

    `open_minutes` are those of all its rooms; `free_rooms` counts the rooms of a unit without a class.
    """

    on: date
    meetings: Sequence[Meeting]
    free: Sequence[Slot]
    open_minutes: int
    free_rooms: int
    is_off: bool
    down: str

    @property
    def busy_minutes(self) -> int:
        return sum(each.minutes for each in self.meetings)


@dataclass(frozen=True)
class Week:
    """Some days of a line that lie in one week."""

    first: date
    busy: int
    open: int

    @property
    def percent(self) -> int | None:
        return share(self.busy, self.open)


@dataclass(frozen=True)
class Line:
    """One workshop, instructor or unit in the days of a page."""

    row: Row
    days: Sequence[Day]
    most: int  # minutes in a week of an instructor; 0 for who has rooms
    today: date

    @property
    def busy(self) -> int:
        return sum(day.busy_minutes for day in self.days)

    @property
    def open(self) -> int:
        return self.most * len(self.days) // 7 if self.most else sum(day.open_minutes for day in self.days)

    @property
    def percent(self) -> int | None:
        return share(self.busy, self.open)

    @property
    def weeks(self) -> list[Week]:
        """The days by their weeks; an instructor's part of a week may hold that part of the hours."""
        found: dict[date, list[Day]] = {}
        for day in self.days:
            found.setdefault(workload.week_of(day.on), []).append(day)
        return [
            Week(
                first,
                sum(day.busy_minutes for day in days),
                self.most * len(days) // 7 if self.most else sum(day.open_minutes for day in days),
            )
            for first, days in found.items()
        ]

    @property
    def planned(self) -> list[Meeting]:
        """The meetings of courses that are approved."""
        return [each for day in self.days for each in day.meetings if each.is_sure]

    @property
    def due(self) -> int:
        """Planned minutes until yesterday, all of which should have been held by now."""
        return sum(each.minutes for each in self.planned if each.on < self.today)

    @property
    def held(self) -> int:
        """Minutes of meetings for which somebody has said who was there."""
        return sum(each.minutes for each in self.planned if each.is_marked)

    @property
    def courses(self) -> tuple[int, int, int]:
        """How many courses meet in these days, with how many seats, and how many people."""
        by_id = {each.course_id: each for each in self.planned}
        return (
            len(by_id),
            sum(each.capacity or 0 for each in by_id.values()),
            sum(each.taken for each in by_id.values()),
        )


@dataclass(frozen=True)
class Page:
    """Some lines, and where the next page begins (None at the end)."""

    lines: Sequence[Line]
    after: tuple[str, int] | None


def share(part: int, whole: int) -> int | None:
    """Percent, or None where there is nothing to have a part of."""
    return round(part * 100 / whole) if whole else None


def page(actor: Actor, asked: Asked) -> Page:
    """The lines of a territory; four queries, for instructors three."""
    found = reading.rows(actor, asked)
    shown = found[: SIZES[asked.kind]]
    if not shown:
        return Page([], None)
    met = reading.meetings(asked, [row.key for row in shown])
    rooms = [] if asked.kind == INSTRUCTOR else reading.rooms(asked, [row.id for row in shown])
    off = reading.holidays(asked.span, (row.province for row in shown))
    lines = [_line(row, asked, met, rooms, off[row.province]) for row in shown]
    last = shown[-1]
    return Page(lines, (last.sort, last.id) if len(found) > len(shown) else None)


def _line(row: Row, asked: Asked, met: Iterable[Meeting], rooms: Iterable[Room], off: frozenset[date]) -> Line:
    own = [each for each in met if each.key == row.key]
    if asked.kind == INSTRUCTOR:
        own_rooms = [Room(0, row.unit_id, None)]
    else:
        own_rooms = [each for each in rooms if row.id == (each.unit_id if asked.kind == UNIT else each.id)]
    rule = Hours.of(policy.found(hours.RULE, row.rule))
    every = (asked.span.first + timedelta(days=n) for n in range(asked.span.count))
    days = [_day(day, [each for each in own if each.on == day], own_rooms, rule, off) for day in every]
    most = policy.found(workload.WEEK, row.most) * 60 if asked.kind == INSTRUCTOR else 0
    return Line(row, days, most, policy.today())


def _day(day: date, met: list[Meeting], rooms: list[Room], rule: Hours, off: frozenset[date]) -> Day:
    standing = [room for room in rooms if not room.why_down(day)]
    open_ = [rule.on(day, room.shifts, off) for room in standing]
    used = {each.workshop_id for each in met}
    alone = open_[0] if len(rooms) == 1 and open_ else []
    return Day(
        on=day,
        meetings=met,
        free=hours.free(alone, (each.slot for each in met)),
        open_minutes=sum(hours.minutes(slots) for slots in open_),
        free_rooms=sum(1 for room, slots in zip(standing, open_, strict=True) if slots and room.id not in used),
        is_off=not any(open_) and bool(standing),
        down="؛ ".join(why for room in rooms if (why := room.why_down(day))) if not standing else "",
    )
