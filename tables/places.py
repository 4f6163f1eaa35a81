"""Places and their workshops."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Name, Pk, Utc, choice, fk
from tables.foundations import Gender


class PlaceKind(enum.StrEnum):
    BUILDING = "building"
    OUTSIDE = "outside"
    PRISON = "prison"
    BARRACKS = "barracks"
    VILLAGE = "village"
    FACTORY = "factory"
    VIRTUAL = "virtual"


class Ownership(enum.StrEnum):
    STATE = "state"
    RENTED = "rented"
    LENT = "lent"


class Area(enum.StrEnum):
    URBAN = "urban"
    RURAL = "rural"
    NOMADIC = "nomadic"


class Place(Model):
    """A building or venue where a unit holds courses; `capacity` is of people at once, `area_m2` of floor."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("area_m2 > 0", name="area_positive"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_is_whole"),
        UniqueConstraint("unit_id", "code"),
    )

    id: Mapped[Pk]
    unit_id: Mapped[int] = fk("unit", index=True)
    province_id: Mapped[int] = fk("province", index=True)
    county_id: Mapped[int | None] = fk("county")
    kind: Mapped[PlaceKind] = mapped_column(choice(PlaceKind, "kind"))
    code: Mapped[str | None] = mapped_column(String(20))
    title: Mapped[Name]
    district: Mapped[str | None] = mapped_column(String(80))
    village: Mapped[str | None] = mapped_column(String(80))
    area: Mapped[Area | None] = mapped_column(choice(Area, "area"))
    address: Mapped[str | None] = mapped_column(String(300))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    phone: Mapped[str | None] = mapped_column(String(20))
    area_m2: Mapped[int | None]
    ownership: Mapped[Ownership | None] = mapped_column(choice(Ownership, "ownership"))
    capacity: Mapped[int | None]
    contract_no: Mapped[str | None] = mapped_column(String(60))
    safety_checked_on: Mapped[date | None]
    gender: Mapped[Gender] = mapped_column(choice(Gender, "gender"), default=Gender.MIXED)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Workshop(Model):
    """A room of a place; `workstations` is the most trainees it can seat. `shifts` are joined by commas."""

    __tablename__ = "workshop"
    __table_args__ = (
        CheckConstraint("workstations > 0", name="workstations_positive"),
        CheckConstraint("area_m2 > 0", name="area_positive"),
    )

    id: Mapped[Pk]
    place_id: Mapped[int] = fk("place", index=True)
    unit_id: Mapped[int] = fk("unit", index=True)
    title: Mapped[Name]
    workstations: Mapped[int]
    area_m2: Mapped[int | None]
    has_power: Mapped[bool] = mapped_column(default=True)
    has_water: Mapped[bool] = mapped_column(default=False)
    has_gas: Mapped[bool] = mapped_column(default=False)
    has_ventilation: Mapped[bool] = mapped_column(default=False)
    has_protective_gear: Mapped[bool] = mapped_column(default=False)
    shifts: Mapped[str | None] = mapped_column(String(80))
    responsible_id: Mapped[int | None] = fk("instructor")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    place: Mapped[Place] = relationship(viewonly=True)
    # The one that nobody has ended yet; of those there is one at most.
    downtime: Mapped[WorkshopDowntime | None] = relationship(
        viewonly=True,
        uselist=False,
        primaryjoin="and_(Workshop.id == WorkshopDowntime.workshop_id, WorkshopDowntime.ends_on.is_(None))",
    )


class WorkshopStandard(Model):
    """A workshop can host a standard."""

    __tablename__ = "workshop_standard"
    __table_args__ = (UniqueConstraint("workshop_id", "standard_id"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop")
    standard_id: Mapped[int] = fk("skill_standard", index=True)


class WorkshopDowntime(Model):
    """Days on which a workshop is down for service; without `ends_on` until somebody ends it."""

    __tablename__ = "workshop_downtime"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(
            "uq_workshop_downtime_open",
            "workshop_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop", index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(300))
    begun_by_id: Mapped[int] = fk("user")
    ended_by_id: Mapped[int | None] = fk("user")
    created_at: Mapped[Utc]
    ended_at: Mapped[MaybeUtc]
