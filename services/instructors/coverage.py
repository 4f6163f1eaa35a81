"""Who may teach the standards that workshops can host: of each standard, and where in a county nobody may.

Source: docs/rules.md R-292.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import distinct, func, or_, select

from models import (
    County,
    Instructor,
    InstructorField,
    InstructorRecord,
    InstructorRule,
    SkillStandard,
    TradeField,
    Unit,
    Workshop,
    WorkshopStandard,
    db,
)
from services import policy
from services.instructors import fit
from services.inventory_reports import Parts, Scope

AT_ONCE = 500  # people whose files are read together


@dataclass(frozen=True)
class Standard:
    """A standard that workshops here can host: who teaches its field here, and who of them may teach it."""

    id: int
    code: str
    title: str
    field: str
    workshops: int
    teaching: int
    fitting: int


@dataclass(frozen=True)
class Gap:
    """A standard that a county's workshops can host and nobody there may teach; `teaching` teach its field."""

    county: str
    code: str
    title: str
    workshops: int
    teaching: int


@dataclass(frozen=True)
class Coverage:
    """The standards of a territory, first those that nobody may teach, and the gaps of its counties."""

    standards: Sequence[Standard] = ()
    gaps: Sequence[Gap] = ()


@dataclass(frozen=True)
class _Hosted:
    """A standard in the workshops of one county, as the catalog has it."""

    id: int
    code: str
    title: str
    field_id: int
    field: str
    county_id: int | None
    county: str
    workshops: int


@dataclass(frozen=True)
class _Teacher:
    """Somebody who teaches a field in a unit of a county."""

    person_id: int
    field_id: int
    county_id: int | None
    is_here: bool


def is_readable(here: Scope) -> bool:
    """Whether the territory is small enough to look at every file: a province or less."""
    return here.parts is not Parts.PROVINCES


def of(here: Scope) -> Coverage:
    """Four queries, and one more for each 500 people whose files have to be looked at."""
    hosted = _hosted(here)
    teachers = _teachers(here, hosted)
    may = _may_teach({one.id: one.field_id for one in hosted}, teachers)
    by_field: dict[int, list[_Teacher]] = {}
    for one in teachers:
        by_field.setdefault(one.field_id, []).append(one)
    return Coverage(_standards(hosted, by_field, may), _gaps(hosted, by_field, may))


def _standards(
    hosted: Sequence[_Hosted], by_field: Mapping[int, Sequence[_Teacher]], may: Collection[tuple[int, int]]
) -> list[Standard]:
    found = []
    for _, same in groupby(sorted(hosted, key=lambda one: one.id), key=lambda one: one.id):
        rows = list(same)
        first, workshops = rows[0], sum(one.workshops for one in rows)
        here = {one.person_id for one in by_field.get(first.field_id, ()) if one.is_here}
        fitting = sum((first.id, person_id) in may for person_id in here)
        found.append(Standard(first.id, first.code, first.title, first.field, workshops, len(here), fitting))
    place = {one.id: at for at, one in enumerate(hosted)}
    return sorted(found, key=lambda one: (one.fitting > 0, place[one.id]))


def _gaps(
    hosted: Sequence[_Hosted], by_field: Mapping[int, Sequence[_Teacher]], may: Collection[tuple[int, int]]
) -> list[Gap]:
    found = []
    for one in hosted:
        there = {each.person_id for each in by_field.get(one.field_id, ()) if each.county_id == one.county_id}
        if one.county_id and not any((one.id, person_id) in may for person_id in there):
            found.append(Gap(one.county, one.code, one.title, one.workshops, len(there)))
    return sorted(found, key=lambda gap: gap.county)


# -- Reading -----------------------------------------------------------------------


def _hosted(here: Scope) -> list[_Hosted]:
    """What workshops here can host, by title, once for each county."""
    query = (
        select(SkillStandard.id, SkillStandard.code, SkillStandard.title, TradeField.id, TradeField.title)
        .add_columns(County.id, func.coalesce(County.title, ""), func.count(distinct(Workshop.id)))
        .join(TradeField, TradeField.id == SkillStandard.field_id)
        .join(WorkshopStandard, WorkshopStandard.standard_id == SkillStandard.id)
        .join(Workshop, Workshop.id == WorkshopStandard.workshop_id)
        .join(Unit, Unit.id == Workshop.unit_id)
        .outerjoin(County, County.id == Unit.county_id)
        .where(here.holders(), Workshop.is_active)
        .group_by(SkillStandard.id, TradeField.id, County.id)
        .order_by(SkillStandard.title_sort, SkillStandard.id, County.id)
    )
    return [_Hosted(*row) for row in db.session.execute(query)]


def _teachers(here: Scope, hosted: Sequence[_Hosted]) -> list[_Teacher]:
    """Who teaches these fields here, or in one of these counties though not here."""
    counties = {one.county_id for one in hosted if one.county_id}
    fields = {one.field_id for one in hosted}
    is_here = here.holders()
    query = (
        select(Instructor.person_id, InstructorField.field_id, Unit.county_id, is_here)
        .join(InstructorField, InstructorField.instructor_id == Instructor.id)
        .join(Unit, Unit.id == Instructor.unit_id)
        .where(Instructor.is_active, InstructorField.field_id.in_(fields))
        .where(or_(is_here, Unit.county_id.in_(counties)))
    )
    return [_Teacher(*row) for row in db.session.execute(query.order_by(Instructor.person_id))]


def _may_teach(fields: Mapping[int, int], teachers: Sequence[_Teacher]) -> set[tuple[int, int]]:
    """Pairs of a standard and one who may teach it: of those in its field all, or where it has rules who fits."""
    in_field: dict[int, set[int]] = {}
    for one in teachers:
        in_field.setdefault(one.field_id, set()).add(one.person_id)
    rules = _rules(fields)
    found = {
        (standard_id, person_id)
        for standard_id, field_id in fields.items()
        if standard_id not in rules
        for person_id in in_field.get(field_id, ())
    }
    asked = [fit.Asked(standard_id, fields[standard_id], policy.today()) for standard_id in rules]
    people = sorted({person_id for each in asked for person_id in in_field.get(each.field_id, ())})
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        records = fit.verified_of(some)
        for each in asked:
            theirs = in_field.get(each.field_id, set()).intersection(some)
            found |= {
                (each.standard_id, fitting) for fitting in _fitting(rules[each.standard_id], records, each, theirs)
            }
    return found


def _fitting(
    rules: Sequence[InstructorRule],
    records: Mapping[int, Sequence[InstructorRecord]],
    asked: fit.Asked,
    people: Iterable[int],
) -> list[int]:
    return [each for each in people if fit.match(rules, records.get(each, ()), asked).may_teach]


def _rules(fields: Mapping[int, int]) -> dict[int, list[InstructorRule]]:
    query = select(InstructorRule).where(InstructorRule.standard_id.in_(fields)).order_by(InstructorRule.position)
    found: dict[int, list[InstructorRule]] = {}
    for rule in db.session.scalars(query):
        found.setdefault(rule.standard_id, []).append(rule)
    return found
