"""Which places and workshops there are for whom, and who keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from models import (
    County,
    Instructor,
    Person,
    Place,
    PlaceKind,
    Role,
    Unit,
    UnitKind,
    Workshop,
    WorkshopStandard,
    db,
)
from services import text
from services.access import Actor, Level
from services.errors import NotAllowed, NotFound, OutsideTerritory

PAGE = 25
HAVE_PLACES = (UnitKind.CENTER, UnitKind.ACADEMY)
_NOT_KEPT = "مکان‌ها و کارگاه‌ها را کارشناس یا مدیر همان مرکز یا آموزشگاه ثبت می‌کند. چیزی ثبت نشد."


@dataclass(frozen=True)
class Page:
    """Some places of a list with their units, and the id after which the next page begins (None at the end)."""

    places: Sequence[tuple[Place, Unit, int]]  # the number is of the workshops in use
    after: int | None


@dataclass(frozen=True)
class Room:
    """A workshop with what its page shows of others."""

    workshop: Workshop
    place: Place
    unit: Unit
    responsible: str | None


# -- Who ---------------------------------------------------------------------------


def kept_units(actor: Actor) -> tuple[int, ...]:
    """The units whose places this person writes.

    Source: docs/rules.md R-120.
    """
    if actor.level is not Level.CENTER:
        return ()
    held = actor.acting(Role.CLERK, Role.MANAGER).held
    return tuple(sorted({each.unit_id for each in held if each.unit_kind in HAVE_PLACES}))


def own_units(actor: Actor) -> Sequence[Unit]:
    """The same units, by title: whoever has several says for which one a place is.

    Raises:
        NotAllowed: there is none.
    """
    return db.session.scalars(select(Unit).where(Unit.id.in_(keeper(actor))).order_by(Unit.title_sort)).all()


def keeper(actor: Actor) -> tuple[int, ...]:
    """The same units.

    Raises:
        NotAllowed: there is none.
    """
    kept = kept_units(actor)
    if not kept:
        raise NotAllowed(_NOT_KEPT)
    return kept


def may_keep(actor: Actor, unit_id: int | None = None) -> bool:
    """Whether this person writes the places of the unit, or of any when none is given."""
    kept = kept_units(actor)
    return bool(kept) if unit_id is None else unit_id in kept


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: the place lies in the territory."""
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return Place.province_id.in_(actor.provinces)
    return Place.unit_id.in_(actor.units) if actor.level is Level.CENTER else false()


# -- Places ------------------------------------------------------------------------


def listing(actor: Actor, tab: str, words: str = "", *, unit_id: int | None = None, after: int | None = None) -> Page:
    """25 places in the order in which they were made.

    Args:
        tab: "off" for those out of use, a kind for those of it in use, anything else for all in use.
        words: part of a title, a code, a village, or of the unit's title.
        unit_id: of one unit only.
    """
    rooms = select(func.count()).where(Workshop.place_id == Place.id, Workshop.is_active).scalar_subquery()
    query = select(Place, Unit, rooms).join(Unit, Unit.id == Place.unit_id)
    query = query.where(visible_to(actor), Place.is_active == (tab != "off"), *_matching(words))
    if tab in set(PlaceKind):
        query = query.where(Place.kind == PlaceKind(tab))
    if unit_id:
        query = query.where(Place.unit_id == unit_id)
    if after:
        query = query.where(Place.id > after)
    found = db.session.execute(query.order_by(Place.id).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None)


def get(actor: Actor, place_id: int) -> tuple[Place, Unit, County | None]:
    """A place of the actor's territory with its unit and county, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such place, or another territory's.
    """
    query = select(Place, Unit, County, visible_to(actor)).join(Unit, Unit.id == Place.unit_id)
    query = query.outerjoin(County, County.id == Place.county_id).where(Place.id == place_id)
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound("این مکان پیدا نشد.")
    if not row[3]:
        raise OutsideTerritory("place", place_id)
    return row[:3]


def changeable(actor: Actor, place_id: int) -> Place:
    """A place that the actor keeps.

    Raises:
        NotAllowed: it is not the actor's to change; or as `get`.
    """
    place = get(actor, place_id)[0]
    if not may_keep(actor, place.unit_id):
        raise NotAllowed(_NOT_KEPT)
    return place


def unit(actor: Actor, unit_id: int) -> Unit:
    """A unit of the actor's territory, by whose places a list is narrowed.

    Raises:
        NotFound, OutsideTerritory: no such unit, or another territory's.
    """
    found = db.session.get(Unit, unit_id)
    if found is None:
        raise NotFound("این واحد پیدا نشد.")
    if not actor.covers(found.id, found.province_id):
        raise OutsideTerritory("unit", unit_id)
    return found


def counties(unit: Unit) -> Sequence[County]:
    """The counties in which a place of the unit may lie."""
    query = select(County).where(County.province_id == unit.province_id).order_by(County.title_sort)
    return db.session.scalars(query).all()


def _matching(words: str) -> list[ColumnElement[bool]]:
    wanted = text.clean(words)
    if not text.key(wanted):
        return []
    of_unit = Unit.title_key.contains(text.key(wanted), autoescape=True)
    parts = (Place.title.contains(wanted, autoescape=True), Place.village.contains(wanted, autoescape=True))
    return [or_(*parts, Place.code == text.digits(wanted), of_unit)]


# -- Workshops ---------------------------------------------------------------------


def workshops(place_id: int) -> Sequence[tuple[Workshop, int]]:
    """Every workshop of a place with the number of standards that it can host; those in use first."""
    hosts = select(func.count()).where(WorkshopStandard.workshop_id == Workshop.id).scalar_subquery()
    query = select(Workshop, hosts).where(Workshop.place_id == place_id)
    return db.session.execute(query.order_by(Workshop.is_active.desc(), Workshop.id)).all()


def room(actor: Actor, workshop_id: int) -> Room:
    """A workshop of the actor's territory with its place, unit and responsible instructor, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such workshop, or another territory's.
    """
    query = (
        select(Workshop, Place, Unit, Person, visible_to(actor))
        .options(joinedload(Workshop.downtime))
        .join(Place, Place.id == Workshop.place_id)
        .join(Unit, Unit.id == Workshop.unit_id)
        .outerjoin(Instructor, Instructor.id == Workshop.responsible_id)
        .outerjoin(Person, Person.id == Instructor.person_id)
        .where(Workshop.id == workshop_id)
    )
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound("این کارگاه پیدا نشد.")
    if not row[4]:
        raise OutsideTerritory("workshop", workshop_id)
    return Room(row[0], row[1], row[2], row[3].full_name if row[3] else None)


def changeable_room(actor: Actor, workshop_id: int) -> Room:
    """A workshop that the actor keeps.

    Raises:
        NotAllowed: it is not the actor's to change; or as `room`.
    """
    found = room(actor, workshop_id)
    if not may_keep(actor, found.unit.id):
        raise NotAllowed(_NOT_KEPT)
    return found


def teachers(unit_id: int) -> Sequence[Instructor]:
    """The active instructors of a unit, any of whom may be responsible for a workshop, by name."""
    query = select(Instructor).join(Instructor.person).options(contains_eager(Instructor.person))
    query = query.where(Instructor.unit_id == unit_id, Instructor.is_active)
    return db.session.scalars(query.order_by(Person.name_sort, Instructor.id)).all()
