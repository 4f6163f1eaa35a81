"""The nightly check that the numbers of every item are the sums of its movements."""

from sqlalchemy import func, or_, select, text

from models import EquipmentItem, EquipmentMovement, db
from services import audit

ACTION, SUBJECT = "equipment_checked", "equipment_books"
MOST_NAMED = 20  # ids in the audit row; the count is whole


def differences() -> list[int]:
    """Ids of items whose numbers are not the sums of their movements, in one statement."""
    sums = (
        select(
            EquipmentMovement.item_id,
            func.sum(EquipmentMovement.pieces).label("pieces"),
            func.sum(EquipmentMovement.working).label("working"),
        )
        .group_by(EquipmentMovement.item_id)
        .subquery()
    )
    wrong = or_(
        EquipmentItem.quantity != func.coalesce(sums.c.pieces, 0),
        EquipmentItem.serviceable != func.coalesce(sums.c.working, 0),
    )
    query = select(EquipmentItem.id).outerjoin(sums, sums.c.item_id == EquipmentItem.id)
    return list(db.session.scalars(query.where(wrong).order_by(EquipmentItem.id)))


def check() -> list[int]:
    """Compare and write the result into the audit trail.

    Source: docs/rules.md R-151.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = '30min'"))
    found = differences()
    audit.record(ACTION, SUBJECT, None, count=len(found), items=found[:MOST_NAMED])
    return found


def last_count() -> int | None:
    """How many items the last check found; None before the first."""
    last = audit.newest([SUBJECT]).get(SUBJECT)
    return int(last["count"]) if last else None
