"""How each outside system is spoken to, as an operator switches it: for all processes at once, with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from models import Mode, OutsideSystem, User, db, utcnow
from services import audit, jalali, outbox, outside, text, trail
from services.errors import Conflict, DomainError, NotFound
from services.sql import insert_once
from services.transaction import atomic

_EVERY = tuple(Mode)
_CALLED_ONLY = (Mode.ONLINE, Mode.OFF)  # people sign in and pay at once or not at all
CHOICES: dict[str, Sequence[Mode]] = {
    "sso": _CALLED_ONLY,
    "registry": _EVERY,
    "shahkar": _EVERY,
    "sms": _EVERY,
    "karpoosheh": _EVERY,
    outside.PAYMENT: _CALLED_ONLY,
}
TITLE = {
    Mode.ONLINE: "برخط",
    Mode.BATCH: "با پرونده",
    Mode.MANUAL: "دستی",
    Mode.OFF: "خاموش",
}
LONGEST_REASON = 300


@dataclass(frozen=True)
class Switch:
    """The mode of one system: what holds, what the setting says, and who chose otherwise (`chosen`), when and why.

    `seen` is what a form carries to notice that somebody has switched since.
    """

    code: str
    mode: Mode
    setting: Mode
    chosen: Mode | None
    who: str
    reason: str
    at: datetime | None

    @property
    def seen(self) -> str:
        return _seen(self.at)


def of(code: str) -> Switch:
    """The mode of one system.

    Raises:
        NotFound: there is no such system.
    """
    if code not in CHOICES:
        raise NotFound("چنین سامانه‌ای نیست. از فهرست سامانه‌های بیرونی آغاز کنید.")
    return _switch(code, next(iter(_rows(OutsideSystem.code == code)), None))


def every() -> dict[str, Switch]:
    """The modes of all systems, in one query."""
    rows = {found[0].code: found for found in _rows(OutsideSystem.code.in_(CHOICES))}
    return {code: _switch(code, rows.get(code)) for code in CHOICES}


def switch(actor_id: int, code: str, wanted: str, reason: str, seen: str) -> bool:
    """Put a system into a mode, or back to the setting (`wanted` is empty); False when it is so already.

    What waits for the old way is due at once; what stands in a file that is out stays there.

    Raises:
        Conflict: somebody has switched since `seen`.
        DomainError: no reason, no such mode of this system, or it cannot be called for want of settings.
    """
    before = of(code)
    mode = _wanted(before, wanted)
    if not (reason := text.clean(reason)):
        raise DomainError("دلیل را بنویسید تا همکاران بدانند چرا", field="reason")
    with atomic():
        db.session.execute(insert_once(OutsideSystem, code=code))
        found = db.session.scalars(select(OutsideSystem).where(OutsideSystem.code == code).with_for_update()).one()
        db.session.refresh(found)
        if _seen(found.mode_at) != seen:
            raise Conflict(_meanwhile(of(code)))
        if found.mode is mode:
            return False
        found.mode, found.mode_by_id = mode, actor_id
        found.mode_reason, found.mode_at = reason[:LONGEST_REASON], utcnow()
        told: dict[str, Any] = {"code": code, "before": before.mode, "after": mode or before.setting}
        audit.record("outside_mode_switched", "outside_system", found.id, actor_id=actor_id, **told)
        for topic in outbox.BANKS if code == outside.PAYMENT else (code,):
            outbox.make_due(topic)
    outside.forget_modes()
    return True


def lacks_settings(code: str) -> bool:
    """Whether it cannot be called, whatever its mode."""
    return code.upper() not in current_app.config.get("SET_UP", ())


def _wanted(before: Switch, wanted: str) -> Mode | None:
    if not wanted:
        return None
    if wanted not in CHOICES[before.code]:
        raise DomainError("یکی از حالت‌های همین سامانه را انتخاب کنید", field="mode")
    if wanted == Mode.ONLINE and before.setting is not Mode.ONLINE and lacks_settings(before.code):
        raise DomainError("نشانی یا رمز این سامانه در تنظیمات نصب نیست و برخط کار نمی‌کند", field="mode")
    return Mode(wanted)


def _rows(where: ColumnElement[bool]) -> list[tuple[OutsideSystem, str]]:
    """Rows of systems, each with the name of whoever has switched it."""
    query = select(OutsideSystem, User).outerjoin(User, User.id == OutsideSystem.mode_by_id).where(where)
    query = query.options(joinedload(User.person)).execution_options(populate_existing=True)
    return [(row, trail.name_of(user) if user else "") for row, user in db.session.execute(query)]


def _switch(code: str, found: tuple[OutsideSystem, str] | None) -> Switch:
    setting = Mode(current_app.config.get(f"{code.upper()}_MODE", Mode.OFF))
    if found is None:
        return Switch(code, setting, setting, None, "", "", None)
    row, who = found
    return Switch(code, row.mode or setting, setting, row.mode, who, row.mode_reason or "", row.mode_at)


def _seen(at: datetime | None) -> str:
    return str(int(at.timestamp() * 1_000_000)) if at else ""


def _meanwhile(now: Switch) -> str:
    when = jalali.at(now.at) if now.at else ""
    return f"{now.who or 'همکار شما'} {when} این سامانه را «{TITLE[now.mode]}» کرد ({now.reason}). چیزی تغییر نکرد."
