"""Loads what the demo stands on: units, the catalog, workshops and their equipment."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update

from models import (
    CounterContract,
    County,
    EquipmentItem,
    EquipmentMovement,
    FieldLevel,
    MovementKind,
    Place,
    PlaceKind,
    Province,
    ReasonText,
    SkillStandard,
    StandardRequirement,
    TargetGroup,
    TradeField,
    Unit,
    Workshop,
    WorkshopStandard,
    db,
)
from scripts.demo import standards, units, venues
from scripts.reference.lay import HQ_CODE
from scripts.reference.rows import Rows, titles
from services import text

OPENED_ON = date(2026, 3, 21)  # the first day of 1405
CONTRACT = {"contract_no": "1404/231", "valid_from": date(2025, 3, 21), "valid_to": date(2028, 3, 19)}


@dataclass
class Ground:
    """The ids by which later rows name these."""

    provinces: dict[str, int] = field(default_factory=dict)
    province_of: dict[str, str] = field(default_factory=dict)  # of a unit's code, the province's title
    counties: dict[tuple[str, str], int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    standards: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    workshops: dict[tuple[str, str], int] = field(default_factory=dict)


def lay(rows: Rows) -> Ground:
    """Add to what every installation begins with; that is already in the database."""
    ground = Ground()
    _known(ground)
    _units(rows, ground)
    _catalog(rows, ground)
    _workshops(rows, ground)
    return ground


def _known(ground: Ground) -> None:
    places = select(Province.title, Province.id, County.title, County.id).join(County.province)
    for province, province_id, county, county_id in db.session.execute(places):
        ground.provinces[province], ground.counties[province, county] = province_id, county_id
    ground.groups = {code: id_ for code, id_ in db.session.execute(select(TargetGroup.code, TargetGroup.id))}  # noqa: C416
    ground.reasons = {body: id_ for body, id_ in db.session.execute(select(ReasonText.body, ReasonText.id))}  # noqa: C416
    hq = units.unit(HQ_CODE)
    reached = update(Unit).where(Unit.code == hq.code).values(phone=hq.phone, office_hours=hq.office_hours)
    ground.units[hq.code] = db.session.scalars(reached.returning(Unit.id)).one()


def _units(rows: Rows, ground: Ground) -> None:
    for unit in units.units():
        ground.province_of[unit.code] = unit.province or ""
        if unit.code in ground.units:
            continue
        ground.units[unit.code] = rows.add(
            Unit,
            parent_id=ground.units.get(unit.parent_code or ""),
            province_id=ground.provinces.get(unit.province or ""),
            county_id=ground.counties.get((unit.province or "", unit.county or "")),
            kind=unit.kind,
            code=unit.code,
            gender=unit.gender,
            phone=unit.phone,
            address=unit.address,
            office_hours=unit.office_hours,
            **titles(unit.title),
        )
        if unit.kind == "counter":
            rows.add(CounterContract, unit_id=ground.units[unit.code], office_code=f"72-{unit.code}", **CONTRACT)


# -- Catalog -----------------------------------------------------------------------


def _catalog(rows: Rows, ground: Ground) -> None:
    above: dict[tuple[str, ...], int] = {}
    for one in standards.fields():
        family = _tree(rows, above, (one.family,), FieldLevel.FAMILY)
        cluster = _tree(rows, above, (one.family, one.cluster), FieldLevel.CLUSTER, family)
        ground.fields[one.title] = _tree(rows, above, (one.family, one.cluster, one.title), FieldLevel.FIELD, cluster)
    for standard in standards.standards():
        ground.standards[standard.code] = _standard(rows, ground, standard)


def _tree(
    rows: Rows, above: dict[tuple[str, ...], int], path: tuple[str, ...], level: FieldLevel, parent: int | None = None
) -> int:
    if path not in above:
        above[path] = rows.add(TradeField, parent_id=parent, level=level, **titles(path[-1]))
    return above[path]


def _standard(rows: Rows, ground: Ground, standard: standards.Standard) -> int:
    standard_id = rows.add(
        SkillStandard,
        field_id=ground.fields[standard.field.title],
        code=standard.code,
        theory_minutes=standard.theory_minutes,
        practice_minutes=standard.practice_minutes,
        project_minutes=standard.project_minutes,
        internship_minutes=standard.internship_minutes,
        min_education=standard.min_education,
        prerequisite=standards.prerequisite(standard),
        **titles(standard.title),
    )
    for item in standards.requirements(standard):
        rows.add(
            StandardRequirement,
            standard_id=standard_id,
            item_group=item.group,
            item_name=item.name,
            item_key=text.key(item.name),
            quantity=item.quantity,
            basis_n=item.basis_n,
        )
    return standard_id


# -- Workshops ---------------------------------------------------------------------


def _workshops(rows: Rows, ground: Ground) -> None:
    for unit in units.units():
        if not unit.workshops:
            continue
        own = {
            "kind": PlaceKind.BUILDING,
            "title": "ساختمان آموزشی" if unit.kind == "center" else "ساختمان آموزشگاه",
            "address": unit.address,
            "postal_code": unit.postal_code,
            "gender": unit.gender,
        }
        place_id = _place(rows, ground, unit, unit.county or "", own | venues.building(unit))
        ground.places[unit.code] = place_id
        for shop in unit.workshops:
            made = _workshop(rows, ground, unit, shop, place_id)
            ground.workshops[unit.code, shop.kit] = made
            _equip(rows, ground, unit, made, units.equipment(unit, shop))
    for venue in venues.venues():
        unit = units.unit(venue.unit_code)
        place_id = _place(rows, ground, unit, venue.county, venue.values)
        for stand in venue.stands:
            _equip(rows, ground, unit, _workshop(rows, ground, unit, stand.shop, place_id), venues.equipment(stand))


def _place(rows: Rows, ground: Ground, unit: units.Unit, county: str, values: dict[str, Any]) -> int:
    return rows.add(
        Place,
        unit_id=ground.units[unit.code],
        province_id=ground.provinces[unit.province or ""],
        county_id=ground.counties[unit.province or "", county],
        **values,
    )


def _workshop(rows: Rows, ground: Ground, unit: units.Unit, shop: units.Workshop, place_id: int) -> int:
    workshop_id = rows.add(
        Workshop,
        place_id=place_id,
        unit_id=ground.units[unit.code],
        title=shop.title,
        workstations=shop.workstations,
        **venues.workshop(unit.code, shop),
    )
    for standard in standards.standards():
        if standard.field.kit == shop.kit:
            rows.add(WorkshopStandard, workshop_id=workshop_id, standard_id=ground.standards[standard.code])
    return workshop_id


def _equip(rows: Rows, ground: Ground, unit: units.Unit, workshop_id: int, things: tuple[units.Equipment, ...]) -> None:
    owner = {"unit_id": ground.units[unit.code], "province_id": ground.provinces[unit.province or ""]}
    for thing in things:
        item_id = rows.add(
            EquipmentItem,
            workshop_id=workshop_id,
            **owner,
            item_group=thing.item.group,
            name=thing.item.name,
            name_key=text.key(thing.item.name),
            name_sort=text.sort_key(thing.item.name),
            unit_of_count=thing.item.unit_of_count,
            quantity=thing.quantity,
            serviceable=thing.serviceable,
        )
        rows.add(
            EquipmentMovement,
            item_id=item_id,
            **owner,
            kind=MovementKind.RECEIVED,
            pieces=thing.quantity,
            working=thing.serviceable,
            happened_on=OPENED_ON,
            reason="موجودی آغاز دفتر",
        )
