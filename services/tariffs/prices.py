"""What things cost on a day: the narrowest row that fits; amounts are whole rials.

Asked of the database where it stands inside another statement (`in_force`), and of a `Book` that has all rows in
memory where many prices are asked for at once. Both follow one order. Source: docs/rules.md R-500.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, literal_column, or_, select

from models import IncomeDecile, TargetGroup, Tariff, db

ENROLL_CREDIT = "enroll_credit"
ANY, ANY_DECILE = "*", 0


@dataclass(frozen=True)
class Keys:
    """What a price depends on: values, or columns and queries where it stands inside another one.

    `group` is the code of a target group. A value that is not known is None and fits only rows for any.
    """

    unit_kind: Any = None
    delivery: Any = None
    group: Any = None
    decile: Any = None


# -- In the database ---------------------------------------------------------------


def in_force(fee_kind: str, keys: Keys, on: Any) -> Select[int]:
    """The query for the amount in force; `on` is a date or a parameter.

    What is said of the person stands before what is said of the course: the group first, then the decile, the
    delivery and the kind of the unit; of equally narrow rows the one that began last.

    Source: docs/rules.md R-20, R-500.
    """
    wide = _wide()
    pairs = zip(wide, (keys.group, keys.decile, keys.delivery, keys.unit_kind), strict=True)
    fits = [or_(column == asked, is_any) for (column, is_any), asked in pairs]
    begun = (Tariff.valid_from <= on, or_(Tariff.valid_to.is_(None), Tariff.valid_to >= on))
    query = select(Tariff.amount_rials).where(Tariff.fee_kind == fee_kind, *fits, *begun)
    return query.order_by(*(is_any for _, is_any in wide), Tariff.valid_from.desc()).limit(1)


def _wide() -> list[tuple[Any, Any]]:
    """Each key with whether a row is for any of it, in the order in which they count."""
    columns = (
        (Tariff.target_group, ANY),
        (Tariff.decile, ANY_DECILE),
        (Tariff.delivery, ANY),
        (Tariff.unit_kind, ANY),
    )
    return [(column, column == literal_column(repr(whole))) for column, whole in columns]


def decile_of(person: Any, on: Any) -> ScalarSelect[int]:
    """SQL: the decile of a person (an id, column or parameter) that is known on a day, else NULL.

    Source: docs/rules.md R-503.
    """
    query = select(IncomeDecile.decile).where(IncomeDecile.person_id == person, IncomeDecile.valid_from <= on)
    return query.order_by(IncomeDecile.valid_from.desc()).limit(1).correlate_except(IncomeDecile).scalar_subquery()


def group_code(group: Any) -> ScalarSelect[str]:
    """SQL: the code of the target group with this id."""
    query = select(TargetGroup.code).where(TargetGroup.id == group)
    return query.correlate_except(TargetGroup).scalar_subquery()


def own_prices() -> Select[str]:
    """SQL: the codes of the target groups that have rows of their own for enrolling."""
    return select(Tariff.target_group).where(Tariff.fee_kind == ENROLL_CREDIT, Tariff.target_group != ANY)


def amount_rials(fee_kind: str, keys: Keys, on: date) -> int:
    """The amount in force, in rials.

    Raises:
        LookupError: no tariff is in force; the installation is not set up.
    """
    return sure(db.session.scalar(in_force(fee_kind, keys, on)), fee_kind)


def sure(amount: int | None, fee_kind: str) -> int:
    """An amount that must exist; a fee is never taken to be nothing because its row is missing."""
    if amount is None:
        raise LookupError(f"no tariff {fee_kind} is in force")
    return amount


# -- In memory ---------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row, stored or only thought of (its id is then 0)."""

    id: int
    fee_kind: str
    unit_kind: str
    delivery: str
    target_group: str
    decile: int
    valid_from: date
    valid_to: date | None
    amount_rials: int
    version: int = 1

    @property
    def key(self) -> tuple[str, int, str, str]:
        """For whom it is, in the order in which that counts."""
        return self.target_group, self.decile, self.delivery, self.unit_kind

    @property
    def is_for_all(self) -> bool:
        return self.key == FOR_ALL

    @property
    def is_personal(self) -> bool:
        """Whether it asks who enrolls, and not only where."""
        return self.target_group != ANY or self.decile != ANY_DECILE

    def is_for_course(self, unit_kind: str, delivery: str | None) -> bool:
        return self.unit_kind in (unit_kind, ANY) and self.delivery in (delivery, ANY)

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or self.valid_to >= on)

    def fits(self, keys: Keys) -> bool:
        asked = (keys.group, keys.decile, keys.delivery, keys.unit_kind)
        return all(own in (value, whole) for own, value, whole in zip(self.key, asked, FOR_ALL, strict=True))


FOR_ALL = (ANY, ANY_DECILE, ANY, ANY)
_COLUMNS = tuple(getattr(Tariff, name) for name in Line.__dataclass_fields__)


@dataclass(frozen=True)
class Book:
    """All rows of one fee, so that any number of prices costs no further query."""

    lines: Sequence[Line]

    def line(self, keys: Keys, on: date) -> Line | None:
        """The row that `in_force` takes the amount from."""
        return min((line for line in self.lines if line.fits(keys) and line.holds(on)), key=_order, default=None)

    def amount(self, keys: Keys, on: date) -> int | None:
        line = self.line(keys, on)
        return line.amount_rials if line else None

    def standing(self, on: date) -> dict[tuple[str, int, str, str], Line]:
        """By key the row that holds on a day."""
        found: dict[tuple[str, int, str, str], Line] = {}
        for line in sorted(self.lines, key=lambda line: line.valid_from):
            if line.holds(on):
                found[line.key] = line
        return found


def _order(line: Line) -> tuple[Any, ...]:
    wide = (own == whole for own, whole in zip(line.key, FOR_ALL, strict=True))
    return *wide, -line.valid_from.toordinal()


def book(fee_kind: str) -> Book:
    """All rows of a fee, in one query."""
    rows = db.session.connection().execute(select(*_COLUMNS).where(Tariff.fee_kind == fee_kind).order_by(Tariff.id))
    return Book([Line(*row) for row in rows])
