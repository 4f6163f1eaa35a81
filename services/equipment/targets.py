"""Where equipment may be moved to: other workshops of the unit, and those of other centers of the province."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import EquipmentItem, Unit, UnitKind, Workshop, db
from services.equipment import reading
from services.errors import DomainError


def units(item: EquipmentItem) -> Sequence[Unit]:
    """The unit of an item first, then the other state centers of its province where it is one itself.

    Source: docs/rules.md R-152.
    """
    own = db.session.get_one(Unit, item.unit_id)
    if own.kind is not UnitKind.CENTER:
        return [own]
    query = select(Unit).where(Unit.kind == UnitKind.CENTER, Unit.province_id == own.province_id, Unit.is_active)
    return [own, *db.session.scalars(query.where(Unit.id != own.id).order_by(Unit.title_sort))]


def workshops(item: EquipmentItem, unit_id: int) -> Sequence[Workshop]:
    """The workshops of a unit in use, without the one that the item is in."""
    return reading.workshops([unit_id], but=item.workshop_id)


def workshop(item: EquipmentItem, workshop_id: int) -> Workshop:
    """The workshop that pieces of an item are to go to.

    Raises:
        DomainError: they cannot go there.
    """
    query = select(Workshop, Unit).join(Unit, Unit.id == Workshop.unit_id).where(Workshop.id == workshop_id)
    query = query.options(joinedload(Workshop.place)).execution_options(populate_existing=True)
    row = db.session.execute(query).first()
    if row is None or not _is_open(item, *row):
        raise DomainError("کارگاه مقصد را از فهرست انتخاب کنید", field="workshop")
    return row[0]


def _is_open(item: EquipmentItem, found: Workshop, unit: Unit) -> bool:
    in_use = found.is_active and found.place.is_active and unit.is_active and found.id != item.workshop_id
    if unit.id == item.unit_id:
        return in_use
    own = db.session.get_one(Unit, item.unit_id)
    both_state = unit.kind is UnitKind.CENTER and own.kind is UnitKind.CENTER
    return in_use and both_state and unit.province_id == own.province_id
