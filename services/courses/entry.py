"""Saving a course before it is sent, whole or part by part, never over somebody else's saving."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select, update

from models import Course, CourseEvent, CourseStatus, SkillStandard, Unit, db
from services import labels, standards, submissions
from services.access import Actor
from services.changes import encode
from services.courses import checks, reading, schedule, stale, team, wording
from services.courses.checks import Problem, Refused
from services.courses.values import FIELDS, PLAN, CourseValues, values_of
from services.errors import DomainError, NotAllowed
from services.text import key
from services.transaction import atomic

EDITABLE = (CourseStatus.DRAFT, CourseStatus.RETURNED, CourseStatus.REJECTED)
SNAPSHOT = ("theory_minutes", "practice_minutes", "project_minutes", "internship_minutes", "min_education", "field_id")


@dataclass(frozen=True)
class Saved:
    """A course as it stands after saving.

    `proposed_end` when the end date follows from the plan now, and `end_before` what stood there; `other_end` is what
    the plan would give beside an end that was written by hand. `emptied` are fields whose choice did not fit any more.
    `is_repeat` when just this had been saved before, and `is_sent` when the course has been sent since then.
    """

    course: Course
    proposed_end: date | None = None
    end_before: date | None = None
    other_end: date | None = None
    emptied: tuple[str, ...] = ()
    is_repeat: bool = False
    is_sent: bool = False


def is_editable(course: Course, actor: Actor) -> bool:
    """Whether this person may change the course now: a clerk or manager of its unit, before it is sent."""
    return course.status in EDITABLE and course.unit_id in reading.units_of_staff(actor)


def save(actor: Actor, course_id: int, version: int, values: CourseValues, *, propose_end: bool = False) -> Saved:
    """Save everything that is written so far; as `save_part` with all fields."""
    written = {name: getattr(values, name) for name in FIELDS}
    return save_part(actor, course_id, version, written, propose_end=propose_end)


def save_part(
    actor: Actor,
    course_id: int,
    version: int,
    written: Mapping[str, Any],
    *,
    propose_end: bool = False,
    page: str = "",
    is_typed: bool = False,
) -> Saved:
    """Save these fields of a course; the others stay as they are, whoever has changed them meanwhile.

    The same content sent again, by a second press or a reload, is the same saving. The end date follows from hours,
    weekdays and holidays until somebody writes another one.

    Args:
        version: the version that was on the page.
        propose_end: work the end date out anew, whatever was written.
        page: a key of the page that was opened; what it has sent while somebody typed (`is_typed`) is no other page's
            saving, although its answer may never have arrived.

    Raises:
        StaleEdit: somebody has changed one of these fields since, or sent the course; it carries both values of every
            field that differs.
        Refused: values that cannot stand together, each at its field.
        NotAllowed: the course is on its way, or the actor is not of its unit's staff.

    Source: docs/rules.md R-301.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _require_staff(course, actor)
        saved = _save(_Saving(actor, course, version, written, propose_end, page))
        if is_typed and page and not saved.is_repeat:
            submissions.once(_typing(page, saved.course.version), actor.user_id, f"course:{course_id}")
        return saved


@dataclass(frozen=True)
class _Saving:
    """What was asked for; `course` is as it was read in this transaction."""

    actor: Actor
    course: Course
    version: int
    written: Mapping[str, Any]
    anew: bool
    page: str


def _save(saving: _Saving) -> Saved:
    course, stored = saving.course, values_of(saving.course)
    values = replace(stored, **saving.written)
    end = _end_of(saving, stored, values)
    values = replace(values, end_on=end.on)
    proposed = end.on if end.is_computed else None
    if saving.version != course.version:
        late = stale.late(course, saving.actor, saving.version, _in_place(saving, values), stored)
        if late.is_repeat:
            is_sent = stale.is_sent_since(course, saving.version)
            return Saved(course, proposed, other_end=end.other, is_repeat=True, is_sent=is_sent)
        if _is_of_this_page(late, saving):
            if late.merged.end_on != values.end_on:  # it has moved with the plan since the page showed it
                values = replace(values, end_on=course.end_on)
        elif not _goes_beside(late, saving):
            raise late.refusal()
    wanted, emptied = _wanted(saving, values)
    if not _write(saving.actor, course, course.version, _changed(stored, wanted)):
        return _save(saving)  # somebody was faster; `course` shows what they have left
    before = stored.end_on if stored.end_on != course.end_on else None
    return Saved(course, proposed, before, end.other, emptied)


def _in_place(saving: _Saving, values: CourseValues) -> CourseValues:
    """The place goes with the workshop: whoever chooses one sends no other."""
    goes = "workshop_id" in saving.written and values.workshop_id
    return replace(values, place_id=saving.course.place_id) if goes else values


def _goes_beside(late: stale.Late, saving: _Saving) -> bool:
    """Whether a part may be saved although the course has been changed since: nobody has touched these fields."""
    return (
        saving.version < saving.course.version
        and saving.course.status in EDITABLE
        and len(saving.written) < len(FIELDS)
        and not late.touches(saving.written)
    )


def _is_of_this_page(late: stale.Late, saving: _Saving) -> bool:
    """Whether whatever has touched these fields since was typed on this page, before it heard of its new version."""
    versions = [event.course_version for event in late.events if set(event.changes) & set(saving.written)]
    keys = [_typing(saving.page, version) for version in versions]
    is_open = saving.course.status in EDITABLE and saving.version < saving.course.version
    return bool(saving.page and keys) and is_open and submissions.were_all(keys, saving.actor.user_id)


def _typing(page: str, version: int) -> str:
    return submissions.for_choice(page, f"typed {version}")


def _wanted(saving: _Saving, values: CourseValues) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is to be stored once everything has been found to stand together, and what is emptied for it."""
    course, names = saving.course, saving.written
    _require_open(course)
    found, place_id = checks.problems(course, values, names)
    if found:
        raise Refused(found)
    wanted = {name: getattr(values, name) for name in {*names, "end_on"}}
    if "workshop_id" in names:
        wanted["place_id"] = place_id or values.place_id
    elif "place_id" in names and course.workshop_id and values.place_id != course.place_id:
        return wanted | {"workshop_id": None}, ("workshop_id",)
    return wanted, ()


def _end_of(saving: _Saving, stored: CourseValues, values: CourseValues) -> schedule.End:
    """The end date: as it was written by hand just now, or as the plan says."""
    is_written = values.end_on is not None and values.end_on != stored.end_on
    if not saving.anew and (is_written or not any(name in saving.written for name in PLAN)):
        return schedule.End(values.end_on)
    minutes = saving.course.total_minutes
    old, new = (_plan(each, minutes) for each in (stored, values))
    return _new_end(saving.course, old, new, values.end_on, anew=saving.anew)


def _plan(values: Course | CourseValues, minutes: int) -> schedule.Plan:
    when = schedule.timetable(values.weekdays, values.start_time, values.end_time)
    return schedule.Plan(values.start_on, when, minutes)


def _new_end(
    course: Course, old: schedule.Plan, new: schedule.Plan, end_on: date | None, *, anew: bool = False
) -> schedule.End:
    try:
        return schedule.new_end(course.province_id, old, new, end_on, anew=anew)
    except DomainError as endless:
        raise Refused([Problem("weekdays", str(endless))]) from endless


# -- The standard ------------------------------------------------------------------


def choose_standard(actor: Actor, course_id: int, version: int, standard_id: int) -> Saved:
    """Put another standard into a draft; workshop and instructors go when they do not fit it, and an end date that
    followed from its hours follows from the new ones.

    Raises:
        Conflict: somebody has changed or sent the course since; nothing was changed.
        NotAllowed: as `save`; DomainError: the standard is retired.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _require_staff(course, actor)
        if version == course.version:
            _require_open(course)
            wanted, end = _with_standard(course, standards.usable(standard_id))
            before = course.end_on
            emptied = tuple(name for name in ("workshop_id", "instructor_id") if wanted[name] != getattr(course, name))
            if _write(actor, course, version, _changed(course, wanted)):
                index(course, db.session.get_one(Unit, course.unit_id))
                moved = course.end_on if course.end_on != before else None
                return Saved(course, moved, before if moved else None, end.other, emptied)
        if course.standard_id != standard_id:
            raise stale.choice(course, actor, version)
        return Saved(course, is_repeat=True)


def _with_standard(course: Course, standard: SkillStandard) -> tuple[dict[str, Any], schedule.End]:
    wanted = snapshot(standard) | checks.still_fitting(wish(course, standard.id, standard.field_id))
    old, new = (_plan(course, each.total_minutes) for each in (course, standard))
    end = _new_end(course, old, new, course.end_on) if course.end_on else schedule.End(None)
    return wanted | {"end_on": end.on}, end


def snapshot(standard: SkillStandard) -> dict[str, Any]:
    """What a course keeps of its standard, so that a later change of the catalog leaves it as it was."""
    kept = {name: getattr(standard, name) for name in SNAPSHOT}
    return kept | {"standard_id": standard.id, "standard_code": standard.code, "title": standard.title}


def wish(course: Course, standard_id: int, field_id: int | None) -> Course:
    """An unsaved course with the place and people of another one, to ask whether they fit a standard."""
    kept = ("unit_id", "place_id", "workshop_id", "instructor_id")
    return Course(standard_id=standard_id, field_id=field_id, **{name: getattr(course, name) for name in kept})


# -- What a course is found by ---------------------------------------------------


def index(course: Course, unit: Unit) -> None:
    """The words by which a course is found, each as `text.key` writes it."""
    county, province = unit.county and unit.county.title, unit.province and unit.province.title
    words = (course.title, unit.title, county, province, course.code, course.standard_code)
    course.search_key = " ".join(key(word) for word in words if word)[:600]


def reindex(unit: Unit) -> None:
    """Let the courses of a unit that got another name or county be found by it. Call inside `atomic()`."""
    for course in db.session.scalars(select(Course).where(Course.unit_id == unit.id)):
        course.county_id = unit.county_id
        index(course, unit)


# -- Support -----------------------------------------------------------------------


def _require_staff(course: Course, actor: Actor) -> None:
    if course.unit_id not in reading.units_of_staff(actor):
        raise NotAllowed("پیش‌نویس و دورهٔ برگشت‌خورده را کارشناس یا مدیر همان مرکز ویرایش می‌کند. چیزی تغییر نکرد.")


def _require_open(course: Course) -> None:
    if course.status not in EDITABLE:
        raise NotAllowed(f"این دوره «{labels.STATUS[course.status]}» است و اکنون ویرایش نمی‌شود. چیزی تغییر نکرد.")


def _changed(stored: Course | CourseValues, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What of it differs from what is stored: each field with both values."""
    pairs = {name: [getattr(stored, name), new] for name, new in wanted.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _write(actor: Actor, course: Course, version: int, changed: dict[str, list[Any]]) -> bool:
    """One conditional UPDATE and one event, or nothing at all when nothing differs.

    False: somebody was faster; the course object then shows what they have left.
    """
    if not changed:
        return True
    columns = {name: new for name, (_, new) in changed.items() if name != "co_instructors"}
    moved = db.session.scalar(
        update(Course)
        .where(Course.id == course.id, Course.version == version, Course.status.in_(EDITABLE))
        .values(version=Course.version + 1, **columns)
        .returning(Course)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is None:
        db.session.refresh(course)
        return False
    if "co_instructors" in changed:
        team.write(course.id, changed["co_instructors"][1])
    told = {name: [encode(each) for each in pair] for name, pair in changed.items() if name in _TOLD}
    record(actor, course, "edit", told)
    return True


_TOLD = frozenset(wording.FIELD)


def record(actor: Actor, course: Course, action: str, changes: Mapping[str, Collection[Any]]) -> None:
    """One event of a course that stays in its state."""
    db.session.add(
        CourseEvent(
            course_id=course.id,
            actor_id=actor.user_id,
            action=action,
            level=actor.level.value,
            source=course.status.value,
            target=course.status.value,
            changes=dict(changes),
            course_version=course.version,
        )
    )
