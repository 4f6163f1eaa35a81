"""What the clock does to courses: enrollment opens and closes at its hour, the course starts and ends with its days.

Source: docs/rules.md R-400, R-401.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, insert, select, update

from models import Course, CourseEvent, CourseStatus, db
from services.access import Actor
from services.courses.steps import STEPS, Action, Step
from services.jalali import tehran_today
from services.transaction import atomic

BATCH = 500
LEAST = case((Course.capacity_min > 1, Course.capacity_min), else_=1)  # so many people a course needs to start
# By what the courses that are due for a step are found, each by an index of its own.
BY: dict[Action, Any] = {
    Action.OPEN: Course.enroll_open_at,
    Action.CLOSE: Course.enroll_close_at,
    Action.START: Course.start_on,
    Action.FINISH: Course.end_on,
}


def tick(now: datetime) -> int:
    """Move every course whose hour has come; returns how many steps were taken. Any number of clocks may run.

    Enrollment itself never waits for this: `reading.enrollable` decides by the times.
    """
    return sum(_take(step, now) for step in STEPS if step.level is None)


def left_counted(actor: Actor, now: datetime) -> dict[str, ScalarSelect[int]]:
    """How many courses of the actor's units should have started and have too few people, for a first page."""
    left = (Course.status == CourseStatus.CLOSED, Course.start_on <= tehran_today(now), Course.taken < LEAST)
    query = select(func.count()).select_from(Course).where(Course.unit_id.in_(actor.units), *left)
    return {"too_few": query.scalar_subquery()}


def _is_due(step: Step, now: datetime) -> ColumnElement[bool]:
    """Who is too few to start is left to the center: it starts with a reason, or the province cancels."""
    today = tehran_today(now)
    return {
        Action.OPEN: Course.enroll_open_at <= now,
        Action.CLOSE: Course.enroll_close_at <= now,
        Action.START: and_(Course.start_on <= today, Course.taken >= LEAST),
        Action.FINISH: Course.end_on < today,
    }[step.action]


def _take(step: Step, now: datetime) -> int:
    due = (Course.status == step.source, _is_due(step, now))
    taken = 0
    while True:
        ids = list(db.session.scalars(select(Course.id).where(*due).order_by(BY[step.action]).limit(BATCH)))
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
