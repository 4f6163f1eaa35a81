"""What reviewers and managers read of a month: who came in person and why, and exemptions by clerk. Nobody is named
but the clerks.

Source: docs/rules.md R-566, R-567.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select, true

from models import Course, Enrollment, InPersonReason, Person, Province, Role, TargetGroup, Unit, User, db
from services import jalali
from services.access import Actor, Level
from services.catalog.booklet import Month
from services.errors import NotAllowed

PAGE = 25
MOST_SUMS = 100  # clerks with most exemptions come first
E = Enrollment


@dataclass(frozen=True)
class Report:
    """A month: counted rows, a page of enrollments, newest first, and the id where the next page begins or None."""

    sums: Sequence[Row[Any]]
    lines: Sequence[Row[Any]]
    after: int | None

    def total(self, name: str) -> int:
        return sum(int(getattr(row, name)) for row in self.sums)


def may_read(actor: Actor) -> bool:
    return actor.level in (Level.PROVINCE, Level.HQ) or (actor.level is Level.CENTER and actor.has(Role.MANAGER))


def in_person(actor: Actor, month: Month, reason: str = "", after: int = 0) -> Report:
    """Enrollments of a month for which somebody came in person: each reason counted by province for HQ, else by unit.

    Raises:
        NotAllowed: it is for managers, provinces and HQ.
    """
    _require(actor)
    part: Any = Province if actor.level is Level.HQ else Unit
    counts = [func.sum(_one(E.in_person_reason == each)).label(each.value) for each in InPersonReason]
    sums = select(part.id, part.title, *counts).select_from(E)
    sums = sums.join(part, part.id == (E.province_id if part is Province else E.unit_id))
    sums = sums.where(*_in(actor, month), E.in_person_reason.is_not(None))
    sums = sums.group_by(part.id, part.title, part.title_sort).order_by(part.title_sort, part.id)
    return _read(sums, in_person_lines(actor, month, reason), after)


def in_person_lines(actor: Actor, month: Month, reason: str = "") -> Select[Any]:
    """The enrollments themselves, newest first; of one reason where one is named."""
    _require(actor)
    chosen = E.in_person_reason == reason if reason in set(InPersonReason) else E.in_person_reason.is_not(None)
    return _lines(E.in_person_reason, E.in_person_level).where(*_in(actor, month), chosen)


def exempt(actor: Actor, month: Month, after: int = 0) -> Report:
    """Enrollments of a month in groups that spare the mobile or the fee, counted by group and by clerk, for HQ by
    province; raises as above."""
    _require(actor)
    part: Any = Province if actor.level is Level.HQ else Unit
    by = () if part is Province else (User.id, Person.first_name, Person.last_name, User.username)
    what = (part.title.label("part"), TargetGroup.title.label("group"))
    counts = (func.count().label("times"), func.sum(_one(E.group_evidence.is_not(None))).label("proved"))
    sums: Any = select(*by[1:], *what, *counts).select_from(E)
    sums = sums.join(part, part.id == (E.province_id if part is Province else E.unit_id))
    sums = _of_groups(sums, actor, month).group_by(*by, part.id, part.title, TargetGroup.id, TargetGroup.title)
    sums = sums.order_by(func.count().desc(), *by[:1], part.id, TargetGroup.id).limit(MOST_SUMS)
    return _read(sums, exempt_lines(actor, month), after)


def exempt_lines(actor: Actor, month: Month) -> Select[Any]:
    """The enrollments themselves, newest first, each with what proves the group and who wrote it."""
    _require(actor)
    named = (Person.first_name, Person.last_name, User.username)
    return _of_groups(_lines(TargetGroup.title.label("group"), E.group_evidence, *named), actor, month)


def clerk_of(row: Row[Any]) -> str:
    """Whoever made an enrollment; who has enrolled themselves is not named."""
    return " ".join(filter(None, (row.first_name, row.last_name))) or row.username or "خود کارآموز"


def _of_groups(query: Select[Any], actor: Actor, month: Month) -> Select[Any]:
    query = query.join(TargetGroup, TargetGroup.id == E.target_group_id).outerjoin(User, User.id == E.created_by_id)
    spared = or_(TargetGroup.is_mobile_exempt, TargetGroup.is_fee_exempt)
    query = query.outerjoin(Person, Person.id == User.person_id)
    return query.where(*_in(actor, month), E.target_group_id.is_not(None), spared)


def _lines(*columns: Any) -> Select[Any]:
    own = (E.id, E.created_at, E.tracking_code, E.channel, E.status, Course.title)
    query = select(*own, Unit.title.label("unit_title"), *columns).select_from(E)
    return query.join(Course, Course.id == E.course_id).join(Unit, Unit.id == E.unit_id).order_by(E.id.desc())


def _read(sums: Select[Any], lines: Select[Any], after: int) -> Report:
    page = lines.where(E.id < after) if after else lines
    rows = db.session.execute(page.limit(PAGE + 1)).all()
    return Report(db.session.execute(sums).all(), rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def _require(actor: Actor) -> None:
    if not may_read(actor):
        raise NotAllowed("این گزارش برای مدیر واحد، استان و ستاد است.")


def _in(actor: Actor, month: Month) -> tuple[ColumnElement[bool], ...]:
    first, end = (jalali.from_tehran(day, time(0)) for day in (month.first, month.after.first))
    here = {
        Level.CENTER: E.unit_id.in_(actor.acting(Role.MANAGER).units),
        Level.PROVINCE: E.province_id.in_(actor.provinces),
    }
    return here.get(actor.level, true()), E.created_at >= first, E.created_at < end


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)
