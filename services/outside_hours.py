"""How the calls to each outside system went, by the hour: answered, slow among them, failed.

A process that calls often writes once a second what it has counted meanwhile, so that a hundred processes do not wait
for each other at one row; whoever calls seldom writes at once.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, select

from models import OutsideHour, db, utcnow
from services.sql import add_up
from services.transaction import atomic

WRITE_EVERY_S = 1.0
KEPT = timedelta(days=40)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_NAMES = ("answered", "failed", "slow", "total_ms")
_lock = threading.Lock()
_pending: dict[tuple[str, datetime], list[int]] = {}
_written_at: dict[str, float] = {}


@dataclass(frozen=True)
class Rate:
    """Calls of the last hour and of the last day, begun hours counted whole, and how many of them failed."""

    in_hour: int = 0
    failed_in_hour: int = 0
    in_day: int = 0
    failed_in_day: int = 0
    slow_in_day: int = 0

    @property
    def of_hour(self) -> int:
        """Percent."""
        return _percent(self.failed_in_hour, self.in_hour)

    @property
    def of_day(self) -> int:
        return _percent(self.failed_in_day, self.in_day)


def note(code: str, ms: int, *, is_answered: bool, is_slow: bool = False) -> None:
    """Count one call."""
    with _lock:
        counts = _pending.setdefault((code, _hour(utcnow())), [0] * len(_NAMES))
        for place, value in enumerate((is_answered, not is_answered, is_slow, ms)):
            counts[place] += value
        now = time.monotonic()
        is_due = now - _written_at.get(code, -WRITE_EVERY_S) >= WRITE_EVERY_S
        if is_due:
            _written_at[code] = now
    if is_due:
        write()


def write() -> None:
    """Store what this process has counted; a process that ends calls it."""
    with _lock:
        counted = dict(_pending)
        _pending.clear()
    if not counted:
        return
    with atomic():
        for (code, hour), counts in sorted(counted.items()):
            amounts = dict(zip(_NAMES, counts, strict=True))
            db.session.execute(add_up(OutsideHour, {"system": code, "hour": hour}, amounts))


def rates(now: datetime) -> dict[str, Rate]:
    """How the last hour and day went for each system that was called, in one query."""
    all_, failed = OutsideHour.answered + OutsideHour.failed, OutsideHour.failed
    is_recent = OutsideHour.hour >= _hour(now - HOUR)
    columns: list[Any] = [func.sum(case((is_recent, all_), else_=0)), func.sum(case((is_recent, failed), else_=0))]
    columns += [func.sum(all_), func.sum(failed), func.sum(OutsideHour.slow)]
    query = select(OutsideHour.system, *columns).where(OutsideHour.hour >= _hour(now - DAY))
    return {system: Rate(*map(int, sums)) for system, *sums in db.session.execute(query.group_by(OutsideHour.system))}


def purge(now: datetime) -> None:
    """Source: docs/rules.md R-751."""
    with atomic():
        db.session.execute(delete(OutsideHour).where(OutsideHour.hour < now - KEPT))


def forget() -> None:
    """What was counted and not written is none of the next test's."""
    with _lock:
        _pending.clear()
        _written_at.clear()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
