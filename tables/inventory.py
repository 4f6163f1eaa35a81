"""Equipment and what happened to it: movements, moves between workshops, counts, service, waiting requests."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Name, Pk, Rial, SortKey, Utc, choice, fk
from tables.catalog import EquipmentGroup
from tables.files import StoredFile
from tables.places import Workshop


class Source(enum.StrEnum):
    PURCHASE = "purchase"
    ALLOCATION = "allocation"
    DONATION = "donation"
    MADE = "made"
    LENT = "lent"


class Condition(enum.StrEnum):
    NEW = "new"
    GOOD = "good"
    WORN = "worn"
    POOR = "poor"


class EquipmentItem(Model):
    """Equipment of one kind in one workshop.

    `quantity` (all pieces) and `serviceable` (those that work) are the sums of its movements and are written with them
    only. What is moved whole keeps its row, so the label printed on it, which is made from the id, stays true.
    `asset_tag` is a property number it had before; `price_rials` is of one piece; `service_every_days` makes a plan.
    """

    __tablename__ = "equipment_item"
    __table_args__ = (
        CheckConstraint("serviceable >= 0 AND serviceable <= quantity", name="serviceable_in_quantity"),
        CheckConstraint("price_rials >= 0", name="price_not_negative"),
        CheckConstraint("service_every_days > 0", name="service_every_positive"),
        Index("ix_equipment_item_unit", "unit_id", "name_sort", "id"),
        Index("ix_equipment_item_province", "province_id", "name_key"),
        Index("ix_equipment_item_next_service", "unit_id", "next_service_on"),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop", index=True)
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    group: Mapped[EquipmentGroup] = mapped_column("item_group", choice(EquipmentGroup, "item_group"))
    name: Mapped[Name]
    name_key: Mapped[Name]
    name_sort: Mapped[SortKey]
    model: Mapped[str | None] = mapped_column(String(120))
    serial: Mapped[str | None] = mapped_column(String(80))
    asset_tag: Mapped[str | None] = mapped_column(String(40), index=True)
    unit_of_count: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int]
    serviceable: Mapped[int]
    acquired_on: Mapped[date | None]
    source: Mapped[Source | None] = mapped_column(choice(Source, "source"))
    price_rials: Mapped[Rial | None]
    condition: Mapped[Condition | None] = mapped_column(choice(Condition, "condition"))
    service_every_days: Mapped[int | None]
    last_service_on: Mapped[date | None]
    next_service_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(500))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    workshop: Mapped[Workshop] = relationship(viewonly=True)


class MovementKind(enum.StrEnum):
    RECEIVED = "received"
    SENT = "sent"
    ARRIVED = "arrived"
    RETURNED = "returned"
    REPAIRED = "repaired"
    BROKEN = "broken"
    CONSUMED = "consumed"
    WRITTEN_OFF = "written_off"
    FOUND = "found"
    LOST = "lost"


# Which way each kind may change the pieces and the serviceable ones; the database holds every row to it.
_IN = "('received', 'arrived', 'returned', 'found')"
_OUT = "('sent', 'consumed', 'written_off', 'lost')"
_SIGNS = (
    f"(kind IN {_IN} AND pieces > 0 AND working BETWEEN 0 AND pieces) OR "
    f"(kind IN {_OUT} AND pieces < 0 AND working BETWEEN pieces AND 0) OR "
    "(kind = 'repaired' AND pieces = 0 AND working > 0) OR (kind = 'broken' AND pieces = 0 AND working < 0)"
)


class EquipmentMovement(Model):
    """One change of an item: `pieces` is added to its quantity and `working` to its serviceable ones.

    Rows are added, never changed; what was wrong is put right by another row. `happened_on` is the day the person says,
    `at` when it was written; nobody wrote the opening stock of books that were begun before there were movements.
    """

    __tablename__ = "equipment_movement"
    __table_args__ = (
        CheckConstraint(_SIGNS, name="signs"),
        Index("ix_equipment_movement_item", "item_id", "id"),
        Index("ix_equipment_movement_unit", "unit_id", "at"),
    )

    id: Mapped[Pk]
    item_id: Mapped[int] = fk("equipment_item")
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    kind: Mapped[MovementKind] = mapped_column(choice(MovementKind, "kind"))
    pieces: Mapped[int]
    working: Mapped[int]
    happened_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    document_id: Mapped[int | None] = fk("stored_file")
    transfer_id: Mapped[int | None] = fk("equipment_transfer", index=True)
    stocktake_id: Mapped[int | None] = fk("stocktake", index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("equipment_request.id"), unique=True)
    user_id: Mapped[int | None] = fk("user")
    at: Mapped[Utc]

    item: Mapped[EquipmentItem] = relationship(viewonly=True)


class TransferState(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EquipmentTransfer(Model):
    """Pieces on their way from one workshop to another; while `waiting`, the province decides and nothing has moved.

    `to_item_id` is the same item when all of it moved. What arrives may be less than what was sent: the rest comes
    back to the sender's books as a movement of its own.
    """

    __tablename__ = "equipment_transfer"
    __table_args__ = (
        CheckConstraint("pieces > 0 AND working BETWEEN 0 AND pieces", name="pieces_positive"),
        CheckConstraint("from_workshop_id <> to_workshop_id", name="two_workshops"),
        Index("ix_equipment_transfer_from", "from_unit_id", "state", "id"),
        Index("ix_equipment_transfer_to", "to_unit_id", "state", "id"),
        Index("ix_equipment_transfer_province", "province_id", "state", "id"),
        Index(
            "ix_equipment_transfer_decided",
            "province_id",
            "decided_at",
            "id",
            sqlite_where=text("decided_at IS NOT NULL"),
            postgresql_where=text("decided_at IS NOT NULL"),
        ),
    )

    id: Mapped[Pk]
    item_id: Mapped[int] = fk("equipment_item", index=True)
    to_item_id: Mapped[int | None] = fk("equipment_item")
    from_workshop_id: Mapped[int] = fk("workshop")
    to_workshop_id: Mapped[int] = fk("workshop")
    from_unit_id: Mapped[int] = fk("unit")
    to_unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    pieces: Mapped[int]
    working: Mapped[int]
    state: Mapped[TransferState] = mapped_column(choice(TransferState, "state"))
    happened_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    document_id: Mapped[int | None] = fk("stored_file")
    asked_by_id: Mapped[int] = fk("user")
    created_at: Mapped[Utc]
    decided_by_id: Mapped[int | None] = fk("user")
    decided_at: Mapped[MaybeUtc]
    decision: Mapped[str | None] = mapped_column(String(300))
    settled_by_id: Mapped[int | None] = fk("user")
    settled_at: Mapped[MaybeUtc]
    note: Mapped[str | None] = mapped_column(String(300))

    item: Mapped[EquipmentItem] = relationship(viewonly=True, foreign_keys=[item_id])
    from_workshop: Mapped[Workshop] = relationship(viewonly=True, foreign_keys=[from_workshop_id])
    to_workshop: Mapped[Workshop] = relationship(viewonly=True, foreign_keys=[to_workshop_id])
    document: Mapped[StoredFile | None] = relationship(viewonly=True)


class RequestState(enum.StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class EquipmentRequest(Model):
    """A movement above the limit of the policy: it happens when the province says so, and not before."""

    __tablename__ = "equipment_request"
    __table_args__ = (
        CheckConstraint(_SIGNS, name="signs"),
        Index("ix_equipment_request_province", "province_id", "state", "id"),
        Index("ix_equipment_request_unit", "unit_id", "state", "id"),
        Index(
            "ix_equipment_request_decided",
            "province_id",
            "decided_at",
            "id",
            sqlite_where=text("decided_at IS NOT NULL"),
            postgresql_where=text("decided_at IS NOT NULL"),
        ),
    )

    id: Mapped[Pk]
    item_id: Mapped[int] = fk("equipment_item", index=True)
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    kind: Mapped[MovementKind] = mapped_column(choice(MovementKind, "kind"))
    pieces: Mapped[int]
    working: Mapped[int]
    happened_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    document_id: Mapped[int | None] = fk("stored_file")
    stocktake_id: Mapped[int | None] = fk("stocktake")
    state: Mapped[RequestState] = mapped_column(choice(RequestState, "state"), default=RequestState.WAITING)
    asked_by_id: Mapped[int] = fk("user")
    created_at: Mapped[Utc]
    decided_by_id: Mapped[int | None] = fk("user")
    decided_at: Mapped[MaybeUtc]
    decision: Mapped[str | None] = mapped_column(String(300))

    item: Mapped[EquipmentItem] = relationship(viewonly=True)
    document: Mapped[StoredFile | None] = relationship(viewonly=True)


class StocktakeState(enum.StrEnum):
    OPEN = "open"
    COUNTED = "counted"
    CLOSED = "closed"
    DROPPED = "dropped"


class Stocktake(Model):
    """A count of everything in one workshop; one at a time. `counted` waits for the manager, who closes it."""

    __tablename__ = "stocktake"
    __table_args__ = (
        Index(
            "uq_stocktake_open",
            "workshop_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'counted')"),
            postgresql_where=text("state IN ('open', 'counted')"),
        ),
        Index("ix_stocktake_unit", "unit_id", "state", "id"),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshop")
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    state: Mapped[StocktakeState] = mapped_column(choice(StocktakeState, "state"), default=StocktakeState.OPEN)
    note: Mapped[str | None] = mapped_column(String(300))
    opened_by_id: Mapped[int] = fk("user")
    opened_at: Mapped[Utc]
    counted_by_id: Mapped[int | None] = fk("user")
    counted_at: Mapped[MaybeUtc]
    closed_by_id: Mapped[int | None] = fk("user")
    closed_at: Mapped[MaybeUtc]

    workshop: Mapped[Workshop] = relationship(viewonly=True)


class StocktakeCount(Model):
    """One count of one item; the last one of an item stands. `count_key` is made on the device, so that a count that is
    sent again is one row. `book_*` is what the books said when it came in.
    """

    __tablename__ = "stocktake_count"
    __table_args__ = (
        CheckConstraint("serviceable BETWEEN 0 AND quantity", name="serviceable_in_quantity"),
        Index("ix_stocktake_count_item", "stocktake_id", "item_id", "id"),
    )

    id: Mapped[Pk]
    stocktake_id: Mapped[int] = fk("stocktake")
    item_id: Mapped[int] = fk("equipment_item")
    count_key: Mapped[str] = mapped_column(String(36), unique=True)
    quantity: Mapped[int]
    serviceable: Mapped[int]
    book_quantity: Mapped[int]
    book_serviceable: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(200))
    counted_by_id: Mapped[int] = fk("user")
    at: Mapped[Utc]

    item: Mapped[EquipmentItem] = relationship(viewonly=True)


class ServiceKind(enum.StrEnum):
    SERVICE = "service"
    REPAIR = "repair"
    INSPECTION = "inspection"
    CALIBRATION = "calibration"


class ServiceRecord(Model):
    """A service that was done to an item."""

    __tablename__ = "service_record"
    __table_args__ = (CheckConstraint("cost_rials >= 0", name="cost_not_negative"),)

    id: Mapped[Pk]
    item_id: Mapped[int] = fk("equipment_item", index=True)
    kind: Mapped[ServiceKind] = mapped_column(choice(ServiceKind, "kind"))
    done_on: Mapped[date]
    done_by: Mapped[str] = mapped_column(String(120))
    cost_rials: Mapped[Rial | None]
    note: Mapped[str | None] = mapped_column(String(500))
    document_id: Mapped[int | None] = fk("stored_file")
    user_id: Mapped[int] = fk("user")
    at: Mapped[Utc]
