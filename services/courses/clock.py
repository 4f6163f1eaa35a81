"""What the clock does to courses: enrollment opens and closes at its hour."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from models import Course, CourseEvent, db
from services.courses.steps import STEPS, Action, Step
from services.transaction import atomic

BATCH = 500
DUE = {Action.OPEN: Course.enroll_open_at, Action.CLOSE: Course.enroll_close_at}


def tick(now: datetime) -> int:
    """Move every course whose hour has come; returns how many steps were taken. Any number of clocks may run.

    Enrollment itself never waits for this: `reading.enrollable` decides by the times.
    """
    return sum(_take(step, now) for step in STEPS if step.level is None)


def _take(step: Step, now: datetime) -> int:
    at = DUE[step.action]
    due = (Course.status == step.source, at <= now)
    taken = 0
    while True:
        ids = list(db.session.scalars(select(Course.id).where(*due).order_by(at).limit(BATCH)))
        db.session.rollback()
        if not ids:
            return taken
        with atomic():
            taken += _move(step, ids, due, now)


def _move(step: Step, ids: list[int], due: tuple[Any, ...], now: datetime) -> int:
    moved = db.session.execute(
        update(Course)
        .where(Course.id.in_(ids), *due)
        .values(status=step.target, version=Course.version + 1, level_since=now)
        .returning(Course.id, Course.version)
        .execution_options(synchronize_session=False)
    ).all()
    rows: list[dict[str, Any]] = [
        {
            "course_id": course_id,
            "actor_id": None,
            "action": step.action.value,
            "level": "system",
            "source": step.source.value,
            "target": step.target.value if step.target else "",
            "reason": "",
            "changes": {},
            "course_version": version,
            "at": now,
        }
        for course_id, version in moved
    ]
    if rows:
        db.session.execute(insert(CourseEvent), rows)
    return len(rows)
