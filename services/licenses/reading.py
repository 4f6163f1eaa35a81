"""Which licenses there are for whom, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, func, or_, select, true, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import License, LicenseState, LicenseTrade, Person, Role, Unit, UnitKind, db
from services import policy, territory, text
from services.access import Actor, Level
from services.courses.licensing import COUNTS
from services.errors import NotAllowed

PAGE = 25
S = LicenseState
EDITABLE = (S.DRAFT, S.REJECTED)
OPEN = (*EDITABLE, S.WAITING)
KEEPERS = (Role.CLERK, Role.MANAGER)
SOON_DAYS = 90
WAITING, ENDING, ENDED, SUSPENDED, VALID, MISSING, DECIDED = TABS = (
    "waiting", "ending", "ended", "suspended", "valid", "missing", "decided",
)  # fmt: skip
NO_SUCH = "این پروانه پیدا نشد. شاید نشانی ناقص است."
NOT_KEPT = "پروانه را کارشناس یا مدیر همان آموزشگاه می‌نویسد. چیزی ثبت نشد."


@dataclass(frozen=True)
class Page:
    """Some licenses of a tab, or academies without one; where the next page begins, and how many each tab has."""

    rows: Sequence[Any]
    counts: dict[str, int]
    after: int | None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The licenses of a territory; what was not sent is its academy's own.

    Source: docs/rules.md R-252.
    """
    if actor.level is Level.CENTER:
        return License.unit_id.in_(actor.units)
    if actor.level is Level.PROVINCE:
        return and_(License.province_id.in_(actor.provinces), License.state != S.DRAFT)
    return License.state != S.DRAFT if actor.level is Level.HQ else false()


def sent_to(actor: Actor) -> ColumnElement[bool]:
    """The same, with what was sent to a province and taken back: a queue says that it is gone."""
    if actor.level is not Level.PROVINCE:
        return visible_to(actor)
    return and_(License.province_id.in_(actor.provinces), or_(License.state != S.DRAFT, License.sent_at.is_not(None)))


def academies(actor: Actor) -> tuple[int, ...]:
    """The academies whose license this person writes."""
    held = actor.acting(*KEEPERS).held if actor.level is Level.CENTER else ()
    return tuple(sorted({each.unit_id for each in held if each.unit_kind is UnitKind.ACADEMY}))


def own_academies(actor: Actor) -> Sequence[Unit]:
    return db.session.scalars(select(Unit).where(Unit.id.in_(academies(actor))).order_by(Unit.title_sort)).all()


def may_write(actor: Actor, license_: License) -> bool:
    """Whether this person may change it now: its academy's staff, before it is sent and when it came back."""
    return license_.state in EDITABLE and keeps(actor, license_)


def keeps(actor: Actor, license_: License) -> bool:
    return actor.level is Level.CENTER and license_.unit_id in actor.acting(*KEEPERS).units


def may_decide(actor: Actor, license_: License) -> bool:
    return actor.level is Level.PROVINCE and license_.province_id in actor.acting(Role.REVIEWER).provinces


def get(actor: Actor, license_id: int, *, lock: bool = False) -> License:
    """One license of the actor's territory as it is now; with `lock` nobody else changes it before we have ended.

    Raises:
        NotFound, OutsideTerritory: there is none, or another unit's.
    """
    query = select(License, visible_to(actor)).where(License.id == license_id)
    query = query.with_for_update(of=License) if lock else query.options(*whole())
    return territory.only(query, "license", license_id, NO_SUCH)


def whole(unit: Any = None) -> tuple[Any, ...]:
    """What a page of a license shows of other rows; its unit as the query has it, where it has."""
    trades = selectinload(License.trades)
    return (
        (unit or joinedload(License.unit)).options(*_where()),
        joinedload(License.founder),
        joinedload(License.manager),
        trades.joinedload(LicenseTrade.field),
        trades.joinedload(LicenseTrade.standard),
    )


def writable(actor: Actor, license_id: int) -> License:
    """The same, locked, for those who write it; inside `atomic()`.

    Raises:
        NotAllowed: it is not theirs to write, or not now.
    """
    found = get(actor, license_id, lock=True)
    if not keeps(actor, found):
        raise NotAllowed(NOT_KEPT)
    if found.state not in EDITABLE:
        raise NotAllowed("این پروانه فرستاده شده است و اکنون ویرایش نمی‌شود. چیزی تغییر نکرد.")
    return found


def person(person_id: int) -> Person:
    """A founder or manager."""
    return db.session.get_one(Person, person_id)


def of_own(actor: Actor) -> Sequence[License]:
    """The licenses of the actor's units: what is open first, then the newest."""
    query = select(License).where(visible_to(actor)).options(joinedload(License.unit))
    return db.session.scalars(query.order_by(License.state.in_(OPEN).desc(), License.id.desc()).limit(PAGE)).all()


def listing(actor: Actor, tab: str, words: str = "", after: int | None = None) -> Page:
    """25 of a tab, what ends or has waited longest first, each whole; three queries."""
    if tab == MISSING:
        return _missing(actor, words, after)
    query = select(License).join(License.unit).where(visible_to(actor), tabs()[tab], *_named(words))
    query = _from(query, tab, after).options(*whole(contains_eager(License.unit)))
    found = db.session.scalars(query.limit(PAGE + 1)).all()
    return Page(found[:PAGE], _counts(actor), found[PAGE - 1].id if len(found) > PAGE else None)


def tabs() -> dict[str, ColumnElement[bool]]:
    """What stands in each tab of licenses today."""
    today, valid = policy.today(), License.state == S.VALID
    return {
        WAITING: License.state == S.WAITING,
        ENDING: and_(valid, License.expires_on.between(today, today + timedelta(days=SOON_DAYS))),
        ENDED: and_(valid, License.expires_on < today),
        SUSPENDED: License.state == S.SUSPENDED,
        VALID: and_(valid, License.expires_on >= today),
        DECIDED: License.decided_by_id.is_not(None),
    }


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """How many licenses wait, end soon and do not hold, as parts of a query of a home page."""
    wheres = tabs()
    parts = {
        "licenses_waiting": wheres[WAITING],
        "licenses_ending": wheres[ENDING],
        "licenses_out": or_(wheres[ENDED], wheres[SUSPENDED]),
    }
    return {name: _number(visible_to(actor), where) for name, where in parts.items()}


# -- Support -----------------------------------------------------------------------


def _from(query: Any, tab: str, after: int | None) -> Any:
    """In the order of the tab, behind one of its licenses: what was decided is newest first."""
    place: Any = {WAITING: License.sent_at, DECIDED: License.decided_at}.get(tab, License.expires_on)
    if after:
        last = select(place).where(License.id == after).scalar_subquery()
        here, end = tuple_(place, License.id), tuple_(last, after)
        query = query.where(here < end if tab == DECIDED else here > end)
    return query.order_by(*((place.desc(), License.id.desc()) if tab == DECIDED else (place, License.id)))


def _where() -> tuple[Any, ...]:
    return joinedload(Unit.county), joinedload(Unit.province)


def _number(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(License.id)).where(*where).scalar_subquery()


def _counts(actor: Actor) -> dict[str, int]:
    numbers = {name: _number(visible_to(actor), where).label(name) for name, where in tabs().items() if name != DECIDED}
    numbers[MISSING] = select(func.count(Unit.id)).where(*_bare(actor)).scalar_subquery().label(MISSING)
    return dict(db.session.execute(select(*numbers.values())).one()._mapping)


def _bare(actor: Actor) -> tuple[Any, ...]:
    """The academies in use of a territory for which no license counts."""
    counts = exists().where(License.unit_id == Unit.id, License.state.in_(COUNTS))
    mine: Any = {Level.HQ: true(), Level.PROVINCE: Unit.province_id.in_(actor.provinces)}.get(actor.level, false())
    return mine, Unit.kind == UnitKind.ACADEMY, Unit.is_active, ~counts


def _missing(actor: Actor, words: str, after: int | None) -> Page:
    query = select(Unit).where(*_bare(actor), *_named(words)).options(*_where())
    query = query.where(Unit.id > after) if after else query
    found = db.session.scalars(query.order_by(Unit.id).limit(PAGE + 1)).all()
    return Page(found[:PAGE], _counts(actor), found[PAGE - 1].id if len(found) > PAGE else None)


def _named(words: str) -> list[ColumnElement[bool]]:
    wanted = text.key(words)
    return [Unit.title_key.contains(wanted, autoescape=True)] if wanted else []
