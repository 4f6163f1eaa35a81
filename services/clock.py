"""What happens by the clock: each task once for each slot of time, however many clocks run."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy import delete

from models import CronRun, db
from services import (
    allowances,
    baskets,
    books,
    courses,
    demands,
    exchange,
    files,
    guardians,
    held_posts,
    identity,
    inquiries,
    jalali,
    licenses,
    many,
    mobiles,
    outside_hours,
    receipts,
    sessions,
    submissions,
    throttle,
    tracking,
)
from services.attendance import warning
from services.baskets import asking
from services.courses import deadlines
from services.enrollment import drafts, reminding, resuming
from services.equipment import checking
from services.instructors import engaging
from services.payments import rechecking
from services.sql import insert_once
from services.transaction import atomic
from services.waiting import ticking

log = logging.getLogger(__name__)

NIGHT, MORNING, EVENING = time(2, 30), time(9), time(21)
KEPT = timedelta(days=2)

Slot = Callable[[datetime], str | None]


@dataclass(frozen=True)
class Task:
    """Something to do once in each slot; `slot` names the one that a moment lies in, or None for none."""

    name: str
    slot: Slot
    run: Callable[[datetime], object]
    is_long: bool = False  # in a thread of its own, so that nothing owed waits for it


def every(seconds: int) -> Slot:
    return lambda now: str(int(now.timestamp()) // seconds)


def nightly(now: datetime) -> str | None:
    """One slot a day, from half past two in Tehran on."""
    local = jalali.tehran(now)
    return local.date().isoformat() if local.time() >= NIGHT else None


def mornings(now: datetime) -> str | None:
    """One slot a day, from nine in Tehran on: what reaches people by SMS does not wake them."""
    local = jalali.tehran(now)
    return local.date().isoformat() if local.time() >= MORNING else None


def daytime(now: datetime) -> str | None:
    """One slot in each minute between nine and nine in Tehran: nobody is woken, and a day's news come the same day."""
    return every(60)(now) if MORNING <= jalali.tehran(now).time() < EVENING else None


def forget_slots(now: datetime) -> None:
    with atomic():
        db.session.execute(delete(CronRun).where(CronRun.at < now - KEPT))


TASKS = (
    Task("courses", every(5), courses.tick),  # the status follows; enrollment itself is decided by the times
    Task("waiting lists", every(10), ticking.tick),
    Task("receipts", every(30), receipts.collect, is_long=True),
    Task("held posts", every(600), held_posts.purge),
    Task("throttle", every(600), throttle.purge),
    Task("counts of inquiries", every(3600), allowances.purge),
    Task("counts of answers", every(3600), asking.purge),
    Task("counts of calls outside", every(3600), outside_hours.purge),
    Task("sessions", every(3600), sessions.purge),
    Task("codes for mobiles", every(3600), tracking.purge),
    Task("old matches", every(mobiles.RECHECK_S), mobiles.recheck),
    Task("unowed checks", every(600), lambda now: identity.sweep()),
    Task("visits to a bank cut off", every(600), rechecking.sweep),
    Task("slots", every(3600), forget_slots),
    Task("lists of people", nightly, many.purge, is_long=True),
    Task("drafts", nightly, drafts.purge, is_long=True),
    Task("papers of drafts", nightly, lambda now: resuming.purge()),
    Task("baskets", nightly, baskets.purge, is_long=True),
    Task("carried out forms", nightly, submissions.purge, is_long=True),
    Task("files", nightly, files.sweep, is_long=True),
    Task("books", nightly, lambda now: books.check(), is_long=True),
    Task("deadlines of courses", mornings, deadlines.tick, is_long=True),
    Task("licenses", mornings, licenses.remind, is_long=True),
    Task("demands met", daytime, demands.tell, is_long=True),
    Task("old demands", nightly, demands.expire),
    Task("reminders of courses", mornings, reminding.remind, is_long=True),
    Task("warnings of absence", mornings, warning.warn, is_long=True),
    Task("answers of outside systems", nightly, inquiries.erase),
    Task("guardians of the grown", nightly, guardians.end_grown),
    Task("ended employments", nightly, engaging.close_ended),
    Task("files for outside systems", nightly, exchange.gather_all, is_long=True),
    Task("equipment", nightly, lambda now: checking.check(), is_long=True),
)
_taken: dict[str, str] = {}  # the last slot of each task that this process has seen taken, by itself or another


def tick(now: datetime) -> None:
    """Do what is due at this moment and has not been done; call it as often as you like."""
    for task in TASKS:
        slot = task.slot(now)
        if slot is None or _taken.get(task.name) == slot:
            continue
        is_ours = _take(task.name, slot, now)
        _taken[task.name] = slot
        if is_ours:
            _start(task, now)


def _take(name: str, slot: str, now: datetime) -> bool:
    with atomic():
        taken = insert_once(CronRun, name=name, slot=slot, at=now).returning(CronRun.id)
        return db.session.scalar(taken) is not None


def _start(task: Task, now: datetime) -> None:
    if not task.is_long:
        _run(task, now)
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            _run(task, now)

    threading.Thread(target=work, name=task.name, daemon=True).start()


def _run(task: Task, now: datetime) -> None:
    """One task's failure stops no other; its next slot comes."""
    try:
        task.run(now)
    except Exception:
        db.session.rollback()
        log.exception("the task %r failed", task.name)
