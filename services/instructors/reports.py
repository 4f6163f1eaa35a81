"""Reports about the instructors of a center, a province or the country: who they are, and where nobody teaches.

Only verified rows of the files count, and people count once in each part. Source: docs/rules.md R-288, R-289.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from models import (
    County,
    Degree,
    EducationRecord,
    EmploymentKind,
    EmploymentRecord,
    Gender,
    Instructor,
    InstructorField,
    Person,
    Province,
    RecordState,
    RetrainingRecord,
    SkillStandard,
    TradeField,
    Unit,
    Workshop,
    WorkshopStandard,
    db,
)
from services import inventory_reports, policy
from services.access import Actor, Level
from services.instructors import fit, reading, workload
from services.inventory_reports import Parts, Scope

AGES = (0, 30, 40, 50, 60)  # from so many years on
MOST_GAPS = 200
V = RecordState.VERIFIED


@dataclass(frozen=True)
class Part:
    """One unit or province of a territory, and how many teach there."""

    id: int
    title: str
    count: int


@dataclass(frozen=True)
class Staff:
    """Who teaches in a territory; each mapping counts people, those of whom nothing is verified under None."""

    total: int
    parts: Sequence[Part]
    degrees: dict[Degree | None, int]
    employments: dict[EmploymentKind | None, int]
    ages: dict[int | None, dict[Gender | None, int]]
    retraining: dict[str, int]
    rule: tuple[int, int]


@dataclass(frozen=True)
class Field:
    """A field of the catalog: its standards that workshops here can host, and who teaches in it."""

    title: str
    standards: int
    instructors: int


@dataclass(frozen=True)
class Gap:
    """A field for which a county has workshops and no instructor."""

    county: str
    field: str
    standards: int


def scope(actor: Actor, *, unit_id: int | None = None, province_id: int | None = None) -> Scope:
    """The part of the actor's territory that is asked for, or all of it.

    Raises:
        NotAllowed: somebody of a center who does not write its instructors.
        NotFound, OutsideTerritory: no such unit or province, or not theirs.
    """
    reading.may_look(actor)
    found = inventory_reports.scope(actor, unit_id=unit_id, province_id=province_id)
    if actor.level is Level.CENTER and not unit_id:
        return replace(found, units=reading.kept_units(actor))
    return found


# -- Who teaches -------------------------------------------------------------------


def staff(here: Scope) -> Staff:
    """Two queries beside the rule, however large the territory."""
    rule, today = workload.retraining_rule(here.unit), policy.today()
    people = select(Instructor.person_id.label("id")).where(*teaching(here)).distinct().subquery()
    rank = {degree: at for at, degree in enumerate(Degree)}
    highest = func.max(case(*((EducationRecord.degree == degree, at) for degree, at in rank.items())))
    since = fit.years_before(today, rule[1])
    recent = and_(RetrainingRecord.ended_on > since, RetrainingRecord.ended_on <= today)
    found = _tallies(
        degree=_of_each(people, EducationRecord, highest),
        job=_jobs(people, today),
        hours=_of_each(people, RetrainingRecord, func.sum(RetrainingRecord.hours), recent),
        age=_ages(people, today),
    )
    degrees = {None if at is None else list(Degree)[int(at)]: count for (at, _), count in found["degree"].items()}
    jobs = {job: count for (job, _), count in found["job"].items()}
    return Staff(
        total=sum(degrees.values()),
        parts=_parts(here),
        degrees={key: degrees[key] for key in (*Degree, None) if key in degrees},
        employments={key: jobs[key] for key in (*EmploymentKind, None) if key in jobs},
        ages=_by_age(found["age"]),
        retraining=_banded(found["hours"], rule[0]),
        rule=rule,
    )


def teaching(here: Scope) -> list[ColumnElement[bool]]:
    """SQL: active instructors of a territory."""
    mine: ColumnElement[bool] = true()
    if here.units:
        mine = Instructor.unit_id.in_(here.units)
    elif here.provinces:
        mine = Instructor.province_id.in_(here.provinces)
    return [Instructor.is_active.is_(True), mine]


def _of_each(people: Any, record: Any, measure: Any, where: ColumnElement[bool] | None = None) -> Select[Any]:
    """A measure of the verified rows of each person; None of who has none."""
    held = and_(record.person_id == people.c.id, record.state == V, true() if where is None else where)
    return select(people.c.id, measure.label("value")).outerjoin(record, held).group_by(people.c.id)


def _jobs(people: Any, on: date) -> Select[Any]:
    """The job that each person has now; of several the newest."""
    job = (
        select(EmploymentRecord.employment)
        .where(EmploymentRecord.person_id == people.c.id, EmploymentRecord.state == V, EmploymentRecord.hired_on <= on)
        .where(or_(EmploymentRecord.ended_on.is_(None), EmploymentRecord.ended_on >= on))
        .order_by(EmploymentRecord.hired_on.desc(), EmploymentRecord.id.desc())
        .limit(1)
    )
    return select(people.c.id, job.correlate(people).scalar_subquery().label("value"))


Tally = dict[tuple[str | None, str | None], int]  # how many people have a value, and with it another


def _tallies(**named: Select[Any]) -> dict[str, Tally]:
    """How many people have each value of each kind, as text; one statement for all of them."""
    parts = []
    for name, values in named.items():
        each = values.subquery()
        other = each.c.gender if "gender" in each.c else None
        grouped = [each.c.value] if other is None else [each.c.value, other]
        shown = [cast(column, String) for column in (each.c.value, null() if other is None else other)]
        parts.append(select(literal(name), *shown, func.count()).group_by(*grouped))
    found: dict[str, Tally] = {name: {} for name in named}
    for row in db.session.execute(union_all(*parts)):
        name, value, other_value, count = tuple(row)
        found[name][value, other_value] = count
    return found


def _ages(people: Any, today: date) -> Select[Any]:
    """The age of each person in bands, None without a birth date, and the gender."""
    bands = [(Person.birth_date <= fit.years_before(today, years), years) for years in reversed(AGES[1:])]
    band = case((Person.birth_date.is_(None), None), *bands, else_=0)
    return select(band.label("value"), Person.gender).join(people, people.c.id == Person.id)


def _by_age(tally: Tally) -> dict[int | None, dict[Gender | None, int]]:
    """By age, from the youngest, and gender; who has no birth date under None."""
    found: dict[int | None, dict[Gender | None, int]] = {}
    for (age, gender), count in tally.items():
        found.setdefault(int(age) if age else None, {})[Gender(gender) if gender else None] = count
    return {age: found[age] for age in (*AGES, None) if age in found}


def _banded(hours: Tally, needed: int) -> dict[str, int]:
    """People by how far their retraining goes: nothing, less than is asked for, or enough."""
    found = {"none": 0, "some": 0, "enough": 0}
    for (value, _), count in hours.items():
        has = int(value or 0)
        found["enough" if has >= needed and has else "some" if has else "none"] += count
    return found


def _parts(here: Scope) -> list[Part]:
    """The provinces or units of a territory with how many teach there, those without anybody too."""
    count = func.count(distinct(Instructor.person_id))
    joined = and_(Instructor.unit_id == Unit.id, Instructor.is_active)
    kinds = Unit.kind.in_(reading.HAVE_INSTRUCTORS)
    if here.parts is Parts.PROVINCES:
        query = select(Province.id, Province.title, count).join(Unit, Unit.province_id == Province.id)
        query = query.outerjoin(Instructor, joined).where(kinds)
        query = query.group_by(Province.id, Province.title, Province.title_sort).order_by(Province.title_sort)
    else:
        query = select(Unit.id, Unit.title, count).outerjoin(Instructor, joined).where(here.holders(), kinds)
        query = query.where(or_(Unit.is_active, Instructor.id.is_not(None)))
        query = query.group_by(Unit.id, Unit.title, Unit.title_sort).order_by(Unit.title_sort, Unit.id)
    return [Part(*row) for row in db.session.execute(query)]


# -- What is taught ----------------------------------------------------------------


def coverage(here: Scope) -> list[Field]:
    """The fields that workshops here can host or somebody here teaches, first those without anybody; two queries."""
    hosted = (
        select(TradeField.id, TradeField.title, TradeField.title_sort, func.count(distinct(SkillStandard.id)))
        .join(SkillStandard, SkillStandard.field_id == TradeField.id)
        .join(WorkshopStandard, WorkshopStandard.standard_id == SkillStandard.id)
        .join(Workshop, Workshop.id == WorkshopStandard.workshop_id)
        .join(Unit, Unit.id == Workshop.unit_id)
        .where(here.holders(), Workshop.is_active)
        .group_by(TradeField.id, TradeField.title, TradeField.title_sort)
    )
    taught = (
        select(TradeField.id, TradeField.title, TradeField.title_sort, func.count(distinct(Instructor.person_id)))
        .join(InstructorField, InstructorField.field_id == TradeField.id)
        .join(Instructor, Instructor.id == InstructorField.instructor_id)
        .where(*teaching(here))
        .group_by(TradeField.id, TradeField.title, TradeField.title_sort)
    )
    standards = {row[0]: row for row in db.session.execute(hosted)}
    people = {row[0]: row for row in db.session.execute(taught)}
    found = {**standards, **people}
    order = sorted(found.values(), key=lambda row: (row[0] in people, row[2], row[0]))
    counts = [(row[1], standards.get(row[0]), people.get(row[0])) for row in order]
    return [Field(title, one[3] if one else 0, two[3] if two else 0) for title, one, two in counts]


def gaps(here: Scope, most: int = MOST_GAPS) -> list[Gap]:
    """Fields for which a county has workshops and nobody who teaches; one query, one more of them than `most`."""
    teachers = (
        select(InstructorField.id)
        .join(Instructor, Instructor.id == InstructorField.instructor_id)
        .join(home := Unit.__table__.alias("home"), home.c.id == Instructor.unit_id)
        .where(Instructor.is_active, InstructorField.field_id == TradeField.id, home.c.county_id == County.id)
    )
    query = (
        select(County.title, TradeField.title, func.count(distinct(SkillStandard.id)))
        .join(Unit, Unit.county_id == County.id)
        .join(Workshop, Workshop.unit_id == Unit.id)
        .join(WorkshopStandard, WorkshopStandard.workshop_id == Workshop.id)
        .join(SkillStandard, SkillStandard.id == WorkshopStandard.standard_id)
        .join(TradeField, TradeField.id == SkillStandard.field_id)
        .where(here.holders(), Workshop.is_active, ~teachers.exists())
        .group_by(County.id, County.title, County.title_sort, TradeField.id, TradeField.title, TradeField.title_sort)
        .order_by(County.title_sort, County.id, TradeField.title_sort, TradeField.id)
        .limit(most + 1)
    )
    return [Gap(*row) for row in db.session.execute(query)]
