"""Entering a course: a draft from a standard, saved at any point, never over somebody else's saving."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import joinedload

from models import (
    Course,
    CourseEvent,
    CourseStatus,
    Delivery,
    Gender,
    Setting,
    Shift,
    SkillStandard,
    Unit,
    UnitKind,
    db,
)
from services import codes, labels, policy, standards, submissions
from services.access import Actor
from services.changes import encode
from services.courses import checks, reading, schedule, stale, steps, wording
from services.courses.checklist import Signed
from services.courses.checks import Problem, Refused
from services.courses.completeness import Gap, Incomplete
from services.courses.saying import UNSIGNED, Said
from services.errors import DomainError, NotAllowed
from services.text import key
from services.transaction import atomic

EDITABLE = (CourseStatus.DRAFT, CourseStatus.RETURNED, CourseStatus.REJECTED)
SNAPSHOT = ("theory_minutes", "practice_minutes", "project_minutes", "internship_minutes", "min_education", "field_id")


@dataclass(frozen=True)
class CourseValues:
    """What a clerk writes about a course; None (or no weekday) is not written yet."""

    workshop_id: int | None = None
    instructor_id: int | None = None
    target_group_id: int | None = None
    setting: Setting | None = None
    delivery: Delivery | None = None
    shift: Shift | None = None
    gender: Gender | None = None
    capacity_min: int | None = None
    capacity_max: int | None = None
    age_min: int | None = None
    age_max: int | None = None
    start_on: date | None = None
    end_on: date | None = None
    weekdays: int = 0
    start_time: time | None = None
    end_time: time | None = None
    enroll_open_at: datetime | None = None
    enroll_close_at: datetime | None = None
    tuition_rials: int | None = None


FIELDS = tuple(field.name for field in fields(CourseValues))
NOT_COPIED = ("start_on", "end_on", "enroll_open_at", "enroll_close_at")


@dataclass(frozen=True)
class Saved:
    """A course as it stands after saving; `proposed_end` when the end date was filled from the plan.

    `is_repeat` when just this had been saved before, and `is_sent` when the course has been sent since then.
    `missing` has what kept it from being sent.
    """

    course: Course
    proposed_end: date | None = None
    is_repeat: bool = False
    is_sent: bool = False
    missing: Sequence[Gap] = ()


def values_of(course: Course) -> CourseValues:
    return CourseValues(**{name: getattr(course, name) for name in FIELDS})


def is_editable(course: Course, actor: Actor) -> bool:
    """Whether this person may change the course now: a clerk or manager of its unit, before it is sent."""
    return course.status in EDITABLE and course.unit_id in reading.units_of_staff(actor)


# -- New ---------------------------------------------------------------------------


def create(actor: Actor, standard_id: int, form_key: str, unit_id: int | None = None) -> Course:
    """A new draft of the actor's unit; the same form sent again with the same choice finds the first one.

    Args:
        unit_id: which unit's, for who enters courses for several.

    Raises:
        DomainError: the standard is retired, or the unit is not chosen.
        NotAllowed: the actor enters no courses, or none for this unit.
    """
    form_key = submissions.for_choice(form_key, f"create {standard_id} {unit_id or ''}".rstrip())
    with atomic():
        if (earlier := _made_before(actor, form_key)) is not None:
            return earlier
        unit = _unit_of(actor, unit_id)
        course = _draft(actor, unit, standards.usable(standard_id))
        if unit.kind is UnitKind.ACADEMY:
            course.setting = Setting.ACADEMY
        course.gender = None if unit.gender is Gender.MIXED else unit.gender
        course.capacity_max = policy.value("capacity_default", unit)
        return _insert(actor, course, unit, "create", form_key)


def copy(actor: Actor, course_id: int, form_key: str) -> Course:
    """A new draft with what a former course of the territory had, dates cleared.

    Raises:
        DomainError: its standard has been retired since.
    """
    form_key = submissions.for_choice(form_key, f"copy {course_id}")
    with atomic():
        if (earlier := _made_before(actor, form_key)) is not None:
            return earlier
        former = reading.get(actor, course_id)
        unit = _unit_of(actor, former.unit_id)
        course = _draft(actor, unit, standards.usable(former.standard_id or 0))
        for name in FIELDS:
            if name not in NOT_COPIED:
                setattr(course, name, getattr(former, name))
        for name, fitting in checks.still_fitting(_wish(former, course.standard_id or 0, course.field_id)).items():
            setattr(course, name, fitting)
        return _insert(actor, course, unit, "copy", form_key)


def _made_before(actor: Actor, form_key: str) -> Course | None:
    place = submissions.begin(form_key, actor.user_id)
    return reading.get(actor, submissions.id_of(place, "course")) if place else None


def _unit_of(actor: Actor, unit_id: int | None = None) -> Unit:
    own = reading.units_of_staff(actor)
    if not own or (unit_id is not None and unit_id not in own):
        raise NotAllowed("درج دوره کار کارشناس یا مدیر همان مرکز است. چیزی ثبت نشد.")
    if unit_id is None and len(own) > 1:
        raise DomainError("واحدی را انتخاب کنید که دوره در آن برگزار می‌شود", field="unit")
    names = [joinedload(Unit.county), joinedload(Unit.province)]
    return db.session.get_one(Unit, unit_id or own[0], options=names, populate_existing=True)


def _draft(actor: Actor, unit: Unit, standard: SkillStandard) -> Course:
    return Course(
        province_id=unit.province_id,
        county_id=unit.county_id,
        unit_id=unit.id,
        entered_by_id=actor.user_id,
        code=f"-{secrets.token_hex(5)}",
        **_snapshot(standard),
    )


def _snapshot(standard: SkillStandard) -> dict[str, Any]:
    """What a course keeps of its standard, so that a later change of the catalog leaves it as it was."""
    kept = {name: getattr(standard, name) for name in SNAPSHOT}
    return kept | {"standard_id": standard.id, "standard_code": standard.code, "title": standard.title}


def _free_code(number: int) -> str:
    """The code of the row's own number; a number taken by an imported course is stepped over."""
    code = codes.course_code(number)
    if db.session.scalar(select(exists().where(Course.code == code))):
        return _free_code(number + 10_000_000)
    return code


def _insert(actor: Actor, course: Course, unit: Unit, action: str, form_key: str) -> Course:
    """Store a draft that has all its values but the code, which is made of its number."""
    db.session.add(course)
    db.session.flush()
    course.code = _free_code(course.id)
    _index(course, unit)
    db.session.flush()
    _event(actor, course, action, {})
    submissions.finish(form_key, f"course:{course.id}")
    return course


def _index(course: Course, unit: Unit) -> None:
    """The words by which a course is found, each as `text.key` writes it."""
    county, province = unit.county and unit.county.title, unit.province and unit.province.title
    words = (course.title, unit.title, county, province, course.code, course.standard_code)
    course.search_key = " ".join(key(word) for word in words if word)[:600]


def reindex(unit: Unit) -> None:
    """Let the courses of a unit that got another name or county be found by it. Call inside `atomic()`."""
    for course in db.session.scalars(select(Course).where(Course.unit_id == unit.id)):
        course.county_id = unit.county_id
        _index(course, unit)


# -- Saving ------------------------------------------------------------------------


def save(actor: Actor, course_id: int, version: int, values: CourseValues, *, propose_end: bool = False) -> Saved:
    """Save what is written so far. An empty end date is filled from hours, weekdays and holidays when they allow.

    The same content sent again, by a second press or a reload, is the same saving.

    Args:
        version: the version that was on the page.
        propose_end: work the end date out anew, whatever was written.

    Raises:
        StaleEdit: somebody has changed or sent it since; it carries both values of every field that differs.
        Refused: values that cannot stand together, each at its field.
        NotAllowed: the course is on its way, or the actor is not of its unit's staff.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _require_staff(course, actor)
        is_newest = version == course.version
        place_id = _place_of(course, values) if is_newest else course.place_id
        wanted = {name: getattr(values, name) for name in FIELDS} | {"place_id": place_id}
        proposed = _proposed(course, wanted) if propose_end or values.end_on is None else None
        if proposed:
            wanted["end_on"] = proposed
        if is_newest and _write(actor, course, version, wanted):
            return Saved(course, proposed)
        if _changed(course, wanted):
            raise stale.edit(course, actor, version, values)
        return Saved(course, proposed, is_repeat=True, is_sent=stale.is_sent_since(course, version))


def save_and_send(actor: Actor, course_id: int, version: int, values: CourseValues, signed: Signed = UNSIGNED) -> Saved:
    """Save, and send for approval what lacks nothing; what is saved stays even when it is not sent.

    Raises:
        as `save`; Conflict: somebody has sent it at the same moment.
    """
    with atomic():
        saved = save(actor, course_id, version, values)
        if saved.is_sent:
            return saved
        try:
            steps.take(actor, saved.course, steps.Action.SEND, Said(signed=signed))
        except Incomplete as incomplete:
            return replace(saved, missing=incomplete.gaps)
    return saved


def _place_of(course: Course, values: CourseValues) -> int | None:
    """The place of the chosen workshop, once everything has been found to stand together."""
    _require_open(course)
    found, place_id = checks.problems(course, values)
    if found:
        raise Refused(found)
    return place_id


def choose_standard(actor: Actor, course_id: int, version: int, standard_id: int) -> Saved:
    """Put another standard into a draft; workshop and instructor go when they do not fit it.

    Raises:
        Conflict: somebody has changed or sent the course since; nothing was changed.
        NotAllowed: as `save`; DomainError: the standard is retired.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _require_staff(course, actor)
        if version == course.version:
            _require_open(course)
            standard = standards.usable(standard_id)
            wanted = _snapshot(standard) | checks.still_fitting(_wish(course, standard.id, standard.field_id))
            if _write(actor, course, version, wanted):
                _index(course, db.session.get_one(Unit, course.unit_id))
                return Saved(course)
        if course.standard_id != standard_id:
            raise stale.choice(course, actor, version)
        return Saved(course, is_repeat=True)


def _wish(course: Course, standard_id: int, field_id: int | None) -> Course:
    """An unsaved course with the place and people of another one, to ask whether they fit a standard."""
    kept = ("unit_id", "place_id", "workshop_id", "instructor_id")
    return Course(standard_id=standard_id, field_id=field_id, **{name: getattr(course, name) for name in kept})


def _require_staff(course: Course, actor: Actor) -> None:
    if course.unit_id not in reading.units_of_staff(actor):
        raise NotAllowed("پیش‌نویس و دورهٔ برگشت‌خورده را کارشناس یا مدیر همان مرکز ویرایش می‌کند. چیزی تغییر نکرد.")


def _require_open(course: Course) -> None:
    if course.status not in EDITABLE:
        raise NotAllowed(f"این دوره «{labels.STATUS[course.status]}» است و اکنون ویرایش نمی‌شود. چیزی تغییر نکرد.")


def _proposed(course: Course, wanted: dict[str, Any]) -> date | None:
    plan_parts = (wanted["start_on"], wanted["start_time"], wanted["end_time"])
    if None in plan_parts or not wanted["weekdays"] or not course.total_minutes:
        return None
    plan = schedule.Timetable(wanted["weekdays"], wanted["start_time"], wanted["end_time"])
    if plan.minutes <= 0:
        return None
    start = wanted["start_on"]
    holidays = schedule.holidays_between(course.province_id, start, start + schedule.LONGEST)
    try:
        return schedule.end_date(plan, start, course.total_minutes, holidays)
    except DomainError as endless:
        raise Refused([Problem("weekdays", str(endless))]) from endless


def _write(actor: Actor, course: Course, version: int, wanted: dict[str, Any]) -> bool:
    """One conditional UPDATE and one event, or nothing at all when nothing differs.

    False: somebody was faster; the course object then shows what they have left.
    """
    changed = _changed(course, wanted)
    if not changed:
        return True
    pairs = {n: [encode(getattr(course, n)), encode(new)] for n, new in changed.items() if n in _TOLD}
    moved = db.session.scalar(
        update(Course)
        .where(Course.id == course.id, Course.version == version, Course.status.in_(EDITABLE))
        .values(version=Course.version + 1, **changed)
        .returning(Course)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is None:
        db.session.refresh(course)
        return False
    _event(actor, course, "edit", pairs)
    return True


def _changed(course: Course, wanted: dict[str, Any]) -> dict[str, Any]:
    """What of it the course does not have."""
    return {name: new for name, new in wanted.items() if getattr(course, name) != new}


_TOLD = frozenset(wording.FIELD)


def _event(actor: Actor, course: Course, action: str, changes: dict[str, Any]) -> None:
    db.session.add(
        CourseEvent(
            course_id=course.id,
            actor_id=actor.user_id,
            action=action,
            level=actor.level.value,
            source=course.status.value,
            target=course.status.value,
            changes=changes,
            course_version=course.version,
        )
    )
