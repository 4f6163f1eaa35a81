"""Where equipment may be moved to: other workshops of the unit, and those of other centers of the province."""

from collections.abc import Sequence

from sqlalchemy import select

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
    found = db.session.get(Workshop, workshop_id, populate_existing=True)
    allowed = found is not None and found.unit_id in {unit.id for unit in units(item)}
    if found is None or not allowed or found.id not in {each.id for each in workshops(item, found.unit_id)}:
        raise DomainError("کارگاه مقصد را از فهرست انتخاب کنید", field="workshop")
    return found
