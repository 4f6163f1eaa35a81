"""Instructors of a province who fit a standard, are free at given hours, and are near.

Source: docs/rules.md R-239.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Instructor, InstructorField, Person, SkillStandard, Unit, db
from services import jalali, policy
from services.access import Actor, Level
from services.errors import NotAllowed, NotFound
from services.instructors import fit, reading, workload
from services.instructors.fit import Match
from services.instructors.workload import Meeting

MOST = 300  # looked at; the nearest come first
SHOWN = 50
LONGEST = timedelta(days=730)


@dataclass(frozen=True)
class Hours:
    """The days and hours for which somebody is wanted; `weekdays` is a bit mask, Saturday the lowest, 0 for any."""

    first: date
    last: date
    weekdays: int
    start: time
    end: time

    def on(self, person_id: int) -> list[Meeting]:
        """The meetings that a course at these hours would have, holidays among them."""
        mask = self.weekdays or 127
        span = min(self.last - self.first, LONGEST).days
        days = (self.first + timedelta(days=n) for n in range(span + 1))
        wanted = [day for day in days if mask >> jalali.weekday(day) & 1]
        return [Meeting(person_id, day, self.start, self.end, 0, "", "", None) for day in wanted]


@dataclass(frozen=True)
class Found:
    """One instructor: how they stand to the standard, what they hold at these hours, and how far away they are."""

    row: Instructor
    match: Match
    busy: list[Meeting]
    distance: int  # 0 the unit, 1 its county, 2 its province

    @property
    def order(self) -> tuple[Any, ...]:
        return not self.match.may_teach, bool(self.busy), self.distance, not self.match.fits


@dataclass(frozen=True)
class Result:
    """Those who were found, the best first; `more` when there were others who were not looked at or not shown."""

    standard: SkillStandard
    printed: str
    rows: Sequence[Found]
    more: bool


def search(actor: Actor, standard_id: int, hours: Hours | None, *, near: int | None = None, without: int = 0) -> Result:
    """Active instructors of the field of a standard in the actor's province, at most five queries.

    Args:
        hours: when somebody is wanted; without them nobody is busy.
        near: the unit from which distance counts; the actor's own when it has one.
        without: a course whose own meetings do not count.

    Raises:
        NotAllowed: the actor keeps no instructors and decides on no courses. NotFound: there is no such standard.
    """
    standard = db.session.get(SkillStandard, standard_id, options=[joinedload(SkillStandard.field)])
    if standard is None:
        raise NotFound("این استاندارد پیدا نشد.")
    home = _home(actor, near)
    looked = _candidates(actor, standard.field_id, home)
    people = [row.person_id for row, _ in looked[:MOST]]
    fits = fit.of_people(standard.id, people, hours.first if hours else policy.today())
    held = _held(people, hours, without)
    found = [Found(row, fits.matches[row.person_id], held.get(row.person_id, []), at) for row, at in looked[:MOST]]
    found.sort(key=lambda each: each.order)
    return Result(standard, fits.printed, found[:SHOWN], len(looked) > SHOWN)


def _home(actor: Actor, near: int | None) -> Unit | None:
    if actor.level is Level.CENTER:
        kept = reading.kept_units(actor)
        if not kept:
            raise NotAllowed("جستجوی مربی کار کارشناس یا مدیر مرکز و آموزشگاه است.")
        return db.session.get_one(Unit, near if near in kept else kept[0])
    return db.session.get(Unit, near) if near else None


def _candidates(actor: Actor, field_id: int, home: Unit | None) -> list[tuple[Instructor, int]]:
    """With how far away they are, the nearest first and by name."""
    distance: ColumnElement[int] = case((Unit.county_id == (home.county_id if home else 0), 1), else_=2)
    if home:
        distance = case((Instructor.unit_id == home.id, 0), else_=distance)
    query = (
        select(Instructor, distance)
        .join(Instructor.person)
        .join(Instructor.unit)
        .join(InstructorField, InstructorField.instructor_id == Instructor.id)
        .where(Instructor.is_active, InstructorField.field_id == field_id, _within(actor, home))
        .options(contains_eager(Instructor.person), contains_eager(Instructor.unit).joinedload(Unit.county))
        .order_by(distance, Person.name_sort, Instructor.id)
        .limit(MOST + 1)
    )
    return [(row, at) for row, at in db.session.execute(query)]


def _within(actor: Actor, home: Unit | None) -> ColumnElement[bool]:
    """A center looks for instructors in its whole province; it sees their names and units, no more."""
    if actor.level is Level.CENTER and home:
        return Instructor.province_id == home.province_id
    return reading.visible_to(actor)


def _held(people: Sequence[int], hours: Hours | None, without: int) -> dict[int, list[Meeting]]:
    if hours is None or not people:
        return {}
    plan, found = hours.on(people[0]), workload.meetings(people, hours.first, hours.last, without)
    by_person: dict[int, list[Meeting]] = {}
    for each in workload.clashes(plan, found):
        by_person.setdefault(each.person_id, []).append(each)
    return by_person
