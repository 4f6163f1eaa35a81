"""How a count ends: sent to the manager, counted again, closed with its movements, or dropped."""

from typing import Any

from sqlalchemy import update

from models import EquipmentItem, Role, Stocktake, StocktakeState, Unit, db, utcnow
from services import access, audit, jalali, policy, text
from services.access import Actor
from services.equipment import movements, recording
from services.equipment.recording import Change
from services.errors import Conflict, DomainError, NotAllowed
from services.stocktakes import reading
from services.stocktakes.differences import Line, steps
from services.stocktakes.reading import Ended
from services.transaction import atomic

S = StocktakeState
_NO_MANAGER = "این کار با مدیر همین مرکز است. چیزی ثبت نشد."
_FASTER = "همکار شما همین حالا این شمارش را پیش برد. صفحه را دوباره باز کنید."
_ALONE = (
    "همهٔ این شمارش کار خود شماست و کسی شمارش خود را به‌تنهایی تأیید نمی‌کند. از همکاری بخواهید بشمارد یا مدیر دیگری "
    "تأیید کند. چیزی ثبت نشد."
)
_NEW_COUNTS = "پس از بازشدن این صفحه، قلم‌هایی دوباره شمرده شده است. تفاوت‌ها را دوباره ببینید؛ چیزی ثبت نشد."


def send(actor: Actor, stocktake_id: int) -> bool:
    """Say that the counting is done and the manager may look; False when it was said already.

    Raises:
        DomainError: nothing has been counted.
        Conflict: the count is over.
        NotAllowed, NotFound, OutsideTerritory: it is not the actor's.
    """
    with atomic():
        stocktake = reading.countable(actor, stocktake_id)
        if stocktake.state is S.COUNTED:
            return False
        if not reading.is_begun(stocktake):
            raise DomainError("هنوز چیزی شمرده نشده است. دست‌کم یک قلم را بشمارید یا شمارش را کنار بگذارید.")
        _step(actor, stocktake, (S.OPEN,), S.COUNTED, counted_by_id=actor.user_id, counted_at=utcnow())
    return True


def reopen(actor: Actor, stocktake_id: int) -> bool:
    """Have it counted further; False when it is open already. What was counted stays.

    Raises:
        NotAllowed: only a manager asks for it; or as `send`.
    """
    with atomic():
        stocktake = _managed(actor, stocktake_id)
        if stocktake.state is S.OPEN:
            return False
        _step(actor, stocktake, (S.COUNTED,), S.OPEN, counted_by_id=None, counted_at=None)
    return True


def close(actor: Actor, stocktake_id: int, seen: int, *, leave_rest: bool) -> int | None:
    """Write the differences down as movements; above the limits of the policy they wait for the province.

    The number of statements does not grow with the differences.

    Args:
        seen: the newest count on the page on which the manager decided.
        leave_rest: what nobody counted is to stay in the books as it is.

    Returns:
        How many changes wait for the province, or None when it was closed already.

    Raises:
        NotAllowed: no manager, or the only one who counted.
        DomainError: something was not counted, or a difference fits the books no more.
        Conflict: there are counts that the manager has not seen, or the count is not for a manager yet.

    Source: docs/rules.md R-172, R-173.
    """
    with atomic():
        stocktake = _managed(actor, stocktake_id)
        if stocktake.state is S.CLOSED:
            return None
        _step(actor, stocktake, (S.COUNTED,), S.CLOSED, closed_by_id=actor.user_id, closed_at=utcnow())
        ended = reading.held(stocktake)
        _refuse_alone(actor, ended)
        if ended.last != seen:
            raise Conflict(_NEW_COUNTS)
        _refuse_left(ended, leave_rest=leave_rest)
        changes = [change for line in ended.different for change in _changes(stocktake, line)]
        return recording.change_or_ask_all(actor, stocktake.unit_id, changes, stocktake_id=stocktake.id)


def drop(actor: Actor, stocktake_id: int, reason: str) -> bool:
    """Give a count up; the books stay as they are. False when it was given up already.

    Raises:
        NotAllowed: neither a manager nor who opened it; or as `send`.
        DomainError: there is no reason.
    """
    with atomic():
        stocktake = reading.countable(actor, stocktake_id)
        if stocktake.state is S.DROPPED:
            return False
        if stocktake.opened_by_id != actor.user_id and not reading.closes(actor, stocktake):
            raise NotAllowed("شمارش را مدیر یا کسی که آن را باز کرده است کنار می‌گذارد. چیزی ثبت نشد.")
        why = movements.said_reason(reason)
        _step(actor, stocktake, reading.OPEN, S.DROPPED, closed_by_id=actor.user_id, closed_at=utcnow(), note=why)
    return True


def blocked(line: Line) -> str:
    """Why a difference cannot be put right as the books stand now; empty when it can."""
    if not line.differs or line.is_elsewhere:
        return ""
    why = movements.why_not(line.item, line.pieces, line.working)
    return f"«{line.item.name}»: {why}" if why else ""


# -- Support -----------------------------------------------------------------------


def _managed(actor: Actor, stocktake_id: int) -> Stocktake:
    stocktake = reading.countable(actor, stocktake_id)
    if not reading.closes(actor, stocktake):
        raise NotAllowed(_NO_MANAGER)
    return stocktake


def _step(actor: Actor, stocktake: Stocktake, before: tuple[S, ...], after: S, **values: Any) -> None:
    """One conditional UPDATE, after which the count is as it stands, and one audit row."""
    moved = update(Stocktake).where(Stocktake.id == stocktake.id, Stocktake.state.in_(before))
    moved = moved.values(state=after, **values)
    options = {"synchronize_session": False, "populate_existing": True}
    if db.session.scalar(moved.returning(Stocktake), execution_options=options) is None:
        raise Conflict(_FASTER)
    audit.record(f"stocktake_{after.value}", "stocktake", stocktake.id, actor_id=actor.user_id)


def _refuse_alone(actor: Actor, ended: Ended) -> None:
    """Nobody closes what they alone counted, unless nobody else works there.

    Source: docs/rules.md R-172.
    """
    if ended.counters != {actor.user_id}:
        return
    unit = db.session.get_one(Unit, ended.stocktake.unit_id)
    if access.shared(actor.user_id, [unit.id], Role.CLERK, Role.MANAGER) and policy.value("separation_of_duties", unit):
        raise NotAllowed(_ALONE)


def _refuse_left(ended: Ended, *, leave_rest: bool) -> None:
    if ended.left and not leave_rest:
        many = text.persian_digits(len(ended.left))
        raise DomainError(f"{many} قلم شمرده نشده است. بگویید که در دفتر همان‌گونه می‌ماند", field="leave_rest")
    for line in ended.different:
        if why := blocked(line):
            raise DomainError(f"{why}. این قلم را دوباره بشمارید؛ چیزی ثبت نشد.")


def _changes(stocktake: Stocktake, line: Line) -> list[tuple[EquipmentItem, Change]]:
    """What makes the books of one item say what was counted; of one that is elsewhere, nothing."""
    if line.is_elsewhere or line.count is None:
        return []
    reason = f"انبارگردانی {text.persian_digits(stocktake.id)}"
    day = jalali.tehran_today(line.count.at)
    return [(line.item, Change(*step, day, reason)) for step in steps(line.pieces, line.working)]
