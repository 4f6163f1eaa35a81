"""What the filters of the lists of courses offer to whom."""

from dataclasses import dataclass, field

from sqlalchemy import literal, select, union_all

from models import County, FieldLevel, Province, TradeField, Unit, db
from services.access import Actor, Level
from services.catalog.kept import for_a_minute
from services.courses.reading import HAVE_COURSES

MOST_UNITS = 40  # beyond that a unit is found by its name
# Which list of `Choices` a part of what is wanted is chosen from.
LISTS = {"province": "provinces", "county": "counties", "unit": "units", "trade": "trades"}


@dataclass(frozen=True)
class Choices:
    """By kind (id, title); a list is empty where there is nothing to choose, or too much."""

    provinces: list[tuple[int, str]] = field(default_factory=list)
    counties: list[tuple[int, str]] = field(default_factory=list)
    units: list[tuple[int, str]] = field(default_factory=list)
    trades: list[tuple[int, str]] = field(default_factory=list)


def choices(actor: Actor) -> Choices:
    """Fields for everybody; provinces for HQ, counties and units for a province, units for who has several.

    One query, and for a minute none.
    """
    place = actor.provinces if actor.level is Level.PROVINCE else actor.units if actor.level is Level.CENTER else ()
    return for_a_minute(("lists", actor.level.value, *place), lambda: _choices(actor))


def _choices(actor: Actor) -> Choices:
    trades = select(literal("trades").label("kind"), TradeField.id, TradeField.title, TradeField.title_sort)
    parts = [trades.where(TradeField.level == FieldLevel.FIELD)]
    units = select(literal("units"), Unit.id, Unit.title, Unit.title_sort).where(Unit.kind.in_(HAVE_COURSES))
    if actor.level is Level.HQ:
        parts.append(select(literal("provinces"), Province.id, Province.title, Province.title_sort))
    if actor.level is Level.PROVINCE:
        counties = select(literal("counties"), County.id, County.title, County.title_sort)
        parts += [
            counties.where(County.province_id.in_(actor.provinces)),
            units.where(Unit.province_id.in_(actor.provinces)),
        ]
    if actor.level is Level.CENTER and len(actor.units) > 1:
        parts.append(units.where(Unit.id.in_(actor.units)))
    found = Choices()
    for kind, row_id, title, _ in db.session.execute(union_all(*parts).order_by("title_sort")):
        getattr(found, kind).append((row_id, title))
    return found if len(found.units) <= MOST_UNITS else Choices(found.provinces, found.counties, [], found.trades)
