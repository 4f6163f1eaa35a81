"""Which shortages are meant: of a territory, and of this perhaps of one workshop, standard or item."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select

from models import Province, SkillStandard, StandardRequirement, db
from services.access import Actor, Level
from services.errors import NotFound

PAGE = 25
_NO_SUCH = "این استان یا استاندارد پیدا نشد. شاید نشانی ناقص است."


@dataclass(frozen=True)
class Scope:
    """Some units, else some provinces, else the whole country; narrowed by what else is given."""

    provinces: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    workshop_id: int | None = None
    standard_id: int | None = None
    item_key: str = ""

    @property
    def is_country(self) -> bool:
        return not (self.provinces or self.units or self.workshop_id)


def scope_of(actor: Actor, narrow: Scope) -> Scope:
    """What this person may see of a scope: HQ all of it, others what of it is in their own territory."""
    if actor.level is Level.HQ:
        return narrow
    units = actor.units if actor.level is Level.CENTER else ()
    return replace(narrow, provinces=actor.provinces, units=units)


@dataclass(frozen=True)
class Named:
    """The province, standard and item to which a scope is narrowed."""

    province: Province | None
    standard: SkillStandard | None
    item: str


def named(scope: Scope) -> Named:
    """What a scope is narrowed to; a query for each.

    Raises:
        NotFound: there is no such province or standard.
    """
    province = db.session.get(Province, scope.provinces[0]) if len(scope.provinces) == 1 else None
    standard = db.session.get(SkillStandard, scope.standard_id) if scope.standard_id else None
    if (province is None) == (len(scope.provinces) == 1) or (standard is None) == bool(scope.standard_id):
        raise NotFound(_NO_SUCH)
    asked = select(func.min(StandardRequirement.item_name)).where(StandardRequirement.item_key == scope.item_key)
    item = db.session.scalar(asked) if scope.item_key else None
    return Named(province, standard, item or scope.item_key)
