"""What the filters of the public list offer."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import String, cast, literal, select, union_all

from models import County, Course, FieldLevel, Province, TradeField, Unit, db
from services.catalog.kept import for_a_minute
from services.catalog.listing import Search, id_of, listed_where

UNITS_LIMIT = 60


@dataclass(frozen=True)
class Choices:
    """What the filters offer, as (code, title); `units` is None where there are too many to choose from."""

    provinces: list[tuple[str, str]]
    fields: list[tuple[str, str]]
    counties: list[tuple[str, str]]
    units: list[tuple[str, str]] | None


def choices(search: Search, now: datetime) -> Choices:
    """Counties and units are offered once a province is chosen; fields and units only where there are courses."""
    base = for_a_minute(("base",), lambda: _base_choices(now))
    province, county = search.province, search.county
    if province not in (code for code, _ in base.provinces):
        return base
    near = for_a_minute(("near", province), lambda: _counties(province))
    county = county if county in (code for code, _ in near) else ""
    units = for_a_minute(("units", province, county), lambda: _units(province, county, now))
    if units is None and search.unit:
        units = _unit(province, search.unit)
    return Choices(base.provinces, base.fields, near, units)


def within(search: Search, offered: Choices) -> Search:
    """The search without a county or a unit that is left over from another province."""
    county = search.county if search.county in (code for code, _ in offered.counties) else ""
    unit = search.unit if search.unit in (code for code, _ in offered.units or []) else ""
    return replace(search, county=county, unit=unit)


def _base_choices(now: datetime) -> Choices:
    running = select(Course.field_id).where(listed_where(now))
    provinces = select(literal("p").label("kind"), Province.code, Province.title, Province.title_sort)
    fields = select(literal("f"), cast(TradeField.id, String), TradeField.title, TradeField.title_sort).where(
        TradeField.level == FieldLevel.FIELD, TradeField.id.in_(running)
    )
    rows = db.session.execute(union_all(provinces, fields).order_by("title_sort")).all()
    named: dict[str, list[tuple[str, str]]] = {"p": [], "f": []}
    for row in rows:
        named[row.kind].append((row.code, row.title))
    return Choices(named["p"], named["f"], [], [])


def _counties(province: str) -> list[tuple[str, str]]:
    query = (
        select(County.code, County.title)
        .where(County.province_id == id_of(Province, province))
        .order_by(County.title_sort)
    )
    return [(code, title) for code, title in db.session.execute(query)]


def _units(province: str, county: str, now: datetime) -> list[tuple[str, str]] | None:
    running = select(Course.unit_id).where(listed_where(now))
    query = select(Unit.code, Unit.title).where(Unit.province_id == id_of(Province, province), Unit.id.in_(running))
    if county:
        query = query.where(Unit.county_id == id_of(County, county))
    rows = db.session.execute(query.order_by(Unit.title_sort).limit(UNITS_LIMIT + 1)).all()
    return None if len(rows) > UNITS_LIMIT else [(code, title) for code, title in rows]


def _unit(province: str, code: str) -> list[tuple[str, str]] | None:
    query = select(Unit.code, Unit.title).where(Unit.code == code, Unit.province_id == id_of(Province, province))
    return [(code, title) for code, title in db.session.execute(query)] or None
