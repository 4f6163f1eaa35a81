"""Contracts of counter offices: kept by whoever keeps the office, and asked at each enrollment and top-up.

Source: docs/rules.md R-563 to R-565.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from models import AuditEvent, CounterContract, Unit, UnitKind, User, db, utcnow
from services import audit, jalali, late, policy, submissions, text, trail, units
from services.access import Actor
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.sql import add_once
from services.trail import Told
from services.transaction import atomic

ENROLL, TOP_UP = "may_enroll", "may_top_up"
_ACT = {ENROLL: "ثبت‌نام", TOP_UP: "افزایش اعتبار"}
LABEL = {
    "office_code": "کد دفتر",
    "contract_no": "شمارهٔ قرارداد",
    "valid_from": "از تاریخ",
    "valid_to": "تا تاریخ",
    ENROLL: "ثبت‌نام می‌کند",
    TOP_UP: "اعتبار را افزایش می‌دهد",
}
_LONGEST = {"office_code": 20, "contract_no": 40}
_ASK = "از {who} بخواهید قرارداد دفتر را ثبت یا تمدید کند؛ چیزی ثبت یا کسر نشد."
_TAKEN = "قراردادی با این شماره برای این دفتر ثبت است"
SOON = timedelta(days=30)
DID = {
    "counter_contract_added": "قرارداد را ثبت کرد",
    "counter_contract_edited": "قرارداد را ویرایش کرد",
    "counter_contract_ended": "به قرارداد پایان داد",
}


@dataclass(frozen=True)
class ContractValues:
    """A contract as the province writes it; its last day belongs to it."""

    office_code: str
    contract_no: str
    valid_from: date
    valid_to: date
    may_enroll: bool = True
    may_top_up: bool = True


# -- What a contract allows --------------------------------------------------------


def require(actor: Actor, act: str, unit_id: int | None = None) -> None:
    """Let a counter office do only what a contract allows today; of any office of the actor where none is named.

    Who works for no counter office is asked nothing, and no query is made.

    Raises:
        NotAllowed: which contract is missing, over, not begun, or without this act.

    Source: docs/rules.md R-564.
    """
    require_of(offices(actor, unit_id), act)


def ending(actor: Actor) -> CounterContract | None:
    """The contract under which an office enrolls today, when it is the last one and ends within a month.

    Source: docs/rules.md R-564.
    """
    if not (among := offices(actor.enrolling())):
        return None
    last = select(CounterContract).where(CounterContract.unit_id.in_(among), CounterContract.ended_at.is_(None))
    last = last.where(CounterContract.may_enroll).order_by(CounterContract.valid_to.desc()).limit(1)
    found = db.session.scalar(last)
    return found if found and found.valid_to - policy.today() < SOON else None


def offices(actor: Actor, unit_id: int | None = None) -> tuple[int, ...]:
    """The counter offices for which the actor works in this unit, or in any; none where there is another unit too."""
    here = {each.unit_id: each.unit_kind for each in actor.held if unit_id in (None, each.unit_id)}
    return tuple(sorted(here)) if set(here.values()) == {UnitKind.COUNTER} else ()


def require_of(among: Collection[int], act: str) -> None:
    """`require` for one of these offices."""
    if reason := why_not(among, act):
        raise NotAllowed(reason)


def why_not(among: Collection[int], act: str) -> str:
    """What keeps these offices from an act today and who renews the contract; empty where one allows it."""
    if not among:
        return ""
    query = select(CounterContract).where(CounterContract.unit_id.in_(among))
    rows = db.session.scalars(query.order_by(CounterContract.valid_to.desc(), CounterContract.id.desc())).all()
    today = policy.today()
    if any(_runs(row, today) and getattr(row, act) for row in rows):
        return ""
    return f"{_why_not(rows, act, today)} {_ASK.format(who=_keeper(among))}"


def _keeper(among: Collection[int]) -> str:
    """The directorate that keeps these offices, with its phone."""
    province = select(Unit.province_id).where(Unit.id.in_(among))
    of_province = (Unit.kind == UnitKind.DIRECTORATE, Unit.province_id.in_(province), Unit.is_active)
    row = db.session.execute(select(Unit.title, Unit.phone).where(*of_province).order_by(Unit.id).limit(1)).first()
    if row is None:
        return "اداره کل استان"
    return f"«{row.title}»{f' ({text.persian_digits(row.phone)})' if row.phone else ''}"


def _runs(row: CounterContract, today: date) -> bool:
    return row.ended_at is None and row.valid_from <= today <= row.valid_to


def _why_not(rows: Sequence[CounterContract], act: str, today: date) -> str:
    row = next((row for row in rows if _runs(row, today)), rows[0] if rows else None)
    if row is None:
        return "برای این دفتر قراردادی ثبت نشده است."
    which = f"قرارداد شمارهٔ {text.persian_digits(row.contract_no)} این دفتر"
    if _runs(row, today):
        return f"{which} {_ACT[act]} را در بر ندارد."
    if row.ended_at is not None:
        return f"اداره کل استان به {which} در {jalali.long(jalali.tehran(row.ended_at).date())} پایان داده است."
    if row.valid_from > today:
        return f"{which} از {jalali.long(row.valid_from)} آغاز می‌شود."
    return f"{which} در {jalali.long(row.valid_to)} به پایان رسیده است."


def state(row: CounterContract) -> tuple[str, str]:
    """Where a contract stands today: a word and the kind of its tag."""
    today = policy.today()
    if row.ended_at is not None:
        return "پایان داده شده", "bad"
    if row.valid_to < today:
        return "تمام شده", "bad"
    return ("هنوز آغاز نشده", "warn") if row.valid_from > today else ("در جریان", "ok")


# -- Keeping -----------------------------------------------------------------------


def office(actor: Actor, unit_id: int) -> Unit:
    """A counter office of the actor's territory.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is another province's.
    """
    unit = units.get(actor, unit_id)
    if unit.kind is not UnitKind.COUNTER:
        raise NotFound("قرارداد فقط برای دفتر پیشخوان ثبت می‌شود و این واحد دفتر پیشخوان نیست.")
    return unit


def of_unit(unit_id: int) -> Sequence[CounterContract]:
    """The contracts of an office, newest first."""
    query = select(CounterContract).where(CounterContract.unit_id == unit_id)
    return db.session.scalars(query.order_by(CounterContract.valid_to.desc(), CounterContract.id.desc())).all()


def get(actor: Actor, contract_id: int) -> tuple[CounterContract, Unit]:
    """A contract with its office; raises as `office`."""
    query = select(CounterContract).where(CounterContract.id == contract_id)
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("این قرارداد پیدا نشد.")
    return row, office(actor, row.unit_id)


def values_of(row: CounterContract) -> ContractValues:
    return ContractValues(**{each.name: getattr(row, each.name) for each in fields(ContractValues)})


def add(actor: Actor, unit_id: int, form_key: str, values: ContractValues) -> bool:
    """A contract of an office; False when the same form had added it before.

    Raises:
        NotAllowed: the actor does not keep this office. DomainError: what is wrong with which field.
    """
    unit = office(actor, unit_id)
    units.changeable(actor, unit_id)
    with atomic():
        if submissions.begin(form_key, actor.user_id):
            return False
        row_id = add_once(CounterContract, unit_id=unit.id, version=1, created_at=utcnow(), **_columns(tidy(values)))
        if row_id is None:
            raise DomainError(_TAKEN, field="contract_no")
        audit.record("counter_contract_added", "counter_contract", row_id, actor_id=actor.user_id, unit=unit.id)
        submissions.finish(form_key, f"counter_contract:{row_id}")
    return True


def edit(actor: Actor, contract_id: int, version: int, values: ContractValues) -> bool:
    """Save a contract; False when nothing differs.

    Raises:
        LateSaving: somebody has saved since. Conflict: it was ended. NotAllowed, DomainError: as `add`.
    """
    row, unit = get(actor, contract_id)
    units.changeable(actor, unit.id)
    values = tidy(values)
    with atomic():
        db.session.refresh(row)
        if values == values_of(row):
            return False
        if row.ended_at is not None:
            raise Conflict("به این قرارداد پایان داده شده است و دیگر تغییر نمی‌کند. قرارداد تازه‌ای ثبت کنید.")
        if version != row.version:
            raise late.refusal(_WORDS, row, actor, version, values)
        same = (CounterContract.unit_id == row.unit_id, CounterContract.contract_no == values.contract_no)
        if values.contract_no != row.contract_no and db.session.scalar(select(CounterContract.id).where(*same)):
            raise DomainError(_TAKEN, field="contract_no")
        late.write(_WORDS, actor, row, values, _columns(values), CounterContract.ended_at.is_(None))
    return True


def end(actor: Actor, contract_id: int) -> bool:
    """End a contract now, for good; False when it was ended before."""
    row, unit = get(actor, contract_id)
    units.changeable(actor, unit.id)
    with atomic():
        ended = update(CounterContract).where(CounterContract.id == row.id, CounterContract.ended_at.is_(None))
        ended = ended.values(ended_at=utcnow(), version=CounterContract.version + 1)
        done = db.session.scalar(ended.returning(CounterContract.id).execution_options(synchronize_session=False))
        if done is not None:
            audit.record("counter_contract_ended", "counter_contract", row.id, actor_id=actor.user_id)
    return done is not None


def history(row: CounterContract, limit: int = 10) -> list[Told]:
    """The newest acts on a contract, newest first."""
    return [_told(event, user) for event, user in trail.acts("counter_contract", row.id, DID, limit)]


def tidy(values: ContractValues) -> ContractValues:
    """The values as they are stored.

    Raises:
        DomainError: one is missing, too long or cannot be what it should be; it names the field.
    """
    cleaned: dict[str, Any] = {name: text.digits(text.clean(getattr(values, name))) for name in _LONGEST}
    for name, found in cleaned.items():
        if not found:
            raise DomainError(f"{LABEL[name]} را بنویسید", field=name)
        if len(found) > _LONGEST[name]:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(_LONGEST[name])} نویسه است", field=name)
    if values.valid_to < values.valid_from:
        raise DomainError("پایان قرارداد پیش از آغاز آن است", field="valid_to")
    return replace(values, **cleaned)


def _columns(values: ContractValues) -> dict[str, Any]:
    return {each.name: getattr(values, each.name) for each in fields(values)}


def _show(field: str, raw: Any) -> str:
    if field in (ENROLL, TOP_UP):
        return "بله" if raw else "خیر"
    if field in ("valid_from", "valid_to"):
        return jalali.day_month_year(raw if isinstance(raw, date) else date.fromisoformat(raw))
    return text.persian_digits(raw)


_WORDS = late.Words("counter_contract", "counter_contract_edited", "این قرارداد", LABEL, _show)


def _told(event: AuditEvent, user: User | None) -> Told:
    changes = event.detail.get("changes", {}).items()
    parts = [f"{LABEL[field]}: «{_show(field, pair[1])}»" for field, pair in changes]
    return Told(jalali.at(event.at), f"{trail.name_of(user)} {DID[event.action]}", "", parts)
