"""What things cost on a day; amounts are whole rials."""

from datetime import date

from sqlalchemy import or_, select

from models import Tariff, UnitKind, db

ENROLL_CREDIT = "enroll_credit"


def amount_rials(fee_kind: str, unit_kind: UnitKind, on: date) -> int:
    """The amount in force: a row for the unit kind before a row for all, the newest first.

    Raises:
        LookupError: no tariff is in force; the installation is not set up.

    Source: docs/rules.md R-20.
    """
    query = (
        select(Tariff.amount_rials)
        .where(
            Tariff.fee_kind == fee_kind,
            Tariff.unit_kind.in_((unit_kind.value, "*")),
            Tariff.valid_from <= on,
            or_(Tariff.valid_to.is_(None), Tariff.valid_to >= on),
        )
        .order_by((Tariff.unit_kind == "*"), Tariff.valid_from.desc())
        .limit(1)
    )
    amount = db.session.scalar(query)
    if amount is None:
        raise LookupError(f"no tariff {fee_kind} for {unit_kind} on {on}")
    return amount
