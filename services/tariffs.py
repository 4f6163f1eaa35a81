"""What things cost on a day; amounts are whole rials."""

from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from models import Tariff, UnitKind, db

ENROLL_CREDIT = "enroll_credit"


def in_force(fee_kind: str, unit_kind: Any, on: Any) -> Select[int]:
    """The query for the amount in force: a row for the unit kind before one for all, the newest first.

    `unit_kind` is a value or a column and `on` a date or a parameter, so that the query can stand inside another one.

    Source: docs/rules.md R-20.
    """
    return (
        select(Tariff.amount_rials)
        .where(
            Tariff.fee_kind == fee_kind,
            or_(Tariff.unit_kind == unit_kind, Tariff.unit_kind == "*"),
            Tariff.valid_from <= on,
            or_(Tariff.valid_to.is_(None), Tariff.valid_to >= on),
        )
        .order_by(Tariff.unit_kind == "*", Tariff.valid_from.desc())
        .limit(1)
    )


def amount_rials(fee_kind: str, unit_kind: UnitKind, on: date) -> int:
    """The amount in force, in rials.

    Raises:
        LookupError: no tariff is in force; the installation is not set up.
    """
    return sure(db.session.scalar(in_force(fee_kind, unit_kind, on)), fee_kind)


def sure(amount: int | None, fee_kind: str) -> int:
    """An amount that must exist; a fee is never taken to be nothing because its row is missing."""
    if amount is None:
        raise LookupError(f"no tariff {fee_kind} is in force")
    return amount
