"""How long a level may take for a decision: what is due, what is late, and what has come up to the level above."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from models import Course, CourseEvent, Policy, Province, db
from services import jalali, policy
from services.access import Level
from services.courses.steps import REVIEW_OF
from services.sql import add_many
from services.transaction import atomic

BATCH = 500
REMIND, ESCALATE = "remind", "escalate"
ABOVE = {Level.CENTER: Level.PROVINCE, Level.PROVINCE: Level.HQ}
BELOW = {above: below for below, above in ABOVE.items()}
_AFTER = "escalation_days"


@dataclass(frozen=True)
class Days:
    """So many days for all, and others for single provinces."""

    usual: int
    of: dict[int, int] = field(default_factory=dict)

    def for_(self, province_id: int) -> int:
        return self.of.get(province_id, self.usual)

    def before(self, now: datetime, more: int = 0) -> ColumnElement[bool]:
        """SQL: the last day for the decision, put off by `more` days, has come."""
        others = [
            and_(Course.province_id == province_id, Course.level_since < _midnight(now, days + more))
            for province_id, days in self.of.items()
        ]
        usual = and_(Course.province_id.not_in(list(self.of)), Course.level_since < _midnight(now, self.usual + more))
        return or_(*others, usual)


def known() -> dict[str, Days]:
    """The days of every level, and those until a late case comes up, by the name of the rule; one query."""
    names = [*(name_of(level) for level in REVIEW_OF), _AFTER]
    query = select(Policy.name, Policy.scope, Policy.value, Province.id)
    query = query.outerjoin(Province, Province.code == Policy.scope)
    query = query.where(Policy.name.in_(names), Policy.valid_from <= policy.today()).order_by(Policy.valid_from)
    usual, of = {name: policy.DEFAULTS[name] for name in names}, {name: dict[int, int]() for name in names}
    for name, scope, value, province_id in db.session.execute(query):  # the newest row comes last and stands
        if scope == "*":
            usual[name] = value
        elif province_id:
            of[name][province_id] = value
    return {name: Days(usual[name], of[name]) for name in names}


def name_of(level: Level) -> str:
    return f"review_days_{level.value}"


def days_left(since: datetime | None, now: datetime, days: int) -> int:
    """Days until the decision is due; 0 is today, less is late."""
    return (jalali.tehran_today(since or now) - jalali.tehran_today(now)).days + days


def came_up() -> ColumnElement[bool]:
    """SQL: a late course has come up to the level above since it waits where it waits."""
    return exists().where(
        CourseEvent.course_id == Course.id, CourseEvent.action == ESCALATE, CourseEvent.at >= Course.level_since
    )


def tick(now: datetime) -> int:
    """Write down what is due and what has come up, each once for each waiting; returns how many events were added.

    Source: docs/rules.md R-344.
    """
    rules, added = known(), 0
    for level in REVIEW_OF:
        added += _note(level, REMIND, rules[name_of(level)].before(now), now)
        if level in ABOVE:  # the days after the last one are the same for all
            added += _note(level, ESCALATE, rules[name_of(level)].before(now, rules[_AFTER].usual), now)
    return added


# -- Support -----------------------------------------------------------------------


def _midnight(now: datetime, days: int) -> datetime:
    """What came before this moment has its last of so many days today."""
    return jalali.from_tehran(jalali.tehran_today(now) - timedelta(days=days - 1), time(0))


def _note(level: Level, action: str, is_due: ColumnElement[bool], now: datetime) -> int:
    since = and_(CourseEvent.course_id == Course.id, CourseEvent.action == action, CourseEvent.at >= Course.level_since)
    wheres = (Course.status == REVIEW_OF[level], is_due, ~exists().where(since))
    added = 0
    while True:
        ids = list(db.session.scalars(select(Course.id).where(*wheres).order_by(Course.id).limit(BATCH)))
        db.session.rollback()
        if not ids:
            return added
        with atomic():
            added += _add(ids, wheres, action, now)


def _add(ids: Sequence[int], wheres: Sequence[Any], action: str, now: datetime) -> int:
    """One event for each of these that still wants one; another clock that was first has locked them before us."""
    db.session.execute(select(Course.id).where(Course.id.in_(ids)).order_by(Course.id).with_for_update())
    rows = db.session.execute(select(Course.id, Course.status, Course.version).where(Course.id.in_(ids), *wheres))
    events = [
        {
            "course_id": row.id, "actor_id": None, "action": action, "level": "system", "source": row.status.value,
            "target": row.status.value, "reason": "", "changes": {}, "course_version": row.version, "at": now,
        }
        for row in rows
    ]  # fmt: skip
    add_many(CourseEvent, events)
    return len(events)
