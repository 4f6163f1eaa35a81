"""When a room can be used, and what of it is left beside its classes.

Source: docs/rules.md R-330.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from models import Shift
from services import jalali
from services.instructors.workload import minutes_between

RULE = "calendar_hours"
LEAST = 60  # minutes; nobody plans a class in less
Slot = tuple[time, time]


@dataclass(frozen=True)
class Hours:
    """The days of a week on which there is work, and the hours of each shift."""

    days: frozenset[int]
    shifts: dict[str, Slot]

    @classmethod
    def of(cls, rule: dict[str, Any]) -> "Hours":
        """What the policy says."""
        shifts = {name: rule[name] for name in (Shift.MORNING, Shift.EVENING, Shift.NIGHT) if rule.get(name)}
        return cls(
            frozenset(rule["days"]),
            {name: (time.fromisoformat(start), time.fromisoformat(end)) for name, (start, end) in shifts.items()},
        )

    def on(self, day: date, shifts: str | None, holidays: Collection[date]) -> list[Slot]:
        """The hours of a room on a day, joined where one shift ends as the next begins.

        Args:
            shifts: those of the room, joined by commas; nothing, or the whole day, for all.
        """
        if jalali.weekday(day) not in self.days or day in holidays:
            return []
        own = (shifts or "").split(",")
        is_whole = not shifts or Shift.FULL_DAY in own
        return joined(slot for name, slot in self.shifts.items() if is_whole or name in own)


def joined(slots: Iterable[Slot]) -> list[Slot]:
    """The same hours, each once and in order."""
    found: list[Slot] = []
    for start, end in sorted(slots):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def free(open_: Iterable[Slot], busy: Iterable[Slot]) -> list[Slot]:
    """What is left of the open hours, where it is long enough for a class."""
    left = list(open_)
    for start, end in busy:
        left = [piece for each in left for piece in _without(each, start, end)]
    return [slot for slot in left if minutes([slot]) >= LEAST]


def _without(slot: Slot, start: time, end: time) -> list[Slot]:
    """What one taking leaves of some hours: all, a part at either end, or nothing."""
    first, last = slot
    if end <= first or last <= start:
        return [slot]
    return [part for part in ((first, start), (end, last)) if part[0] < part[1]]


def minutes(slots: Iterable[Slot]) -> int:
    return sum(minutes_between(start, end) for start, end in slots)
