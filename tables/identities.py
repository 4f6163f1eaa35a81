"""What is known of who somebody is beside the person's own row: its history, guardians, mobiles, answers."""

from __future__ import annotations

import enum

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.files import StoredFile
from tables.people import Inquiry, Person, User


class IdentityStep(enum.StrEnum):
    FILLED = "filled"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SETTLED = "settled"


class IdentityEvent(Model):
    """What happened to one field of a person, from which source, and by whom if by a user; never the value itself.

    The territory is where the person enrolled last at that time. Rows are added, never changed.
    """

    __tablename__ = "identity_event"
    __table_args__ = (
        Index("ix_identity_event_person", "person_id", "id"),
        Index("ix_identity_event_province", "province_id", "at"),
        Index("ix_identity_event_at", "at"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    field: Mapped[str] = mapped_column(String(20))
    step: Mapped[IdentityStep] = mapped_column(choice(IdentityStep, "step"))
    source: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = fk("user")
    unit_id: Mapped[int | None] = fk("unit", index=True)
    province_id: Mapped[int | None] = fk("province")
    at: Mapped[Utc]


class InquiryAnswer(Model):
    """What an outside system said, word for word, sealed; it may be erased, and is when its time is over."""

    __tablename__ = "inquiry_answer"

    id: Mapped[Pk]
    inquiry_id: Mapped[int] = fk("inquiry", unique=True)
    sealed: Mapped[str] = mapped_column(String())
    expires_at: Mapped[Utc] = mapped_column(index=True)
    created_at: Mapped[Utc]

    inquiry: Mapped[Inquiry] = relationship(viewonly=True)


class Relation(enum.StrEnum):
    """What a guardian is to a child."""

    FATHER = "father"
    MOTHER = "mother"
    GRANDFATHER = "grandfather"
    APPOINTED = "appointed"


class Guardianship(Model):
    """Who answers for somebody under age; the guardian is a person with a code and a mobile of their own."""

    __tablename__ = "guardianship"
    __table_args__ = (
        CheckConstraint("person_id <> guardian_id", name="two_people"),
        Index(
            "uq_guardianship_standing",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    guardian_id: Mapped[int] = fk("person", index=True)
    relation: Mapped[Relation] = mapped_column(choice(Relation, "relation"))
    document_id: Mapped[int | None] = fk("stored_file")
    recorded_by_id: Mapped[int | None] = fk("user")
    ended_at: Mapped[MaybeUtc]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    guardian: Mapped[Person] = relationship(viewonly=True, foreign_keys=[guardian_id])
    document: Mapped[StoredFile | None] = relationship(viewonly=True)


class MobileChange(Model):
    """A mobile that took the place of another: by its owner after the national window, or by staff with evidence."""

    __tablename__ = "mobile_change"
    __table_args__ = (
        CheckConstraint("actor_id IS NULL OR reason IS NOT NULL", name="staff_has_reason"),
        Index("ix_mobile_change_person", "person_id", "id"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    old_mobile: Mapped[str | None] = mapped_column(String(11))
    new_mobile: Mapped[str | None] = mapped_column(String(11))
    source: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = fk("user")
    unit_id: Mapped[int | None] = fk("unit", index=True)
    document_id: Mapped[int | None] = fk("stored_file")
    reason: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[Utc]

    document: Mapped[StoredFile | None] = relationship(viewonly=True)
    actor: Mapped[User | None] = relationship(viewonly=True)
