"""Rows of tariffs as HQ writes them: from a day on, never for a day that is over.

Source: docs/rules.md R-504, R-506, R-507.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select, tuple_, update

from models import Delivery, Role, TargetGroup, Tariff, db
from services import audit, jalali, policy, trail
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.sql import insert_once
from services.tariffs import reading, wording
from services.tariffs.prices import ANY, ANY_DECILE, Line
from services.transaction import atomic

MOST_RIALS = 10**10
TORN = "این فرم ناقص رسید و چیزی ثبت نشد. تعرفه را دوباره بنویسید."
_KEY = (Tariff.unit_kind, Tariff.delivery, Tariff.target_group, Tariff.decile)
_PAST = "از امروز یا روزی پس از آن؛ آنچه تا امروز پرداخت شده است عوض نمی‌شود"
_STAYS = "این تعرفه آغاز شده است و می‌ماند. به آن پایان دهید یا تعرفهٔ تازه‌ای از روزی دیگر بنویسید."


@dataclass(frozen=True)
class NewTariff:
    """What a person writes: one row for each decile, or one for any where none is named."""

    fee_kind: str
    unit_kind: str
    delivery: str
    target_group: str
    deciles: tuple[int, ...]
    amount_rials: int
    valid_from: date
    valid_to: date | None = None

    @property
    def lines(self) -> list[Line]:
        keys = self.fee_kind, self.unit_kind, self.delivery, self.target_group
        said = self.valid_from, self.valid_to, self.amount_rials
        return [Line(0, *keys, decile, *said) for decile in self.deciles or (ANY_DECILE,)]


def may_keep(actor: Actor) -> bool:
    """Whether this person writes tariffs; others of HQ read them."""
    return actor.level is Level.HQ and actor.has(Role.ADMIN)


def add(actor: Actor, wanted: NewTariff | None) -> bool:
    """Write rows, None being a form that arrived torn; False when all stand there, as when a form comes twice.

    Raises:
        NotAllowed: only an administrator of HQ does. DomainError: what is wrong with which field.
        Conflict: another amount for the same people and day is written already; nothing is written.
    """
    _may(actor)
    if wanted is None:
        raise DomainError(TORN)
    with atomic():
        check(wanted)
        made = _insert(wanted.lines)
        _refuse_others(wanted, made)
        details = {line.id: _detail(line) for line in made}
        if details:
            audit.record_each("tariff_added", "tariff", details, actor_id=actor.user_id)
    return bool(made)


def end(actor: Actor, line_id: int, version: int, last: date | None) -> bool:
    """Say which day is a row's last; False when it is so already.

    Raises:
        NotAllowed: as `add`. DomainError: the day is over, or nobody would have a fee after it.
        Conflict: somebody else has just changed the row, or it is over.
    """
    _may(actor)
    if last is None:
        raise DomainError("بنویسید تا چه روزی", field="valid_to")
    with atomic():
        line, others = _held(line_id)
        if line.valid_to == last:
            return False
        if line.version != version:
            raise Conflict(_somebody(line_id))
        _may_end(line, last)
        ended = replace(line, valid_to=last, version=version + 1)
        _keep_covered(line.fee_kind, [*others, ended], field="valid_to")
        turn = update(Tariff).where(Tariff.id == line_id).values(valid_to=last, version=version + 1)
        db.session.execute(turn.execution_options(synchronize_session=False))
        audit.record("tariff_ended", "tariff", line_id, actor_id=actor.user_id, **_detail(ended))
    return True


def remove(actor: Actor, line_id: int) -> bool:
    """Take away a row that has not begun; False when it is gone.

    Raises:
        NotAllowed: as `add`. Conflict: it has begun, and stays. DomainError: nobody would have a fee without it.
    """
    _may(actor)
    with atomic():
        try:
            line, others = _held(line_id)
        except NotFound:
            return False
        if line.valid_from <= policy.today():
            raise Conflict(_STAYS)
        _keep_covered(line.fee_kind, others)
        db.session.execute(delete(Tariff).where(Tariff.id == line_id))
        audit.record("tariff_removed", "tariff", line_id, actor_id=actor.user_id, **_detail(line))
    return True


# -- What may be -------------------------------------------------------------------


def check(wanted: NewTariff) -> None:
    """
    Raises:
        DomainError: the rows cannot be, and which field says so.
    """
    if wanted.fee_kind not in wording.FEES:
        raise DomainError("نوع هزینه را از فهرست انتخاب کنید", field="fee_kind")
    if wanted.unit_kind not in wording.UNIT_KINDS:
        raise DomainError("نوع واحد را از فهرست انتخاب کنید", field="unit_kind")
    if wanted.delivery != ANY and wanted.delivery not in set(Delivery):
        raise DomainError("شیوهٔ آموزش را از فهرست انتخاب کنید", field="delivery")
    if not set(wanted.deciles) <= set(wording.DECILES):
        raise DomainError("دهک از ۱ تا ۱۰ است", field="deciles")
    if not 0 <= wanted.amount_rials <= MOST_RIALS:
        raise DomainError(f"مبلغ از صفر تا {wording.amount(MOST_RIALS)} است", field="amount")
    if wanted.valid_from < policy.today():
        raise DomainError(_PAST, field="valid_from")
    if wanted.valid_to and wanted.valid_to < wanted.valid_from:
        raise DomainError("روز پایان پیش از روز آغاز است", field="valid_to")
    _check_group(wanted.target_group)


def _check_group(code: str) -> None:
    if code == ANY:
        return
    group = db.session.execute(select(TargetGroup.is_fee_exempt).where(TargetGroup.code == code)).first()
    if group is None:
        raise DomainError("گروه هدف را از فهرست انتخاب کنید", field="target_group")
    if group.is_fee_exempt:
        raise DomainError("این گروه از هزینه معاف است و تعرفه‌ای برای آن به کار نمی‌آید", field="target_group")


def _may(actor: Actor) -> None:
    if not may_keep(actor):
        raise NotAllowed("تعرفه‌ها را مدیر سامانه در ستاد می‌نویسد.")


def _may_end(line: Line, last: date) -> None:
    if line.valid_to and line.valid_to < policy.today():
        raise Conflict("این تعرفه پیش‌تر پایان یافته است و عوض نمی‌شود.")
    if last < policy.today():
        raise DomainError(_PAST, field="valid_to")
    if last < line.valid_from:
        raise DomainError("این روز پیش از آغاز تعرفه است", field="valid_to")


def _keep_covered(fee_kind: str, lines: Iterable[Line], field: str | None = None) -> None:
    """A fee that is taken has a row for everybody on every day; else nobody could enroll.

    Source: docs/rules.md R-506.
    """
    if fee_kind not in wording.CHARGED:
        return
    day = reading.gap(lines, policy.today())
    if day is not None:
        said = f"از {jalali.day_month_year(day)} تعرفه‌ای برای «همه» نمی‌ماند و کسی نمی‌تواند ثبت‌نام کند"
        raise DomainError(f"{said}. نخست تعرفه‌ای برای همه از آن روز بنویسید.", field=field)


# -- Rows --------------------------------------------------------------------------


def _insert(lines: Iterable[Line]) -> list[Line]:
    """The rows that were not there, with their ids, by one statement."""
    rows = [{name: value for name, value in asdict(line).items() if name != "id"} for line in lines]
    table: Any = Tariff.__table__
    made = insert_once(Tariff).returning(*(table.c[name] for name in Line.__dataclass_fields__))
    return [Line(*row) for row in db.session.connection().execute(made, rows)]


def _refuse_others(wanted: NewTariff, made: Iterable[Line]) -> None:
    """What was there already must say the same; a second row from the same day would never hold."""
    lacking = {line.key: line for line in wanted.lines}
    for line in made:
        del lacking[line.key]
    keys = [(line.unit_kind, line.delivery, line.target_group, line.decile) for line in lacking.values()]
    query = select(Tariff.amount_rials, Tariff.valid_to).where(
        Tariff.fee_kind == wanted.fee_kind, Tariff.valid_from == wanted.valid_from, tuple_(*_KEY).in_(keys)
    )
    for stored in db.session.execute(query) if keys else ():
        if tuple(stored) != (wanted.amount_rials, wanted.valid_to):
            told = f"از همین روز برای همین‌ها {wording.amount(stored.amount_rials)} نوشته شده است"
            raise Conflict(f"{told}. روز دیگری انتخاب کنید، یا آن را اگر آغاز نشده بردارید. چیزی نوشته نشد.")


def _held(line_id: int) -> tuple[Line, list[Line]]:
    """A row and all others of its fee, locked, so that two who end rows at once leave nobody without a fee.

    Raises:
        NotFound: there is no such row.
    """
    kind = reading.fee_of(line_id)
    columns = [getattr(Tariff, name) for name in Line.__dataclass_fields__]
    query = select(*columns).where(Tariff.fee_kind == kind).order_by(Tariff.id).with_for_update()
    lines = [Line(*row) for row in db.session.execute(query)]
    line = next((line for line in lines if line.id == line_id), None)
    if line is None:
        raise NotFound("این تعرفه را کسی همین حالا برداشت. فهرست را دوباره بخوانید.")
    return line, [each for each in lines if each is not line]


def _somebody(line_id: int) -> str:
    """Who was faster, and when."""
    for event, user in trail.acts("tariff", line_id, reading.DID, 1):
        when = jalali.at(event.at)
        return f"{trail.name_of(user)} ({when}) این تعرفه را عوض کرد. آن را دوباره ببینید؛ چیزی از شما ثبت نشد."
    return "این تعرفه در این میان عوض شده است. آن را دوباره ببینید؛ چیزی از شما ثبت نشد."


def _detail(line: Line) -> dict[str, Any]:
    values = asdict(line)
    until = line.valid_to.isoformat() if line.valid_to else None
    kept = {name: values[name] for name in values if name not in ("id", "version")}
    return kept | {"valid_from": line.valid_from.isoformat(), "valid_to": until}
