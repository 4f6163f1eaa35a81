"""A center asks for a change of an approved course: what is harmless applies at once, the rest waits beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from models import ChangeKind, ChangeState, Course, CourseChange, db, utcnow
from services import courses, labels, submissions, text
from services.access import Actor
from services.changes import encode
from services.course_changes import applying, reading, steps
from services.course_changes.values import BEFORE, LIVE, changeable, harmless, lacking, proposed_end
from services.courses import Problem, Refused, stale
from services.courses.steps import route_of
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import add_once
from services.transaction import atomic, retried

LONGEST_REASON = 500


@dataclass(frozen=True)
class Asked:
    """What became of a form: which fields changed at once, and the change that waits for the rest."""

    course: Course
    applied: Mapping[str, Any] = field(default_factory=dict)
    change: CourseChange | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. `values` has every field of the form; `version` is the course's that was on the page."""

    version: int
    values: Mapping[str, Any]
    reason: str = ""
    other_id: int | None = None


@retried
def edit(actor: Actor, form_key: str, course_id: int, wish: Wish) -> Asked:
    """Change the harmless fields now, and ask the course's route for the others; a returned change is sent anew.

    Raises:
        NotAllowed: the course is not approved or over, or the actor not of its unit's staff.
        StaleEdit: the course has changed since; it carries both values of every field that differs.
        Conflict: another change of it waits already.
        Refused: the values cannot stand, each at its field.
        DomainError: nothing differs, or the reason is missing.

    Source: docs/rules.md R-42, R-380 to R-383.
    """
    with atomic():
        course = _mine(actor, course_id)
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return _earlier(actor, course, place)
        if wish.version != course.version:
            raise _late(actor, course, wish)
        wanted = _differing(course, wish.values)
        if not wanted:
            raise DomainError("چیزی با آنچه تأیید شده است فرق نمی‌کند. آنچه باید تغییر کند را بنویسید.")
        now = harmless(course, wanted)
        if now:  # before the look, so that nobody takes the room between it and the writing
            applying.hold(course, now)
        if found := lacking(course, wanted, utcnow()):
            raise Refused([Problem(gap.field, gap.text) for gap in found])
        rest = {name: new for name, new in wanted.items() if name not in now}
        change = _ask(actor, course, ChangeKind.EDIT, _pairs(course, rest), wish) if rest else None
        if now:
            applying.at_once(actor, course, now)
        submissions.finish(form_key, f"change:{change.id if change else 0}")
        return Asked(course, _pairs(course, now) if now else {}, change)


@retried
def end(actor: Actor, form_key: str, course_id: int, wish: Wish) -> Asked:
    """Ask for a course to be canceled, or merged into another one of its standard.

    Raises:
        as `edit`; NotAllowed: the course has begun.

    Source: docs/rules.md R-384.
    """
    with atomic():
        course = _mine(actor, course_id)
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return _earlier(actor, course, place)
        if course.status not in BEFORE:
            raise NotAllowed(f"این دوره «{labels.STATUS[course.status]}» است و دیگر لغو یا ادغام نمی‌شود.")
        if wish.version != course.version:
            raise Conflict(steps.who_was_faster(course, actor))
        kind = ChangeKind.MERGE if wish.other_id else ChangeKind.CANCEL
        change = _ask(actor, course, kind, {}, wish)
        submissions.finish(form_key, f"change:{change.id}")
        return Asked(course, {}, change)


# -- Support -----------------------------------------------------------------------


def _mine(actor: Actor, course_id: int) -> Course:
    course = courses.get(actor, course_id)
    if not reading.asks(actor, course):
        raise NotAllowed(
            "تغییر دورهٔ تأییدشده را کارشناس یا مدیر همان مرکز درخواست می‌کند، تا وقتی دوره تمام یا لغو نشده است. "
            "چیزی تغییر نکرد."
            if course.status in LIVE
            else f"این دوره «{labels.STATUS[course.status]}» است و تغییری در آن درخواست نمی‌شود. چیزی تغییر نکرد."
        )
    return course


def _earlier(actor: Actor, course: Course, place: str) -> Asked:
    change_id = submissions.id_of(place, "change")
    return Asked(course, {}, reading.get(actor, change_id) if change_id else None, repeated=True)


def _late(actor: Actor, course: Course, wish: Wish) -> courses.StaleEdit:
    """The refusal of values that were written beside an older version."""
    stored, may = courses.values_of(course), changeable(course)
    written = {name: new for name, new in wish.values.items() if name in may}
    sent = {name: new for name, new in written.items() if _differ(getattr(stored, name), new)}
    return stale.late(course, actor, wish.version, replace(stored, **sent), stored).refusal()


def _differing(course: Course, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of the form the course does not have; an empty end date is worked out from the rest."""
    may = changeable(course)
    wanted = {name: new for name, new in values.items() if name in may and _differ(getattr(course, name), new)}
    if "end_on" in wanted and wanted["end_on"] is None:
        wanted["end_on"] = proposed_end(course, wanted, utcnow())
        if wanted["end_on"] in (None, course.end_on):
            del wanted["end_on"]
    return wanted


def _differ(old: Any, new: Any) -> bool:
    """A form knows no seconds, and a moment may have some."""
    if isinstance(old, datetime) and isinstance(new, datetime):
        return old.replace(second=0, microsecond=0) != new.replace(second=0, microsecond=0)
    return bool(old != new)


def _pairs(course: Course, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [encode(getattr(course, name)), encode(new)] for name, new in wanted.items()}


def _ask(actor: Actor, course: Course, kind: ChangeKind, wanted: dict[str, list[Any]], wish: Wish) -> CourseChange:
    """One waiting change, with the route that the course has now."""
    reason = text.clean(wish.reason)[:LONGEST_REASON]
    if not reason:
        raise DomainError("دلیل را بنویسید؛ تصمیم‌گیرنده همین را می‌بیند", field="reason")
    other = reading.target(course, wish.other_id)
    levels = route_of(course, utcnow())
    values: dict[str, Any] = {
        "kind": kind, "wanted": wanted, "reason": reason, "other_course_id": other.id if other else None,
        "levels": levels, "level": levels.split(",")[0], "level_since": utcnow(), "asked_by_id": actor.user_id,
        "state": ChangeState.WAITING,
    }  # fmt: skip
    where = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    change_id = _again(course, values) or add_once(
        CourseChange, **where, **values, version=1, created_at=values["level_since"]
    )
    if change_id is None:
        raise Conflict(
            "درخواست تغییر دیگری برای این دوره در انتظار تصمیم است. آن را پس بگیرید یا بگذارید تصمیمش گرفته شود؛ "
            "چیزی ثبت نشد."
        )
    steps.note(actor, course, "change_ask", reason, wanted)
    return reading.get(actor, change_id)


def _again(course: Course, values: dict[str, Any]) -> int | None:
    """The change that came back for correction, asked for anew; None when there is none."""
    returned = (CourseChange.course_id == course.id, CourseChange.state == ChangeState.RETURNED)
    turn = update(CourseChange).where(*returned).values(version=CourseChange.version + 1, decision=None, **values)
    turn = turn.execution_options(synchronize_session=False)
    return db.session.scalar(turn.returning(CourseChange.id))
