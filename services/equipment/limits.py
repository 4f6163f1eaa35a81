"""Above which losses, and for which moves, the province decides."""

from datetime import timedelta

from sqlalchemy import func, select

from models import EquipmentItem, EquipmentMovement, MovementKind, Unit, db, utcnow
from services import policy

LIMITED = frozenset({MovementKind.WRITTEN_OFF, MovementKind.LOST})
WINDOW = timedelta(days=30)


def loss_waits(item: EquipmentItem, kind: MovementKind, pieces: int) -> bool:
    """Whether the province decides about writing off or losing so many pieces of an item.

    What the unit has let go of the same item in the last thirty days counts in, so that a large loss is not written
    down as several small ones.

    Source: docs/rules.md R-154.
    """
    if kind not in LIMITED:
        return False
    unit = db.session.get_one(Unit, item.unit_id)
    most_pieces, most_rials = policy.value("equipment_loss_pieces", unit), policy.value("equipment_loss_rials", unit)
    gone = pieces + _lately(item)
    too_many = most_pieces is not None and gone > most_pieces
    too_dear = most_rials is not None and item.price_rials is not None and gone * item.price_rials > most_rials
    return too_many or too_dear


def move_waits(from_unit: Unit, to_unit_id: int) -> bool:
    """Whether the province decides about a move to this unit; inside one unit it never does."""
    return to_unit_id != from_unit.id and bool(policy.value("equipment_moves_reviewed", from_unit))


def _lately(item: EquipmentItem) -> int:
    """The pieces that have gone without the province in the last days."""
    mine = (EquipmentMovement.item_id == item.id, EquipmentMovement.unit_id == item.unit_id)
    lately = (EquipmentMovement.kind.in_(LIMITED), EquipmentMovement.at > utcnow() - WINDOW)
    query = select(func.coalesce(func.sum(-EquipmentMovement.pieces), 0))
    return int(db.session.scalar(query.where(*mine, *lately, EquipmentMovement.request_id.is_(None))) or 0)
