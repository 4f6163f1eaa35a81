"""The statements behind every figure about shortages: what is asked for, what works, and what of it meets what."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, case, func, select

from models import EquipmentItem, Place, SkillStandard, StandardRequirement, Workshop, WorkshopStandard
from services.places.lacking.scope import Scope
from services.places.needs import needed_for


def needs(scope: Scope, keys: set[str] | None = None) -> Subquery:
    """What each standard of each workshop in use asks for at its workstations."""
    asked = StandardRequirement
    where = _within(scope) + ([asked.item_key.in_(keys)] if keys is not None else [])
    query = (
        select(
            Workshop.id.label("workshop_id"),
            asked.standard_id.label("standard_id"),
            asked.item_key.label("item_key"),
            func.min(asked.item_name).label("item"),
            func.sum(needed_for(Workshop.workstations)).label("needed"),
        )
        .join(Place, Place.id == Workshop.place_id)
        .join(WorkshopStandard, WorkshopStandard.workshop_id == Workshop.id)
        .join(SkillStandard, SkillStandard.id == WorkshopStandard.standard_id)
        .join(asked, asked.standard_id == SkillStandard.id)
        .where(*where)
        .group_by(Workshop.id, asked.item_key, asked.standard_id)
    )
    return query.subquery()


def each(scope: Scope) -> Subquery:
    """What is asked for and what of it works, by workshop, standard and item."""
    return _beside_stock(needs(scope), scope)


def most(scope: Scope) -> Subquery:
    """The most that any standard of a workshop asks for and what of it works, by workshop and item."""
    return _beside_stock(_most_asked(scope), scope)


def stock_by_item(scope: Scope) -> Subquery:
    """The pieces that work, by item, those of workshops that need none too."""
    query = select(EquipmentItem.name_key.label("item_key"), func.sum(EquipmentItem.serviceable).label("present"))
    return query.where(*_stock_within(scope)).group_by(EquipmentItem.name_key).subquery()


def spare(provinces: Sequence[int], keys: set[str]) -> Subquery:
    """What works beyond a workshop's own need, of these items in these provinces."""
    need = _most_asked(Scope(provinces=tuple(provinces)), keys)
    stock = _stock(EquipmentItem.province_id.in_(provinces), EquipmentItem.name_key.in_(keys))
    pieces = stock.c.present - func.coalesce(need.c.needed, 0)
    own = (need.c.workshop_id == stock.c.workshop_id) & (need.c.item_key == stock.c.item_key)
    query = select(stock.c.workshop_id, stock.c.unit_id, stock.c.item_key, pieces.label("pieces"))
    return query.outerjoin(need, own).where(pieces > 0).subquery()


def above_zero(number: ColumnElement[int]) -> ColumnElement[int]:
    return case((number > 0, number), else_=0)


# -- Support -----------------------------------------------------------------------


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Workshop.is_active.is_(True), Place.is_active.is_(True)]
    found.append(SkillStandard.retired_at.is_(None))
    if scope.provinces:
        found.append(Place.province_id.in_(scope.provinces))
    if scope.units:
        found.append(Workshop.unit_id.in_(scope.units))
    if scope.workshop_id:
        found.append(Workshop.id == scope.workshop_id)
    if scope.standard_id:
        found.append(WorkshopStandard.standard_id == scope.standard_id)
    if scope.item_key:
        found.append(StandardRequirement.item_key == scope.item_key)
    return found


def _most_asked(scope: Scope, keys: set[str] | None = None) -> Subquery:
    """Of one class at a time; the rows come ordered by workshop and item, so nothing is sorted twice."""
    asked = needs(scope, keys)
    item, needed = func.min(asked.c.item).label("item"), func.max(asked.c.needed).label("needed")
    query = select(asked.c.workshop_id, asked.c.item_key, item, needed)
    return query.group_by(asked.c.workshop_id, asked.c.item_key).subquery()


def _beside_stock(asked: Subquery, scope: Scope) -> Subquery:
    stock = _stock(*_stock_within(scope))
    there = (stock.c.workshop_id == asked.c.workshop_id) & (stock.c.item_key == asked.c.item_key)
    return select(asked, func.coalesce(stock.c.present, 0).label("present")).outerjoin(stock, there).subquery()


def _stock(*where: ColumnElement[bool]) -> Subquery:
    """The pieces that work, by workshop and item."""
    query = select(
        EquipmentItem.workshop_id,
        EquipmentItem.unit_id,
        EquipmentItem.name_key.label("item_key"),
        func.sum(EquipmentItem.serviceable).label("present"),
    ).where(*where)
    return query.group_by(EquipmentItem.workshop_id, EquipmentItem.name_key, EquipmentItem.unit_id).subquery()


def _stock_within(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.provinces:
        found.append(EquipmentItem.province_id.in_(scope.provinces))
    if scope.units:
        found.append(EquipmentItem.unit_id.in_(scope.units))
    if scope.workshop_id:
        found.append(EquipmentItem.workshop_id == scope.workshop_id)
    if scope.item_key:
        found.append(EquipmentItem.name_key == scope.item_key)
    return found
