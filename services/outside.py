"""How each outside system is doing, known to every process: one that is down is left alone and asked again later."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from flask import current_app, has_request_context, request
from sqlalchemy import Row, Select, bindparam, case, or_, select, update

from gateways.errors import GatewayError, Temporary, Unanswered
from models import BreakerState, Mode, OutsideSystem, db, utcnow
from services import outbox, outside_hours, transaction
from services.sql import insert_once
from services.transaction import atomic

log = logging.getLogger(__name__)
R = TypeVar("R")

SYSTEMS = ("sso", "registry", "shahkar", "sms", "karpoosheh")
BESIDE = ("address", "decile")  # shown where they are spoken to at all; nothing waits for what they tell
PAYMENT = "payment"  # all banks together; each of them has a breaker of its own
# Why a row of the outbox waits while its system is not asked by calls; the words are in services/labels.py.
WAITS = {Mode.BATCH: "batch", Mode.MANUAL: "by_hand", Mode.OFF: "switched_off"}
_KEPT = "doreh.outside"
WINDOW = timedelta(seconds=60)
FAILURES_TO_OPEN = 5
REST = timedelta(seconds=60)
OK_NOTED_EVERY = timedelta(seconds=5)  # success is the usual case and must not write at every call
SLOW_MS = 3000
# An answer about the one question that was asked, although it is no verdict: it says nothing about the system.
ANSWERED = frozenset({"311"})


class Resting(Exception):
    """The system is down and was not called; `seconds` until somebody may try."""

    def __init__(self, code: str, seconds: int) -> None:
        super().__init__(f"{code} rests")
        self.seconds = seconds


@dataclass(frozen=True)
class State:
    """One outside system. `health` is up, slow, shaky, down, unasked, or the mode when it is not online."""

    code: str
    health: str
    since: datetime | None
    last_ok_at: datetime | None
    last_failure_at: datetime | None


# -- Mode --------------------------------------------------------------------------


def mode_of(code: str) -> Mode:
    """How a system is spoken to now: as an operator has chosen, else as the settings say.

    A job asks the database each time, because an operator may switch at any moment; a request asks once for all.
    """
    row = _rows().get(code)
    return (row and row.mode) or Mode(current_app.config.get(f"{code.upper()}_MODE", Mode.OFF))


def is_online(code: str) -> bool:
    return mode_of(code) is Mode.ONLINE


def forget_modes() -> None:
    """The rest of this request sees what it has just switched."""
    if has_request_context():
        request.environ.pop(_KEPT, None)


def _rows() -> dict[str, Any]:
    """All that is stored of the systems, by code."""
    if not has_request_context():
        return _read()
    if _KEPT not in request.environ:
        request.environ[_KEPT] = _read()
    kept: dict[str, Any] = request.environ[_KEPT]
    return kept


def _read() -> dict[str, Any]:
    return {row.code: row for row in db.session.connection().execute(_all())}


@cache
def _all() -> Select[*tuple[Any, ...]]:
    return select(OutsideSystem.__table__)


# -- Calling -----------------------------------------------------------------------


def call(code: str, function: Callable[[], R]) -> R:
    """What `function` brings from the system; how it went is known to every process afterwards.

    Raises:
        Resting: the breaker is open and it is not our turn to try.
        GatewayError: as the gateway raised it.
    """
    if transaction.is_open():
        raise RuntimeError("a call outside within a transaction")
    known = _enter(code)
    began = time.monotonic()
    try:
        result = function()
    except GatewayError as error:
        if isinstance(error, Temporary | Unanswered) and error.code not in ANSWERED:
            outside_hours.note(code, _ms(began), is_answered=False)
            _failed(code)
        else:
            _answered(code, known, _ms(began))
        raise
    _answered(code, known, _ms(began))
    return result


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _enter(code: str) -> Row[Any] | None:
    """What is known of the system before the call, when it may be called."""
    row = db.session.connection().execute(_known(), {"code": code}).one_or_none()
    db.session.commit()  # no transaction stays open during the call
    if row is None or row.breaker is BreakerState.CLOSED:
        return row
    now = utcnow()
    if row.probe_at is not None and row.probe_at > now:
        raise Resting(code, int((row.probe_at - now).total_seconds()) + 1)
    with atomic():
        ours = _update(code, _due(now), probe_at=now + REST)
    if not ours:
        raise Resting(code, int(REST.total_seconds()))
    return row


def _due(now: datetime) -> object:
    return (OutsideSystem.breaker == BreakerState.OPEN) & or_(
        OutsideSystem.probe_at.is_(None), OutsideSystem.probe_at <= now
    )


def _failed(code: str) -> None:
    now = utcnow()
    recent = OutsideSystem.failing_since > now - WINDOW
    with atomic():
        _ensure(code)
        _update(
            code,
            last_failure_at=now,
            failures=case((recent, OutsideSystem.failures + 1), else_=1),
            failing_since=case((recent, OutsideSystem.failing_since), else_=now),
        )
        full = (OutsideSystem.breaker == BreakerState.CLOSED) & (OutsideSystem.failures >= FAILURES_TO_OPEN)
        opened = _update(code, full, breaker=BreakerState.OPEN, opened_at=now, probe_at=now + REST)
    if opened:
        log.warning("%s does not answer; it is left alone for %.0f s", code, REST.total_seconds())


def _answered(code: str, known: Row[Any] | None, taken_ms: int) -> None:
    now = utcnow()
    outside_hours.note(code, taken_ms, is_answered=True, is_slow=taken_ms > SLOW_MS)
    # A failure that another process has noted since is cleared by the next call, which finds it.
    if known is not None and _is_noted(known, now, taken_ms):
        return
    with atomic():
        _ensure(code)
        is_open = OutsideSystem.breaker == BreakerState.OPEN
        closed = _update(code, is_open, breaker=BreakerState.CLOSED, opened_at=None, probe_at=None)
        _update(code, last_ok_at=now, last_ms=taken_ms, failures=0, failing_since=None)
        if closed:
            outbox.make_due(code)
    if closed:
        log.warning("%s answers again", code)


@cache
def _known() -> Select[*tuple[Any, ...]]:
    """What every call looks at first; built once."""
    columns = (
        OutsideSystem.breaker,
        OutsideSystem.probe_at,
        OutsideSystem.failures,
        OutsideSystem.last_ok_at,
        OutsideSystem.last_ms,
    )
    return select(*columns).where(OutsideSystem.code == bindparam("code"))


def _is_noted(row: Any, now: datetime, taken_ms: int) -> bool:
    """Whether the row says already what this success would say."""
    if row.failures or row.breaker is BreakerState.OPEN or row.last_ok_at is None or row.last_ms is None:
        return False
    return now - row.last_ok_at < OK_NOTED_EVERY and (row.last_ms > SLOW_MS) == (taken_ms > SLOW_MS)


def _ensure(code: str) -> None:
    db.session.execute(insert_once(OutsideSystem, code=code, breaker=BreakerState.CLOSED, failures=0))


def _update(code: str, *where: object, **values: object) -> bool:
    """Whether the row was changed; the condition is what makes one process of many the one that did it."""
    statement = update(OutsideSystem).where(OutsideSystem.code == code, *where).values(**values)  # type: ignore[arg-type]
    changed = statement.returning(OutsideSystem.id).execution_options(synchronize_session=False)
    return db.session.scalar(changed) is not None


# -- Looking -----------------------------------------------------------------------


def is_down(code: str) -> bool:
    """Whether the breaker is open."""
    return db.session.scalar(select(OutsideSystem.breaker).where(OutsideSystem.code == code)) is BreakerState.OPEN


def states(settings: Mapping[str, Any]) -> list[State]:
    """Every outside system that is spoken to, in a fixed order, in one query.

    `settings` hold the `…_MODE` of each, in whose place an operator may have chosen another one.

    The gateways of banks come last, in the order of preference, while payment is online.
    """
    rows = _rows()
    modes = {code: _in_force(code, rows.get(code), settings) for code in (*SYSTEMS, *BESIDE)}
    modes = {code: mode for code, mode in modes.items() if code not in BESIDE or mode != Mode.OFF}
    if _in_force(PAYMENT, rows.get(PAYMENT), settings) == Mode.ONLINE:
        modes |= dict.fromkeys(settings.get("PAYMENT_GATEWAYS", ()), "online")
    return [_state(code, str(mode), rows.get(code)) for code, mode in modes.items()]


def _in_force(code: str, row: Any, settings: Mapping[str, Any]) -> str:
    if row is not None and row.mode is not None:
        return str(row.mode.value)
    return str(settings.get(f"{code.upper()}_MODE", "off"))


def _state(code: str, mode: str, row: Any) -> State:
    if row is None:
        return State(code, "unasked" if mode == "online" else mode, None, None, None)
    if mode != "online":
        return State(code, mode, None, row.last_ok_at, row.last_failure_at)
    if row.breaker is BreakerState.OPEN:
        health, since = "down", row.opened_at
    elif row.failures:
        health, since = "shaky", row.failing_since
    elif row.last_ok_at is None:
        health, since = "unasked", None
    else:
        health, since = "slow" if (row.last_ms or 0) > SLOW_MS else "up", row.last_ok_at
    return State(code, health, since, row.last_ok_at, row.last_failure_at)
