"""What is asked for in a territory, counted by standard and county; who asked is nobody's to read.

Source: docs/rules.md R-410.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, or_, select, true

from models import (
    UNDER_WAY,
    County,
    Course,
    CourseDemand,
    CourseStatus,
    DemandState,
    Province,
    Shift,
    SkillStandard,
    Trigger,
    db,
    utcnow,
)
from services import jalali
from services.access import Actor, Level
from services.errors import NotFound, OutsideTerritory

MOST = 100


@dataclass(frozen=True)
class Wanted:
    """How many wait for a standard in a county or province, since when, with which shifts; `coming` are courses on
    their way there.
    """

    standard_id: int
    place_id: int
    standard_code: str
    title: str
    place_title: str
    people: int
    since: datetime | None
    shifts: dict[Shift, int]
    coming: int


@dataclass(frozen=True)
class _By:
    """Where people are counted together: the column of the demand, of a course, and the table of the places."""

    place: Any
    of_course: Any
    table: Any


_COUNTY = _By(CourseDemand.county_id, Course.county_id, County)
_PROVINCE = _By(CourseDemand.province_id, Course.province_id, Province)


def of_country(province_id: int | None = None) -> tuple[list[Wanted], list[tuple[int, str]]]:
    """What most people wait for in each province, or in the counties of one; and the provinces to choose from.

    Source: docs/rules.md R-424.
    """
    provinces = db.session.execute(select(Province.id, Province.title).order_by(Province.title)).all()
    where = [CourseDemand.state == DemandState.OPEN]
    if province_id is None:
        return _wanted(_PROVINCE, *where), [(row.id, row.title) for row in provinces]
    rows = _wanted(_COUNTY, *where, CourseDemand.province_id == province_id)
    return rows, [(row.id, row.title) for row in provinces]


def listing(actor: Actor, county_id: int | None = None) -> tuple[list[Wanted], list[tuple[int, str]]]:
    """What most people wait for in the actor's provinces, and the counties to choose from."""
    counties = db.session.execute(
        select(County.id, County.title).where(County.province_id.in_(actor.provinces)).order_by(County.title_sort)
    ).all()
    where = [CourseDemand.province_id.in_(actor.provinces), CourseDemand.state == DemandState.OPEN]
    if county_id is not None:
        where.append(CourseDemand.county_id == county_id)
    return _wanted(_COUNTY, *where), [(row.id, row.title) for row in counties]


def one(actor: Actor, standard_id: int, county_id: int) -> Wanted:
    """A standard in a county; nobody may wait for it any more.

    Raises:
        NotFound: there is no such standard or county. OutsideTerritory: a county of another province.
    """
    row = place(actor, standard_id, county_id)
    where = (CourseDemand.standard_id == standard_id, CourseDemand.county_id == county_id)
    found = _wanted(_COUNTY, *where, CourseDemand.state == DemandState.OPEN)
    return found[0] if found else Wanted(standard_id, county_id, row.code, row.title, row.county_title, 0, None, {}, 0)


def place(actor: Actor, standard_id: int, county_id: int) -> Any:
    """The names of a standard and a county; raises as `one`."""
    names = (SkillStandard.code, SkillStandard.title, County.title.label("county_title"), County.province_id)
    query = select(*names).select_from(SkillStandard).join(County, County.id == county_id)
    row = db.session.execute(query.where(SkillStandard.id == standard_id)).one_or_none()
    if row is None:
        raise NotFound("چنین مهارت یا شهرستانی پیدا نشد.")
    if row.province_id not in actor.provinces:
        raise OutsideTerritory("county", county_id)
    return row


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """How many wait in the actor's provinces, for HQ in all, as a column for the statement of a first page."""
    here = true() if actor.level is Level.HQ else CourseDemand.province_id.in_(actor.provinces)
    where = (here, CourseDemand.state == DemandState.OPEN)
    return {"demand": select(func.count()).select_from(CourseDemand).where(*where).scalar_subquery()}


def _wanted(by: _By, *where: ColumnElement[bool]) -> list[Wanted]:
    place = (CourseDemand.standard_id, by.place)
    names = (SkillStandard.code, SkillStandard.title, by.table.title)
    people = func.count().label("people")
    shifts = [func.sum(case((CourseDemand.shift == shift, 1), else_=0)) for shift in Shift]
    query = select(*place, *names, people, func.min(CourseDemand.created_at), _coming(by), *shifts)
    query = query.join(SkillStandard, SkillStandard.id == CourseDemand.standard_id)
    query = query.join(by.table, by.table.id == by.place).where(*where)
    query = query.group_by(*place, *names).order_by(people.desc(), SkillStandard.title, by.table.title).limit(MOST)
    return [_of(row) for row in db.session.execute(query)]


def _of(row: Any) -> Wanted:
    (standard_id, place_id, code, title, place_title, people, since, coming), shifts = row[:8], row[8:]
    said = {shift: count for shift, count in zip(Shift, shifts, strict=True) if count}
    return Wanted(standard_id, place_id, code, title, place_title, people, since, said, coming)


def _coming(by: _By) -> ScalarSelect[int]:
    """Courses of it that are decided on or to come, and drafts that a demand has led to."""
    drafts = (CourseStatus.DRAFT, CourseStatus.RETURNED)
    on_its_way = or_(
        Course.status.in_(UNDER_WAY) & (Course.start_on > jalali.tehran_today(utcnow())),
        Course.status.in_(drafts) & (Course.start_trigger == Trigger.DEMAND),
    )
    here = (Course.standard_id == CourseDemand.standard_id, by.of_course == by.place)
    return select(func.count()).select_from(Course).where(*here, on_its_way).correlate(CourseDemand).scalar_subquery()
