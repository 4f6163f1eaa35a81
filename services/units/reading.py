"""Which units there are for whom, who keeps them, and what may be chosen for a new one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from models import County, Province, Role, Unit, UnitKind, db
from services import territory, text
from services.access import Actor, Level
from services.errors import NotAllowed

PAGE = 25
LOCAL = (UnitKind.CENTER, UnitKind.ACADEMY, UnitKind.COUNTER)
# Which kinds the keepers of a level make.
KINDS: dict[Level, tuple[UnitKind, ...]] = {Level.PROVINCE: LOCAL, Level.HQ: (UnitKind.DIRECTORATE,)}
_KEEPERS = {Level.PROVINCE: (Role.REVIEWER, Role.DIRECTOR), Level.HQ: (Role.ADMIN,)}
_NOT_KEPT = "واحدها را در استان بررس یا مدیر کل و در ستاد مدیر سامانه می‌سازد و تغییر می‌دهد. چیزی ثبت نشد."


@dataclass(frozen=True)
class Page:
    """Some units of a list, and where the next page begins (None at the end)."""

    units: Sequence[Unit]
    after: tuple[str, int] | None


def keeper(actor: Actor) -> Actor:
    """The actor with the territory in which they keep units.

    Source: docs/rules.md R-70.
    Raises:
        NotAllowed: there is none.
    """
    kept = actor.acting(*_KEEPERS.get(actor.level, ()))
    if not kept.roles:
        raise NotAllowed(_NOT_KEPT)
    return kept


def may_make(actor: Actor) -> bool:
    """Whether this person makes units at all."""
    return actor.has(*_KEEPERS.get(actor.level, ()))


def may_change(actor: Actor, unit: Unit) -> bool:
    """Whether this person keeps the unit: HQ every one, a directorate those below it."""
    kept = actor.acting(*_KEEPERS.get(actor.level, ()))
    below = actor.level is Level.HQ or unit.kind in LOCAL
    return below and kept.covers(unit.id, unit.province_id)


def tabs_for(actor: Actor) -> tuple[str, ...]:
    """The parts of the list: all, one for each kind, and those that are switched off."""
    kinds = LOCAL if actor.level is Level.PROVINCE else (UnitKind.DIRECTORATE, *LOCAL)
    return ("all", *(kind.value for kind in kinds), "off")


def listing(actor: Actor, tab: str, words: str = "", after: tuple[str, int] | None = None) -> Page:
    """25 units of a tab by title; `words` is part of a title, a code, or a county."""
    query = select(Unit).where(_visible_to(actor), Unit.is_active == (tab != "off"), *_matching(words))
    if actor.level is Level.PROVINCE:
        query = query.where(Unit.kind.in_(LOCAL))
    if tab not in ("all", "off"):
        query = query.where(Unit.kind == UnitKind(tab))
    if after:
        query = query.where(or_(Unit.title_sort > after[0], (Unit.title_sort == after[0]) & (Unit.id > after[1])))
    query = query.order_by(Unit.title_sort, Unit.id).limit(PAGE + 1)
    found = db.session.scalars(query.options(joinedload(Unit.county), joinedload(Unit.province))).all()
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], (last.title_sort, last.id) if last else None)


def get(actor: Actor, unit_id: int) -> Unit:
    """A unit of the actor's territory with province and county, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such unit, or another province's.
    """
    query = select(Unit, _visible_to(actor)).where(Unit.id == unit_id)
    query = query.options(joinedload(Unit.county), joinedload(Unit.province))
    return territory.only(query, "unit", unit_id, "این واحد پیدا نشد.")


def changeable(actor: Actor, unit_id: int) -> Unit:
    """A unit that the actor keeps.

    Raises:
        NotAllowed: it is not the actor's to change; or as `get`.
    """
    unit = get(actor, unit_id)
    if not may_change(actor, unit):
        raise NotAllowed("این واحد را ردهٔ بالاتر آن تغییر می‌دهد: مراکز را اداره کل و ادارات کل را ستاد. چیزی ثبت نشد.")
    return unit


def counties(actor: Actor, unit: Unit | None = None) -> Sequence[County]:
    """The counties in which a unit may lie: of its own province, or of all in which the actor makes units."""
    provinces = [unit.province_id] if unit else list(keeper(actor).provinces)
    query = select(County).where(County.province_id.in_(provinces)).options(joinedload(County.province))
    return db.session.scalars(query.order_by(County.title_sort)).all()


def provinces_without_directorate() -> Sequence[Province]:
    other = aliased(Unit)
    there = exists().where(other.province_id == Province.id, other.kind == UnitKind.DIRECTORATE)
    return db.session.scalars(select(Province).where(~there).order_by(Province.title_sort)).all()


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    return Unit.province_id.in_(actor.provinces) if actor.level is Level.PROVINCE else false()


def _matching(words: str) -> list[ColumnElement[bool]]:
    wanted = text.key(words)
    if not wanted:
        return []
    in_county = select(County.id).where(County.title_sort.startswith(text.sort_key(text.clean(words)), autoescape=True))
    same_code = Unit.code == text.digits(text.clean(words))
    return [or_(Unit.title_key.contains(wanted, autoescape=True), same_code, Unit.county_id.in_(in_county))]
