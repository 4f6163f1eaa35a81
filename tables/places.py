"""Places, workshops and equipment."""

from __future__ import annotations

import enum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import Model, Name, Pk, choice, fk
from tables.catalog import EquipmentGroup
from tables.foundations import Gender


class PlaceKind(enum.StrEnum):
    BUILDING = "building"
    OUTSIDE = "outside"
    PRISON = "prison"
    BARRACKS = "barracks"
    VILLAGE = "village"
    FACTORY = "factory"
    VIRTUAL = "virtual"


class Place(Model):
    """A building or venue where a unit holds courses."""

    __tablename__ = "place"

    id: Mapped[Pk]
    unit_id: Mapped[int] = fk("unit", index=True)
    province_id: Mapped[int] = fk("province", index=True)
    county_id: Mapped[int | None] = fk("county")
    kind: Mapped[PlaceKind] = mapped_column(choice(PlaceKind, "kind"))
    title: Mapped[Name]
    address: Mapped[str | None] = mapped_column(String(300))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    gender: Mapped[Gender] = mapped_column(choice(Gender, "gender"), default=Gender.MIXED)
    is_active: Mapped[bool] = mapped_column(default=True)


class Workshop(Model):
    """A room of a place; `workstations` is the most trainees it can seat."""

    __tablename__ = "workshop"
    __table_args__ = (CheckConstraint("workstations > 0", name="workstations_positive"),)

    id: Mapped[Pk]
    place_id: Mapped[int] = fk("place", index=True)
    unit_id: Mapped[int] = fk("unit", index=True)
    title: Mapped[Name]
    workstations: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)

    place: Mapped[Place] = relationship(viewonly=True)


class WorkshopStandard(Model):
    """A workshop can host a standard."""

    __tablename__ = "workshop_standard"
    __table_args__ = (UniqueConstraint("workshop_id", "standard_id"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop")
    standard_id: Mapped[int] = fk("skill_standard", index=True)


class EquipmentItem(Model):
    """Equipment of one kind in a workshop."""

    __tablename__ = "equipment_item"
    __table_args__ = (CheckConstraint("serviceable >= 0 AND serviceable <= quantity", name="serviceable_in_quantity"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop", index=True)
    group: Mapped[EquipmentGroup] = mapped_column("item_group", choice(EquipmentGroup, "item_group"))
    name: Mapped[Name]
    name_key: Mapped[Name]
    unit_of_count: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int]
    serviceable: Mapped[int]
