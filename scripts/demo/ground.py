"""Loads what everything stands on: places, units, rules, the catalog, workshops and their equipment."""

from dataclasses import dataclass, field

from models import (
    ApprovalRoute,
    County,
    EquipmentItem,
    FieldLevel,
    Holiday,
    Place,
    PlaceKind,
    Policy,
    Province,
    ReasonText,
    SkillStandard,
    StandardRequirement,
    TargetGroup,
    Tariff,
    TradeField,
    Unit,
    Workshop,
    WorkshopStandard,
)
from scripts.demo import places, rules, standards, units
from scripts.demo.rows import Rows
from services import text


@dataclass
class Ground:
    """The ids by which later rows name these."""

    provinces: dict[str, int] = field(default_factory=dict)
    counties: dict[tuple[str, str], int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    standards: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    workshops: dict[tuple[str, str], int] = field(default_factory=dict)


def lay(rows: Rows) -> Ground:
    ground = Ground()
    _provinces(rows, ground)
    _units(rows, ground)
    _rules(rows, ground)
    _catalog(rows, ground)
    _workshops(rows, ground)
    return ground


def _titles(title: str) -> dict[str, str]:
    return {"title": title, "title_key": text.key(title), "title_sort": text.sort_key(title)}


def _provinces(rows: Rows, ground: Ground) -> None:
    for province in places.provinces():
        sort = text.sort_key(province.title)
        province_id = rows.add(Province, code=province.code, title=province.title, title_sort=sort)
        ground.provinces[province.title] = province_id
        for county in province.counties:
            ground.counties[province.title, county.title] = rows.add(
                County,
                province_id=province_id,
                code=county.code,
                title=county.title,
                title_sort=text.sort_key(county.title),
            )


def _units(rows: Rows, ground: Ground) -> None:
    for unit in units.units():
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
            **_titles(unit.title),
        )


def _rules(rows: Rows, ground: Ground) -> None:
    rows.add(Tariff, fee_kind=rules.FEE_KIND, valid_from=rules.SINCE, amount_rials=rules.FEE_RIALS)
    for unit_kind, setting, levels in rules.ROUTES:
        rows.add(ApprovalRoute, unit_kind=unit_kind, setting=setting, valid_from=rules.SINCE, levels=levels)
    for name, value in rules.POLICIES.items():
        rows.add(Policy, name=name, scope="*", valid_from=rules.SINCE, value=value)
    for day, title in rules.holidays().items():
        rows.add(Holiday, on_date=day, title=title)
    for position, (kind, code, title, body) in enumerate(rules.REASONS):
        ground.reasons[body] = rows.add(ReasonText, kind=kind, code=code, title=title, body=body, position=position)
    for code, title, no_mobile, no_fee, evidence in rules.TARGET_GROUPS:
        ground.groups[code] = rows.add(
            TargetGroup,
            code=code,
            title=title,
            is_mobile_exempt=no_mobile,
            is_fee_exempt=no_fee,
            needs_evidence=evidence,
        )


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
        above[path] = rows.add(TradeField, parent_id=parent, level=level, **_titles(path[-1]))
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
        **_titles(standard.title),
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
        place_id = rows.add(
            Place,
            unit_id=ground.units[unit.code],
            province_id=ground.provinces[unit.province or ""],
            county_id=ground.counties[unit.province or "", unit.county or ""],
            kind=PlaceKind.BUILDING,
            title="ساختمان آموزشی" if unit.kind == "center" else "ساختمان آموزشگاه",
            address=unit.address,
            postal_code=unit.postal_code,
            gender=unit.gender,
        )
        ground.places[unit.code] = place_id
        for shop in unit.workshops:
            ground.workshops[unit.code, shop.kit] = _workshop(rows, ground, unit, shop, place_id)


def _workshop(rows: Rows, ground: Ground, unit: units.Unit, shop: units.Workshop, place_id: int) -> int:
    workshop_id = rows.add(
        Workshop,
        place_id=place_id,
        unit_id=ground.units[unit.code],
        title=shop.title,
        workstations=shop.workstations,
    )
    for standard in standards.standards():
        if standard.field.kit == shop.kit:
            rows.add(WorkshopStandard, workshop_id=workshop_id, standard_id=ground.standards[standard.code])
    for thing in units.equipment(unit, shop):
        rows.add(
            EquipmentItem,
            workshop_id=workshop_id,
            item_group=thing.item.group,
            name=thing.item.name,
            name_key=text.key(thing.item.name),
            unit_of_count=thing.item.unit_of_count,
            quantity=thing.quantity,
            serviceable=thing.serviceable,
        )
    return workshop_id
