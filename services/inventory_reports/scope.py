"""What a report covers: the country, a province or a center, whose parts are its rows; and what it leaves out."""

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import joinedload

from models import Condition, EquipmentGroup, EquipmentItem, EquipmentMovement, Province, Unit, UnitKind, db
from services import policy
from services.access import Actor, Level
from services.errors import NotFound, OutsideTerritory

HOLDERS = (UnitKind.CENTER, UnitKind.ACADEMY)
_NO_SUCH = "این واحد یا استان پیدا نشد. شاید نشانی ناقص است."


class Parts(enum.StrEnum):
    """What the rows of a report are."""

    PROVINCES = "provinces"
    UNITS = "units"
    WORKSHOPS = "workshops"


class Age(enum.StrEnum):
    """How long ago an item came; the bounds are in `AGES`."""

    FRESH = "fresh"
    YOUNG = "young"
    MIDDLE = "middle"
    OLD = "old"
    UNKNOWN = "unknown"


# From so many years on, youngest first.
AGES = ((Age.FRESH, 0), (Age.YOUNG, 2), (Age.MIDDLE, 5), (Age.OLD, 10))


@dataclass(frozen=True)
class Scope:
    """A territory that the actor may see, and its title. `units` and `provinces` are ids; both empty is the country."""

    parts: Parts
    title: str
    units: tuple[int, ...] = ()
    provinces: tuple[int, ...] = ()
    unit: Unit | None = None
    province: Province | None = None

    def items(self) -> ColumnElement[bool]:
        """SQL: the items in use that lie here."""
        here = EquipmentItem.province_id.in_(self.provinces) if self.provinces else true()
        return and_(EquipmentItem.is_active, EquipmentItem.unit_id.in_(self.units) if self.units else here)

    def movements(self) -> ColumnElement[bool]:
        """SQL: the movements of what lay here when it moved; by way of the units, whose books have the index."""
        return EquipmentMovement.unit_id.in_(self.units or select(Unit.id).where(self.holders()))

    def holders(self) -> ColumnElement[bool]:
        """SQL: the units whose equipment is counted."""
        if self.units:
            return Unit.id.in_(self.units)
        return Unit.province_id.in_(self.provinces) if self.provinces else true()


@dataclass(frozen=True)
class Filters:
    """Only items of a group, in a condition, of an age; None is all."""

    group: EquipmentGroup | None = None
    condition: Condition | None = None
    age: Age | None = None

    def __bool__(self) -> bool:
        return bool(self.group or self.condition or self.age)

    def where(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.group:
            found.append(EquipmentItem.group == self.group)
        if self.condition:
            found.append(EquipmentItem.condition == self.condition)
        if self.age:
            found.append(_of_age(self.age))
        return found


def since(years: int) -> date:
    """The day so many years ago."""
    return policy.today() - timedelta(days=years * 365 + years // 4)


def scope(actor: Actor, *, unit_id: int | None = None, province_id: int | None = None) -> Scope:
    """The part of the actor's territory that is asked for, or all of it; one query at most.

    Raises:
        NotFound, OutsideTerritory: there is no such unit or province, or it is not theirs to see.
    """
    if unit_id:
        return _of_unit(actor, unit_id)
    if actor.level is Level.CENTER:
        parts = Parts.WORKSHOPS if len(actor.units) == 1 else Parts.UNITS
        return Scope(parts, actor.unit_title, units=actor.units)
    if province_id or actor.level is Level.PROVINCE:
        return _of_province(actor, province_id)
    if actor.level is not Level.HQ:
        raise NotFound(_NO_SUCH)
    return Scope(Parts.PROVINCES, "همهٔ کشور")


# -- Support -----------------------------------------------------------------------


def _of_unit(actor: Actor, unit_id: int) -> Scope:
    unit = db.session.scalar(select(Unit).where(Unit.id == unit_id).options(joinedload(Unit.province)))
    if unit is None:
        raise NotFound(_NO_SUCH)
    if not actor.covers(unit.id, unit.province_id):
        raise OutsideTerritory("unit", unit_id)
    return Scope(Parts.WORKSHOPS, unit.title, units=(unit.id,), unit=unit, province=unit.province)


def _of_province(actor: Actor, province_id: int | None) -> Scope:
    if province_id is None:
        return Scope(Parts.UNITS, actor.unit_title, provinces=actor.provinces)
    province = db.session.get(Province, province_id)
    if province is None:
        raise NotFound(_NO_SUCH)
    if actor.level is not Level.HQ and province_id not in actor.provinces:
        raise OutsideTerritory("province", province_id)
    return Scope(Parts.UNITS, f"استان {province.title}", provinces=(province_id,), province=province)


def _of_age(age: Age) -> ColumnElement[bool]:
    day = EquipmentItem.acquired_on
    if age is Age.UNKNOWN:
        return day.is_(None)
    years = dict(AGES)
    older = [bound for bound in years.values() if bound > years[age]]
    young = day > since(older[0]) if older else true()
    return and_(day <= since(years[age]) if years[age] else day.is_not(None), young)
