"""Trades, skill standards and tariffs."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Name, Pk, Rial, SortKey, choice, fk


class FieldLevel(enum.StrEnum):
    FAMILY = "family"
    CLUSTER = "cluster"
    FIELD = "field"


class TradeField(Model):
    """A family, cluster or field of the trades (رسته، خوشه، رشته)."""

    __tablename__ = "trade_field"

    id: Mapped[Pk]
    parent_id: Mapped[int | None] = fk("trade_field", index=True)
    level: Mapped[FieldLevel] = mapped_column(choice(FieldLevel, "level"))
    title: Mapped[Name]
    title_key: Mapped[Name]
    title_sort: Mapped[SortKey]


class SkillStandard(Model):
    """A skill standard of the catalog; `code` is 15 characters of text without meaning in its parts."""

    __tablename__ = "skill_standard"
    __table_args__ = (CheckConstraint("length(code) = 15", name="code_length"),)

    id: Mapped[Pk]
    field_id: Mapped[int] = fk("trade_field", index=True)
    replaced_by_id: Mapped[int | None] = fk("skill_standard")
    code: Mapped[str] = mapped_column(String(15), unique=True)
    title: Mapped[Name]
    title_key: Mapped[Name]
    title_sort: Mapped[str] = mapped_column(String(400), index=True)
    theory_minutes: Mapped[int] = mapped_column(default=0)
    practice_minutes: Mapped[int] = mapped_column(default=0)
    project_minutes: Mapped[int] = mapped_column(default=0)
    internship_minutes: Mapped[int] = mapped_column(default=0)
    min_education: Mapped[str | None] = mapped_column(String(60))
    prerequisite: Mapped[str | None] = mapped_column(String(200))
    old_code: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(60))
    karodanesh_kind: Mapped[str | None] = mapped_column(String(60))
    instructor_requirement: Mapped[str | None] = mapped_column(String(1000))
    compiled_on: Mapped[date | None]
    retired_at: Mapped[MaybeUtc]

    field: Mapped[TradeField] = relationship(viewonly=True)

    @property
    def total_minutes(self) -> int:
        return self.theory_minutes + self.practice_minutes + self.project_minutes + self.internship_minutes


class EquipmentGroup(enum.StrEnum):
    CAPITAL = "capital"
    TOOL = "tool"
    CONSUMABLE = "consumable"
    PROTECTIVE = "protective"


class StandardRequirement(Model):
    """An item that a standard asks for: `quantity` for each `basis_n` trainees."""

    __tablename__ = "standard_requirement"
    __table_args__ = (CheckConstraint("quantity > 0 AND basis_n > 0", name="positive"),)

    id: Mapped[Pk]
    standard_id: Mapped[int] = fk("skill_standard", index=True)
    group: Mapped[EquipmentGroup] = mapped_column("item_group", choice(EquipmentGroup, "item_group"))
    item_name: Mapped[Name]
    item_key: Mapped[Name]
    quantity: Mapped[int]
    basis_n: Mapped[int]


class StandardTariff(Model):
    """The amount set for one way of teaching a standard, from a day on; `delivery` is one of in_person, virtual,
    electronic.
    """

    __tablename__ = "standard_tariff"
    __table_args__ = (
        CheckConstraint("amount_rials >= 0", name="amount_not_negative"),
        CheckConstraint("delivery IN ('in_person', 'virtual', 'electronic')", name="delivery"),
        UniqueConstraint("standard_id", "valid_from", "delivery"),
    )

    id: Mapped[Pk]
    standard_id: Mapped[int] = fk("skill_standard")
    delivery: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    amount_rials: Mapped[Rial]


class Tariff(Model):
    """The amount of one kind of fee from a day on; the narrowest row that fits wins.

    `*` stands for any unit kind, delivery or target group (its code), and 0 for any income decile.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        CheckConstraint("amount_rials >= 0", name="amount_not_negative"),
        CheckConstraint("decile BETWEEN 0 AND 10", name="decile"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        UniqueConstraint(
            "fee_kind", "unit_kind", "delivery", "target_group", "decile", "valid_from", name="uq_tariff_row"
        ),
    )

    id: Mapped[Pk]
    fee_kind: Mapped[str] = mapped_column(String(30))
    unit_kind: Mapped[str] = mapped_column(String(20), default="*")
    delivery: Mapped[str] = mapped_column(String(20), default="*")
    target_group: Mapped[str] = mapped_column(String(20), default="*")
    decile: Mapped[int] = mapped_column(SmallInteger, default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    amount_rials: Mapped[Rial]
    version: Mapped[int] = mapped_column(default=1)
