"""Workshops as courses choose them, and whether a workshop has what a standard asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from models import EquipmentItem, Place, StandardRequirement, Workshop, WorkshopStandard, db


@dataclass(frozen=True)
class Shortage:
    """An item of which a workshop has less than a standard asks for."""

    item: str
    needed: int
    present: int


def hosting(unit_id: int, standard_id: int) -> Sequence[Workshop]:
    """The active workshops of a unit that can host a standard, with their places."""
    query = (
        select(Workshop)
        .join(Workshop.place)
        .join(WorkshopStandard, WorkshopStandard.workshop_id == Workshop.id)
        .options(joinedload(Workshop.place))
        .where(
            Workshop.unit_id == unit_id,
            Workshop.is_active,
            Place.is_active,
            WorkshopStandard.standard_id == standard_id,
        )
        .order_by(Place.id, Workshop.id)
    )
    return db.session.scalars(query).all()


def shortages(workshop_id: int, standard_id: int, trainees: int) -> list[Shortage]:
    """What is missing in a workshop for a number of trainees, in one query.

    Source: docs/rules.md R-46.
    """
    present = func.coalesce(func.sum(EquipmentItem.serviceable), 0)
    query = (
        select(
            StandardRequirement.item_name,
            StandardRequirement.quantity,
            StandardRequirement.basis_n,
            present.label("present"),
        )
        .outerjoin(
            EquipmentItem,
            and_(EquipmentItem.workshop_id == workshop_id, EquipmentItem.name_key == StandardRequirement.item_key),
        )
        .where(StandardRequirement.standard_id == standard_id)
        .group_by(StandardRequirement.id)
        .order_by(StandardRequirement.id)
    )
    found = []
    for item, quantity, basis_n, has in db.session.execute(query):
        # A group begun needs its whole set: 16 trainees at one set for each 15 need two.
        needed = quantity * -(-trainees // basis_n)
        if has < needed:
            found.append(Shortage(item, needed, int(has)))
    return found
