"""Making, editing and switching units; each act is one audit row."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, func, select, update

from models import UNDER_WAY, County, Course, Province, Unit, UnitKind, db
from services import audit, catalog, courses, late, submissions, text
from services.access import Actor, Level
from services.errors import DomainError
from services.sql import add_once
from services.transaction import after_commit, atomic
from services.units.reading import KINDS, changeable, get, keeper
from services.units.values import LABEL, UnitValues, columns, show, tidy, values_of

# The digit after the province's code, by which a code tells the kind.
_DIGIT = {UnitKind.CENTER: "1", UnitKind.ACADEMY: "3", UnitKind.COUNTER: "5"}
_TRIES = 5  # at a code that somebody else takes at the same moment
_WORDS = late.Words("unit", "unit_edited", "این واحد", LABEL, show)


@dataclass(frozen=True)
class Made:
    """A unit, and whether the same form had made it before."""

    unit: Unit
    repeated: bool


@dataclass(frozen=True)
class _Site:
    """Where a new unit goes."""

    kind: UnitKind
    parent_id: int
    province: Province


def create(actor: Actor, form_key: str, kind: str, values: UnitValues, *, province_id: int | None = None) -> Made:
    """A new unit below the actor's own; the same form sent again finds the first one.

    Args:
        province_id: of a directorate; the province of any other unit is that of its county.

    Raises:
        NotAllowed: the actor makes no units.
        DomainError: what is wrong with which field.
    """
    keeper(actor)
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(get(actor, submissions.id_of(earlier, "unit")), repeated=True)
        site = _site(actor, kind, values.county_id, province_id)
        if kind == UnitKind.DIRECTORATE and not text.clean(values.title):
            values = replace(values, title=f"اداره کل آموزش فنی و حرفه‌ای استان {site.province.title}")
        values = tidy(values)
        _refuse_taken_title(values.title, site.kind, site.province.id)
        unit_id = _insert(site, values)
        audit.record("unit_created", "unit", unit_id, actor_id=actor.user_id, kind=site.kind.value)
        submissions.finish(form_key, f"unit:{unit_id}")
        after_commit(catalog.forget)
        return Made(get(actor, unit_id), repeated=False)


def edit(actor: Actor, unit_id: int, version: int, values: UnitValues) -> bool:
    """Save a unit; False when nothing differs, as when the same form comes twice.

    Args:
        version: the version that was on the page.

    Raises:
        LateSaving: somebody has saved since; it carries both values of every field that differs.
        NotAllowed, DomainError: as `create`.
    """
    with atomic():
        unit = changeable(actor, unit_id)
        values = tidy(values)
        if values == values_of(unit):
            return False
        if version != unit.version:
            raise late.refusal(_WORDS, unit, actor, version, values)
        _refuse_strange_county(unit, values.county_id)
        if unit.province_id and values.title != unit.title:
            _refuse_taken_title(values.title, unit.kind, unit.province_id, but=unit.id)
        changes = late.write(_WORDS, actor, unit, values, columns(values))
        if changes.keys() & {"title", "county_id"}:  # courses are then found by the new name and place
            courses.reindex(unit)
        after_commit(catalog.forget)
    return True


def disable(actor: Actor, unit_id: int, reason: str) -> bool:
    """Switch a unit off: from then on nobody acts for it. False when it was off already.

    Source: docs/rules.md R-72, R-73.
    Raises:
        DomainError: no reason, or something of it is still under way.
        NotAllowed: it is not the actor's to switch.
    """
    with atomic():
        unit = changeable(actor, unit_id)
        if not unit.is_active:
            return False
        why = text.clean(reason)
        if not why or len(why) > 300:
            sentence = "دلیل را تا ۳۰۰ نویسه بنویسید" if why else "دلیل غیرفعال‌کردن را بنویسید"
            raise DomainError(sentence, field="reason")
        _refuse_needed(actor, unit)
        return _switch(actor, unit, on=False, reason=why)


def enable(actor: Actor, unit_id: int) -> bool:
    """Switch a unit on again; False when it was on already."""
    with atomic():
        unit = changeable(actor, unit_id)
        if unit.is_active:
            return False
        off = db.session.scalar(select(Unit.title).where(Unit.id == unit.parent_id, ~Unit.is_active))
        if off:
            raise DomainError(f"نخست «{off}» را فعال کنید که این واحد زیر آن است. چیزی تغییر نکرد.")
        return _switch(actor, unit, on=True)


# -- Support -----------------------------------------------------------------------


def _site(actor: Actor, kind: str, county_id: int | None, province_id: int | None) -> _Site:
    kept = keeper(actor)
    if kind not in KINDS[actor.level]:
        raise DomainError("نوع واحد را انتخاب کنید", field="kind")
    if actor.level is Level.HQ:
        province = db.session.get(Province, province_id) if province_id else None
        if province is None:
            raise DomainError("استان را انتخاب کنید", field="province")
        if db.session.scalar(select(exists().where(Unit.code == _directorate_code(province)))):
            raise DomainError("این استان اداره کل دارد. همان را ویرایش یا فعال کنید", field="province")
        return _Site(UnitKind(kind), kept.held[0].unit_id, province)
    county = db.session.get(County, county_id) if county_id else None
    above = next((held for held in kept.held if county and held.province_id == county.province_id), None)
    if county is None or above is None:
        raise DomainError("شهرستان را از فهرست انتخاب کنید", field="county")
    return _Site(UnitKind(kind), above.unit_id, county.province)


def _insert(site: _Site, values: UnitValues) -> int:
    place: dict[str, Any] = {"parent_id": site.parent_id, "province_id": site.province.id, "kind": site.kind}
    for number in range(_TRIES):
        code = _free_code(site, number)
        unit_id = add_once(Unit, code=code, **place, **columns(values))
        if unit_id is not None:
            return unit_id
    raise DomainError("هم‌زمان واحدهای دیگری ساخته شد. دوباره بفرستید؛ چیزی ثبت نشد.")


def _directorate_code(province: Province) -> str:
    return f"{province.code}000"


def _free_code(site: _Site, step: int) -> str:
    """The province's code, a digit for the kind, and the next number, of two digits or more.

    Source: docs/rules.md R-71.
    """
    if site.kind is UnitKind.DIRECTORATE:
        return _directorate_code(site.province)
    start = f"{site.province.code}{_DIGIT[site.kind]}"
    last = db.session.scalar(
        select(Unit.code)
        .where(Unit.code.startswith(start), Unit.province_id == site.province.id, Unit.kind == site.kind)
        .order_by(func.length(Unit.code).desc(), Unit.code.desc())
        .limit(1)
    )
    return f"{start}{int((last or start + '0').removeprefix(start)) + 1 + step:02}"


def _switch(actor: Actor, unit: Unit, *, on: bool, reason: str | None = None) -> bool:
    """Turn the switch and write it down; False when somebody else has just turned it."""
    turned = update(Unit).where(Unit.id == unit.id, Unit.is_active.is_(not on))
    turned = turned.values(is_active=on, inactive_reason=reason).execution_options(synchronize_session=False)
    if db.session.scalar(turned.returning(Unit.id)) is None:
        return False
    audit.record("unit_enabled" if on else "unit_disabled", "unit", unit.id, actor_id=actor.user_id)
    return True


def _refuse_taken_title(title: str, kind: UnitKind, province_id: int, but: int = 0) -> None:
    """Staff name units by their titles, so two of a kind in a province do not share one."""
    same = (Unit.title_key == text.key(title), Unit.kind == kind, Unit.province_id == province_id, Unit.id != but)
    code = db.session.scalar(select(Unit.code).where(*same).limit(1))
    if code:
        sentence = f"واحد دیگری در این استان با همین نام هست (کد {text.persian_digits(code)}). نام دیگری بنویسید"
        raise DomainError(sentence, field="title")


def _refuse_strange_county(unit: Unit, county_id: int | None) -> None:
    if county_id == unit.county_id:
        return
    county = db.session.get(County, county_id) if county_id else None
    if county is None or county.province_id != unit.province_id:
        raise DomainError("شهرستان را از فهرست انتخاب کنید", field="county")


def _refuse_needed(actor: Actor, unit: Unit) -> None:
    if unit.kind is UnitKind.HQ or unit.id in actor.units:
        raise DomainError("واحدی که خود از طرف آن کار می‌کنید غیرفعال نمی‌شود. چیزی تغییر نکرد.")
    below = db.session.scalar(select(func.count()).where(Unit.parent_id == unit.id, Unit.is_active)) or 0
    if below:
        many = text.persian_digits(below)
        raise DomainError(f"{many} واحد فعال زیر این واحد است. نخست آن‌ها را غیرفعال کنید؛ چیزی تغییر نکرد.")
    running = select(func.count()).where(Course.unit_id == unit.id, Course.status.in_(UNDER_WAY))
    if going := db.session.scalar(running):
        many = text.persian_digits(going)
        raise DomainError(
            f"{many} دورهٔ این واحد در حال بررسی، ثبت‌نام یا اجراست. پس از پایان یا لغو آن‌ها واحد را غیرفعال کنید. "
            "چیزی تغییر نکرد."
        )
