"""Provinces, units, rules and the words every table is written in."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import Model, Name, Pk, SortKey, choice, fk


class Province(Model):
    """One of the 31 provinces."""

    __tablename__ = "province"

    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(4), unique=True)
    title: Mapped[Name]
    title_sort: Mapped[SortKey]


class County(Model):
    """A county (شهرستان) of a province."""

    __tablename__ = "county"

    id: Mapped[Pk]
    province_id: Mapped[int] = fk("province", index=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    title: Mapped[Name]
    title_sort: Mapped[SortKey]

    province: Mapped[Province] = relationship(viewonly=True)


class UnitKind(enum.StrEnum):
    HQ = "hq"
    DIRECTORATE = "directorate"
    CENTER = "center"
    ACADEMY = "academy"
    COUNTER = "counter"


class Gender(enum.StrEnum):
    FEMALE = "female"
    MALE = "male"
    MIXED = "mixed"


class Unit(Model):
    """HQ, a provincial directorate, a state center, a private academy or a counter office.

    Nobody acts for a unit that is not active; `inactive_reason` says why it was switched off.
    """

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint("kind = 'hq' OR province_id IS NOT NULL", name="province_below_hq"),)

    id: Mapped[Pk]
    parent_id: Mapped[int | None] = fk("unit", index=True)
    province_id: Mapped[int | None] = fk("province", index=True)
    county_id: Mapped[int | None] = fk("county", index=True)
    kind: Mapped[UnitKind] = mapped_column(choice(UnitKind, "kind"))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    title: Mapped[Name]
    title_key: Mapped[Name]
    title_sort: Mapped[SortKey]
    gender: Mapped[Gender] = mapped_column(choice(Gender, "gender"), default=Gender.MIXED)
    phone: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(300))
    office_hours: Mapped[str | None] = mapped_column(String(120))
    is_active: Mapped[bool] = mapped_column(default=True)
    inactive_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)

    province: Mapped[Province | None] = relationship(viewonly=True)
    county: Mapped[County | None] = relationship(viewonly=True)


class Policy(Model):
    """The value of one rule from a day on, for a scope (`*` for all, else a unit kind or a province code)."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("name", "scope", "valid_from"),)

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(20), default="*")
    valid_from: Mapped[date]
    value: Mapped[Any] = mapped_column(JSON)


class Holiday(Model):
    """A day without classes."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("scope", "on_date"),)

    id: Mapped[Pk]
    scope: Mapped[str] = mapped_column(String(20), default="*")
    on_date: Mapped[date]
    title: Mapped[Name]
