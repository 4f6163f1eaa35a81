"""Above which losses, and for which moves, the province decides."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import func, select

from models import EquipmentItem, EquipmentMovement, MovementKind, Unit, db, utcnow
from services import policy

LIMITED = frozenset({MovementKind.WRITTEN_OFF, MovementKind.LOST})
WINDOW = timedelta(days=30)
_PIECES, _RIALS = "equipment_loss_pieces", "equipment_loss_rials"


def loss_waits(item: EquipmentItem, kind: MovementKind, pieces: int) -> bool:
    """Whether the province decides about writing off or losing so many pieces of an item.

    What the unit has let go of the same item in the last thirty days counts in, so that a large loss is not written
    down as several small ones.

    Source: docs/rules.md R-154.
    """
    return kind in LIMITED and bool(losses_wait(item.unit_id, {item: pieces}))


def losses_wait(unit_id: int, losses: Mapping[EquipmentItem, int]) -> set[int]:
    """The ids of those items of a unit of which so many pieces are not lost without the province.

    The number of statements does not grow with the items. Source: docs/rules.md R-154.
    """
    if not losses:
        return set()
    limits = policy.values((_PIECES, _RIALS), db.session.get_one(Unit, unit_id))
    lately = _lately(unit_id, [item.id for item in losses])
    gone = {item: pieces + lately.get(item.id, 0) for item, pieces in losses.items()}
    return {item.id for item, pieces in gone.items() if _is_above(limits, item, pieces)}


def move_waits(from_unit: Unit, to_unit_id: int) -> bool:
    """Whether the province decides about a move to this unit; inside one unit it never does."""
    return to_unit_id != from_unit.id and bool(policy.value("equipment_moves_reviewed", from_unit))


def _is_above(limits: Mapping[str, int | None], item: EquipmentItem, pieces: int) -> bool:
    most_pieces, most_rials = limits[_PIECES], limits[_RIALS]
    too_many = most_pieces is not None and pieces > most_pieces
    too_dear = most_rials is not None and item.price_rials is not None and pieces * item.price_rials > most_rials
    return too_many or too_dear


def _lately(unit_id: int, item_ids: Collection[int]) -> dict[int, int]:
    """The pieces of items that have gone without the province in the last days; what lost none is absent."""
    query = select(EquipmentMovement.item_id, func.sum(-EquipmentMovement.pieces))
    mine = (EquipmentMovement.item_id.in_(item_ids), EquipmentMovement.unit_id == unit_id)
    lately = (EquipmentMovement.kind.in_(LIMITED), EquipmentMovement.at > utcnow() - WINDOW)
    query = query.where(*mine, *lately, EquipmentMovement.request_id.is_(None)).group_by(EquipmentMovement.item_id)
    return {item_id: int(pieces) for item_id, pieces in db.session.execute(query)}
