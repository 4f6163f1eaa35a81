"""What the queues of all subjects share: the lines of the list, the neighbors of a case, how long it waits, cursors."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from blueprints import addresses
from services import courses
from services.text import persian_digits

DAYS = 3  # for a decision, in queues that have no rule of their own
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
K = TypeVar("K")


@dataclass(frozen=True)
class Line:
    """A case in the list of a queue: `url` is the queue with it, `pane` the case alone.

    `box` is the value of its checkbox: empty where it has none, None in a list that has none.
    """

    title: str
    sub: tuple[str, ...]
    tag: tuple[str, str]
    url: str
    pane: str
    is_current: bool
    box: str | None = None
    note: str = ""


def neighbors(keys: Sequence[K], key: K | None) -> dict[str, K | None]:
    """The keys before and after one in its list; after one that is not in it comes the first."""
    if key not in keys:
        return {"prev": None, "next": keys[0] if keys else None}
    place = keys.index(key)
    return {"prev": keys[place - 1] if place else None, "next": keys[place + 1] if place + 1 < len(keys) else None}


def due(since: dt.datetime | None, now: dt.datetime, days: int = DAYS) -> tuple[str, str]:
    """How long a case may still wait that came at this moment; a tag."""
    left = courses.days_left(since, now, days)
    if left == 0:
        return "مهلت امروز", "warn"
    return (f"{persian_digits(left)} روز مانده", "") if left > 0 else (f"{persian_digits(-left)} روز دیرکرد", "bad")


def moment(raw: str) -> dt.datetime | None:
    """A moment from an address, as `moment_text` has written it."""
    since = addresses.number(raw)
    try:
        return None if since is None else EPOCH + dt.timedelta(microseconds=since)
    except OverflowError:  # a year that no calendar has
        return None


def moment_text(at: dt.datetime) -> str:
    return str((at - EPOCH) // dt.timedelta(microseconds=1))
