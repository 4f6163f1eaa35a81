"""A new course: a draft from a standard of the catalog, or a copy of a former course with its dates moved on."""

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from models import Course, Gender, Setting, SkillStandard, Trigger, Unit, UnitKind, db
from services import codes, jalali, policy, standards, submissions
from services.access import Actor
from services.courses import checks, reading, schedule, team
from services.courses.entry import index, record, snapshot, wish
from services.courses.values import COLUMNS, CourseValues
from services.errors import DomainError, NotAllowed
from services.transaction import atomic

WEEK = timedelta(days=7)


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
        return open_for(actor, _unit_of(actor, unit_id), standard_id, form_key)


def open_for(actor: Actor, unit: Unit, standard_id: int, form_key: str, trigger: Trigger | None = None) -> Course:
    """A new draft of a unit, for whoever has been found entitled; inside `atomic()`, by a form taken there.

    Raises:
        DomainError: the standard is retired.
    """
    course = _draft(actor, unit, standards.usable(standard_id))
    if unit.kind is UnitKind.ACADEMY:
        course.setting = Setting.ACADEMY
    course.gender = None if unit.gender is Gender.MIXED else unit.gender
    course.capacity_max = policy.value("capacity_default", unit)
    course.start_trigger = trigger
    return _insert(actor, course, unit, "create", form_key)


def copy(actor: Actor, course_id: int, form_key: str, start_from: date | None = None) -> Course:
    """A new draft with what a former course of the territory had.

    Args:
        start_from: the copy starts on the first such weekday from here on, and all its dates move by the same number
            of weeks, its end as its plan and the holidays say; without it the copy has no dates.

    Raises:
        DomainError: its standard has been retired since.

    Source: docs/rules.md R-304.
    """
    form_key = submissions.for_choice(form_key, f"copy {course_id} {start_from or ''}".rstrip())
    with atomic():
        if (earlier := _made_before(actor, form_key)) is not None:
            return earlier
        former = reading.get(actor, course_id)
        unit = _unit_of(actor, former.unit_id)
        course = _draft(actor, unit, standards.usable(former.standard_id or 0))
        values = moved_on(former, start_from)
        for name in COLUMNS:
            setattr(course, name, getattr(values, name))
        for name, fitting in checks.still_fitting(wish(former, course.standard_id or 0, course.field_id)).items():
            setattr(course, name, fitting)
        course.copied_from_id = former.id
        _insert(actor, course, unit, "copy", form_key)
        team.copy(former.id, course)
        return course


def moved_on(former: Course, start_from: date | None) -> CourseValues:
    """What is written of a former course, with its dates in the future; without dates when there is nothing to go by.

    Who teaches parts of it is left out.
    """
    values = CourseValues(**{name: getattr(former, name) for name in COLUMNS})
    if start_from is None or values.start_on is None:
        return replace(values, start_on=None, end_on=None, enroll_open_at=None, enroll_close_at=None)
    by = first_like(values.start_on, start_from) - values.start_on
    moved = replace(
        values,
        start_on=values.start_on + by,
        enroll_open_at=_later(values.enroll_open_at, by),
        enroll_close_at=_later(values.enroll_close_at, by),
    )
    return replace(moved, end_on=_end_of(former, moved, by))


def first_like(day: date, start: date) -> date:
    """The first day from `start` on that is the same weekday as `day`."""
    return start + (day - start) % WEEK


def _end_of(former: Course, moved: CourseValues, by: timedelta) -> date | None:
    """The last day by the plan of the copy; of one without a plan the former's, moved on like the rest."""
    when = schedule.timetable_of(former)
    old, new = (schedule.Plan(start, when, former.total_minutes) for start in (former.start_on, moved.start_on))
    try:
        end = schedule.new_end(former.province_id, old, new, former.end_on)
    except DomainError:
        return None
    return end.on if end.is_computed or former.end_on is None else former.end_on + by


def _later(moment: datetime | None, by: timedelta) -> datetime | None:
    """The same hour of Tehran so many days later."""
    if moment is None:
        return None
    local = jalali.tehran(moment)
    return jalali.from_tehran(local.date() + by, local.time())


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
        **snapshot(standard),
    )


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
    index(course, unit)
    db.session.flush()
    record(actor, course, action, {})
    submissions.finish(form_key, f"course:{course.id}")
    return course
