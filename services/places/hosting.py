"""Workshops as courses choose them, which standards they can host, and whether they have what a standard asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Exists, Select, delete, func, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Course, EquipmentItem, Place, SkillStandard, StandardRequirement, Workshop, WorkshopStandard, db
from services import audit, standards
from services.access import Actor
from services.places import keeping, reading
from services.places.keeping import InUse, under_way
from services.places.needs import needed_for
from services.sql import add_once
from services.transaction import atomic


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
        .options(joinedload(Workshop.place), joinedload(Workshop.downtime))
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
    query = _short(workshop_id, standard_id, trainees).order_by(func.min(StandardRequirement.id))
    return [Shortage(item, int(asked), int(has)) for item, asked, has in db.session.execute(query)]


def is_short(workshop_id: Any, standard_id: Any, trainees: Any) -> Exists:
    """SQL: whether anything is missing for these numbers or columns, for a statement that asks for more."""
    return _short(workshop_id, standard_id, trainees).exists()


def _short(workshop_id: Any, standard_id: Any, trainees: Any) -> Select[Any]:
    """The items of which there are too few: name, needed and present."""
    needed = func.sum(needed_for(trainees))
    present = (
        select(func.coalesce(func.sum(EquipmentItem.serviceable), 0))
        .where(EquipmentItem.workshop_id == workshop_id, EquipmentItem.name_key == StandardRequirement.item_key)
        .correlate_except(EquipmentItem)
        .scalar_subquery()
    )
    query = select(func.min(StandardRequirement.item_name), needed, present)
    query = query.where(StandardRequirement.standard_id == standard_id)
    return query.group_by(StandardRequirement.item_key).having(needed > present)


# -- Which standards ---------------------------------------------------------------


def hosted(workshop_id: int) -> Sequence[SkillStandard]:
    """The standards that a workshop can host, by title; retired ones too, because courses may still have them."""
    query = select(SkillStandard).join(WorkshopStandard, WorkshopStandard.standard_id == SkillStandard.id)
    query = query.join(SkillStandard.field).options(contains_eager(SkillStandard.field))
    query = query.where(WorkshopStandard.workshop_id == workshop_id)
    return db.session.scalars(query.order_by(SkillStandard.title_sort, SkillStandard.id)).all()


def add_standard(actor: Actor, workshop_id: int, standard_id: int) -> bool:
    """Say that a workshop can host a standard; False when it has been said.

    Raises:
        NotAllowed: it is not the actor's workshop.
        DomainError: the standard is retired, or there is none.
    """
    with atomic():
        room = reading.changeable_room(actor, workshop_id).workshop
        standard = standards.usable(standard_id)
        if add_once(WorkshopStandard, workshop_id=room.id, standard_id=standard.id) is None:
            return False
        audit.record("workshop_standard_added", "workshop", room.id, actor_id=actor.user_id, code=standard.code)
    return True


def remove_standard(actor: Actor, workshop_id: int, standard_id: int) -> bool:
    """Take it back; False when the workshop does not host it.

    Raises:
        NotAllowed: it is not the actor's workshop.
        InUse: a course of the standard is under way there.
    """
    with atomic():
        room = reading.changeable_room(actor, workshop_id).workshop
        keeping.lock(room)
        found = under_way((Course.workshop_id == room.id) & (Course.standard_id == standard_id))
        if found:
            sentence = "دوره‌ای از این استاندارد در همین کارگاه در جریان است؛ تا پایان آن برداشته نمی‌شود."
            raise InUse(sentence, found, field="standard")
        gone = delete(WorkshopStandard).where(
            WorkshopStandard.workshop_id == room.id, WorkshopStandard.standard_id == standard_id
        )
        if db.session.scalar(gone.returning(WorkshopStandard.id)) is None:
            return False
        code = db.session.scalar(select(SkillStandard.code).where(SkillStandard.id == standard_id))
        audit.record("workshop_standard_removed", "workshop", room.id, actor_id=actor.user_id, code=code)
    return True
