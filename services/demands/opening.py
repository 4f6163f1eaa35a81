"""From a demand to a course: a draft in a unit that can host it, which that unit completes and sends.

Source: docs/rules.md R-412.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload

from models import County, Place, Role, Trigger, Unit, Workshop, WorkshopStandard, db
from services import submissions
from services.access import Actor, Level
from services.courses import making, reading
from services.demands.reading import place
from services.errors import DomainError, NotAllowed
from services.transaction import atomic

PLANS = (Role.PLANNER, Role.REVIEWER)


@dataclass(frozen=True)
class Host:
    """A unit with workshops for a standard."""

    unit_id: int
    title: str
    county_title: str | None
    is_here: bool
    workshops: int


def may_open(actor: Actor) -> bool:
    """Planners and reviewers of a province for its units, clerks and managers for their own."""
    if actor.level is Level.PROVINCE:
        return actor.has(*PLANS)
    return bool(reading.units_of_staff(actor))


def hosts(actor: Actor, standard_id: int, county_id: int) -> list[Host]:
    """The units that the actor could let hold it, those of the county first."""
    is_here = case((Unit.county_id == county_id, 0), else_=1)
    names = (Unit.id, Unit.title, County.title.label("county_title"), Unit.county_id)
    query = (
        select(*names, func.count(Workshop.id).label("workshops"))
        .join(Place, Place.unit_id == Unit.id)
        .join(Workshop, Workshop.place_id == Place.id)
        .join(WorkshopStandard, WorkshopStandard.workshop_id == Workshop.id)
        .outerjoin(County, County.id == Unit.county_id)
        .where(WorkshopStandard.standard_id == standard_id, Workshop.is_active, Unit.is_active, _reach(actor))
        .group_by(*names, Unit.title_sort)
        .order_by(is_here, Unit.title_sort)
        .limit(30)
    )
    rows = db.session.execute(query).all()
    return [Host(row.id, row.title, row.county_title, row.county_id == county_id, row.workshops) for row in rows]


def _reach(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.PROVINCE:
        provinces = actor.acting(*PLANS).provinces
        return Unit.province_id.in_(provinces) & Unit.kind.in_(reading.HAVE_COURSES)
    return Unit.id.in_(reading.units_of_staff(actor))


def open_course(actor: Actor, wanted: tuple[int, int], unit_id: int | None, form_key: str) -> tuple[int, str]:
    """A draft of a standard that a county wants (their ids); its number and the unit's title.

    The same form again finds the first.

    Raises:
        NotAllowed: the actor opens no courses. DomainError: no unit that can host it is chosen, or a retired standard.
        NotFound, OutsideTerritory: as `reading.one`.
    """
    if not may_open(actor):
        raise NotAllowed("ساختن دوره از نیاز کار کارشناس برنامه‌ریزی یا بررس استان و کارشناس مرکز است.")
    standard_id, county_id = wanted
    place(actor, standard_id, county_id)
    with atomic():
        chosen = next((host for host in hosts(actor, standard_id, county_id) if host.unit_id == unit_id), None)
        if chosen is None:
            raise DomainError("واحدی را انتخاب کنید که دوره در آن برگزار شود", field="unit")
        key = submissions.for_choice(form_key, f"demand {standard_id} {county_id} {unit_id}")
        earlier = submissions.begin(key, actor.user_id)
        if earlier is not None:
            return submissions.id_of(earlier, "course"), chosen.title
        names = [joinedload(Unit.county), joinedload(Unit.province)]
        unit = db.session.get_one(Unit, chosen.unit_id, options=names, populate_existing=True)
        return making.open_for(actor, unit, standard_id, key, Trigger.DEMAND).id, chosen.title
