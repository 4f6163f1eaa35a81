"""Which fields of an approved course may change, which of them at once, and how their values are kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from models import Course, CourseStatus, Workshop, db
from services import policy
from services.courses import CourseValues, Gap, completeness, schedule, values_of
from services.courses.checks import problems
from services.text import persian_digits

S = CourseStatus
LIVE = (S.APPROVED, S.OPEN, S.CLOSED, S.RUNNING)
BEFORE = (S.APPROVED, S.OPEN, S.CLOSED)  # people can still be moved elsewhere, and the course be canceled
# What may change of a course with this standard in this unit; another standard is another course.
FIELDS = frozenset({
    "start_on", "end_on", "weekdays", "start_time", "end_time", "shift", "workshop_id", "instructor_id", "delivery",
    "setting", "capacity_min", "capacity_max", "gender", "age_min", "age_max", "target_group_id", "enroll_open_at",
    "enroll_close_at", "tuition_rials",
})  # fmt: skip
PLAN = frozenset({"start_on", "end_on", "weekdays", "start_time", "end_time"})
ANY_TIME = PLAN - {"start_on"} | {"shift", "workshop_id", "instructor_id"}
NOT_OPENED = frozenset({"enroll_open_at"})
STILL_ENROLLS = frozenset({"enroll_close_at"})
WHILE_EMPTY = frozenset({"gender"})
# What a course stands on, so that all rules of sending are looked at when one of them changes.
GROUND = PLAN | {"shift", "workshop_id", "instructor_id", "delivery", "setting", "capacity_max", "gender"}
CHOSEN = {"place_id", "workshop_id", "instructor_id", "co_instructors", "target_group_id", "agreement_id"}
# What those enrolled have to know when it changes.
TOLD = ("start_on", "end_on", "weekdays", "start_time", "end_time", "workshop_id")

_READ: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("start_on", "end_on"), date.fromisoformat),
    **dict.fromkeys(("start_time", "end_time"), time.fromisoformat),
    **dict.fromkeys(("enroll_open_at", "enroll_close_at"), datetime.fromisoformat),
}


def decode(field: str, raw: Any) -> Any:
    """The value of which `services.changes.encode` has made `raw`."""
    return raw if raw is None or field not in _READ else _READ[field](raw)


def changeable(course: Course) -> frozenset[str]:
    """The fields of a course that may change in the state it is in.

    Source: docs/rules.md R-380.
    """
    if course.status is S.RUNNING:
        return ANY_TIME
    if course.status not in BEFORE:
        return frozenset()
    fields = FIELDS
    fields -= frozenset() if course.status is S.APPROVED else NOT_OPENED
    fields -= STILL_ENROLLS if course.status is S.CLOSED else frozenset()
    return fields - (WHILE_EMPTY if course.taken else frozenset())


# -- What applies at once --------------------------------------------------------------

Harmless = Callable[[Course, Any], bool]


def _later(course: Course, new: Any) -> bool:
    return new is not None and course.enroll_close_at is not None and new > course.enroll_close_at


def _cheaper(course: Course, new: Any) -> bool:
    return (new or 0) < (course.tuition_rials or 0)


def _room_beside(course: Course, new: Any) -> bool:
    """Another room of the same place that has a seat for each trainee."""
    row = db.session.execute(select(Workshop.place_id, Workshop.workstations).where(Workshop.id == new)).first()
    return row is not None and row.place_id == course.place_id and row.workstations >= (course.capacity_max or 0)


# The table: when a change of this field harms nobody. Policy `harmless_changes` says which rows hold.
HARMLESS: dict[str, Harmless] = {
    "enroll_close_at": _later,
    "tuition_rials": _cheaper,
    "workshop_id": _room_beside,
}


def harmless(course: Course, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What of these changes needs nobody's approval.

    Source: docs/rules.md R-381.
    """
    held = set(policy.value("harmless_changes", course.unit))
    rows = {name: rule for name, rule in HARMLESS.items() if name in held and name in wanted}
    return {name: wanted[name] for name, rule in rows.items() if rule(course, wanted[name])}


# -- The course as it would be ---------------------------------------------------------


def wished(course: Course, wanted: Mapping[str, Any]) -> Course:
    """An unsaved course with these values, to ask whether they can stand."""
    kept = {each.key: getattr(course, each.key) for each in Course.__mapper__.column_attrs}
    wish = Course(**(kept | dict(wanted)))
    wish.unit, wish.province = course.unit, course.province
    return wish


def with_place(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the place of another workshop: what is stored."""
    if wanted.get("workshop_id") is None:
        return dict(wanted)
    place = select(Workshop.place_id).where(Workshop.id == wanted["workshop_id"])
    return {**wanted, "place_id": db.session.scalar(place)}


def lacking(course: Course, wanted: Mapping[str, Any], now: datetime) -> list[Gap]:
    """Everything that keeps the course from standing with these values, at its field.

    Source: docs/rules.md R-383.
    """
    wish = wished(course, with_place(wanted))
    now_there = values_of(course)
    there = {name: new for name, new in with_place(wanted).items() if hasattr(now_there, name)}
    values: CourseValues = replace(now_there, **there)
    found = [Gap(each.field, each.text) for each in problems(course, values)[0]]
    found += _capacity(wanted)
    if not GROUND & set(wanted):  # what the course stands on is as it was approved
        own = completeness.gaps(wish, now) if STILL_ENROLLS & set(wanted) else []
        found = [gap for gap in found if gap.field in wanted or gap.field not in CHOSEN]
        return found + [gap for gap in own if gap.field in wanted]
    kept = schedule.held(course, policy.today(now))
    # What has begun has begun: only what is asked for now is looked at with today's eyes.
    past = {"start_on", "enroll_open_at", "enroll_close_at"} - set(wanted) | ({"end_on"} if kept else set())
    said = {gap.text for gap in found}
    found += [gap for gap in completeness.gaps(wish, now) if gap.field not in past and gap.text not in said]
    if kept and PLAN & set(wanted):
        found += _rest(wish, kept, now)
    return found


def _rest(wish: Course, kept: list[Any], now: datetime) -> Iterable[Gap]:
    """Whether the hours that are left fit between today and the new end."""
    lost = schedule.remaining(wish, kept, policy.today(now)).lacking_minutes
    if lost > 0:
        hours = persian_digits(-(-lost // 60))
        yield Gap("end_on", f"{hours} ساعت از دوره تا این تاریخ جا نمی‌شود؛ تاریخ پایان را دیرتر بنویسید")


def _capacity(wanted: Mapping[str, Any]) -> Iterable[Gap]:
    if "capacity_max" in wanted and wanted["capacity_max"] is None:
        yield Gap("capacity_max", "حداکثر ظرفیت را بنویسید")


def proposed_end(course: Course, wanted: Mapping[str, Any], now: datetime) -> date | None:
    """The last day of class with these values; None where the plan does not say one."""
    wish = wished(course, {**wanted, "end_on": None})
    kept = schedule.held(course, policy.today(now))
    return schedule.remaining_end(wish, kept, policy.today(now)) if kept else schedule.propose_end(wish)
