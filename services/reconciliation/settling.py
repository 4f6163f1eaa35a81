"""What people do about a day: the bank is asked again, differences are explained, and the day is closed for good.

Source: docs/rules.md R-525, R-526, R-527.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import update

from models import DayClosing, ReconciliationFile, ReconciliationRow, User, db, utcnow
from services import audit, jalali, policy, text, trail
from services.access import Actor
from services.errors import Conflict, DomainError, NotAllowed
from services.payments import rechecking
from services.reconciliation import reading, sheets, wording
from services.reconciliation.reading import Day, Difference
from services.sql import add_many, add_once
from services.transaction import atomic

LONGEST = 300
SUBJECT = "day_closing"


def settle(actor: Actor, gateway: str, day: date, keys: Collection[str], note: str) -> int:
    """Explain differences of a day with a note; how many were explained now.

    Raises:
        DomainError: none is chosen, or nothing is written. Conflict: somebody was faster, or the day is closed.
    """
    reading.require(actor)
    if not keys:
        raise DomainError(wording.CHOOSE, field="difference")
    words = text.clean(note)[:LONGEST]
    if not words:
        raise DomainError(wording.WRITE, field="note")
    with atomic():
        found = _held(gateway, day)
        chosen = [each for each in found.differences if each.key in keys]
        waiting = [each for each in chosen if each.settled_at is None]
        if not waiting:
            _too_late(actor, found, chosen, words)
            return 0
        _explain(actor, found, waiting, words)
        about: dict[str, Any] = {"gateway": gateway, "day": day.isoformat(), "count": len(waiting)}
        audit.record("differences_settled", SUBJECT, None, actor_id=actor.user_id, **about)
    return len(waiting)


def ask(actor: Actor, gateway: str, day: date, keys: Collection[str]) -> int:
    """Have the bank asked again about open payments that it says are paid; about how many.

    Raises:
        DomainError: none is chosen of which the bank can be asked.
    """
    reading.require(actor)
    found = reading.one(gateway, day)
    able = [each.payment_id for each in found.differences if each.key in keys and each.may_ask and each.payment_id]
    if not able:
        raise DomainError("پرداخت بازی انتخاب نشده است که بتوان دوباره از بانک پرسید", field="difference")
    asked = 0
    for payment_id in able:
        try:
            rechecking.again(actor.user_id, payment_id)
        except Conflict:
            continue  # it has ended meanwhile; the page says how
        asked += 1
    return asked


def nothing(actor: Actor, gateway: str, day: date) -> None:
    """Note that the bank has no transaction on a day, where it gives out no file then.

    Raises:
        Conflict: there is a file.
    """
    reading.require(actor)
    if day >= policy.today():
        raise DomainError(wording.NOT_OVER)
    about = {"gateway": gateway, "day": day, "name": wording.EMPTY_FILE, "sha256": f"none:{gateway}:{day}"}
    counted = {"rows": 0, "total_rials": 0, "uploaded_by_id": actor.user_id, "created_at": utcnow()}
    with atomic():
        if sheets.hold(gateway, day):
            raise Conflict(wording.HAS_FILE)
        file_id = add_once(ReconciliationFile, **about, **counted)
        if file_id is not None:
            said: dict[str, Any] = {"gateway": gateway, "day": day.isoformat()}
            audit.record("bank_had_nothing", "reconciliation_file", file_id, actor_id=actor.user_id, **said)


def close(actor: Actor, gateway: str, day: date, seen: str, note: str) -> bool:
    """Close a day for good; False when this person has closed it before.

    Args:
        seen: `Day.seen` of the page on which it was decided.

    Raises:
        DomainError: the day is not over, has no file, or a difference is not explained.
        NotAllowed: the person has explained differences of it. Conflict: the figures have moved, or it is closed.
    """
    reading.require(actor)
    with atomic():
        sheets.hold(gateway, day)
        found = reading.one(gateway, day)
        if found.closing and found.closing.closed_by_id == actor.user_id:
            return False
        _may_close(actor, found, seen)
        sums = {"our_count": found.ours.count, "our_rials": found.ours.rials}
        sums |= {"bank_count": found.theirs.count, "bank_rials": found.theirs.rials}
        about = {"gateway": gateway, "day": day, "closing_key": sheets.closing_key(gateway, day)}
        said = {"explained": len(found.differences), "note": text.clean(note)[:500], "at": utcnow()}
        closing_id = add_once(DayClosing, **about, **sums, **said, closed_by_id=actor.user_id)
        if closing_id is None:
            raise Conflict(wording.CLOSED)
        audit.record("day_closed", SUBJECT, closing_id, actor_id=actor.user_id, gateway=gateway, day=day.isoformat())
    return True


# -- Support -----------------------------------------------------------------------


def _held(gateway: str, day: date) -> Day:
    if not sheets.hold(gateway, day):
        raise DomainError(wording.NO_FILE)
    found = reading.one(gateway, day)
    if found.closing:
        raise Conflict(wording.CLOSED)
    return found


def _explain(actor: Actor, found: Day, waiting: list[Difference], words: str) -> None:
    """Lines of the bank get the note themselves; of our own payments one is added that names them, as line 0."""
    said: dict[str, Any] = {"settled_by_id": actor.user_id, "settled_at": utcnow(), "note": words}
    rows = [int(each.key.partition(":")[2]) for each in waiting if each.key.startswith("row:")]
    if rows:
        statement = update(ReconciliationRow).where(ReconciliationRow.id.in_(rows)).values(**said)
        db.session.execute(statement.execution_options(synchronize_session=False))
    ours = [each for each in waiting if each.key.startswith("payment:")]
    add_many(ReconciliationRow, [said | _line_zero(found.files[0].id, each) for each in ours])


def _line_zero(file_id: int, each: Difference) -> dict[str, Any]:
    said = {"order_number": each.order_number, "reference": each.reference, "amount": each.ours, "paid_at": None}
    return {"file_id": file_id, "payment_id": each.payment_id, "line": 0, "outcome": each.kind, **said}


def _too_late(actor: Actor, found: Day, chosen: list[Difference], words: str) -> None:
    """Nothing is left to explain: fine where this person has sent the same before, else they hear who was faster."""
    if not chosen:
        raise Conflict(wording.MOVED_ON)
    first = chosen[0]
    if first.by_id == actor.user_id and first.note == words:
        return
    who = found.names.get(first.by_id or 0, "همکار دیگری")
    when = jalali.at(first.settled_at) if first.settled_at else ""
    raise Conflict(wording.WHO_SETTLED.format(who=who, when=when))


def _may_close(actor: Actor, found: Day, seen: str) -> None:
    if closing := found.closing:
        who = trail.name_of(db.session.get(User, closing.closed_by_id))
        raise Conflict(wording.WHO_CLOSED.format(who=who, when=jalali.at(closing.at)))
    if not found.is_over:
        raise DomainError(wording.NOT_OVER)
    if not found.files:
        raise DomainError(wording.NO_FILE)
    if found.left:
        raise DomainError(wording.OPEN_LEFT.format(n=text.persian_digits(found.left)))
    if is_own_work(actor, found):
        raise NotAllowed(wording.OWN_WORK)
    if seen != found.seen:
        raise Conflict(wording.MOVED_ON)


def is_own_work(actor: Actor, found: Day) -> bool:
    """Whether this person, or somebody in whose place they stand, has explained a difference of the day."""
    own = {actor.user_id, *actor.stands_for}
    return any(each.by_id in own for each in found.differences) and bool(policy.value("separation_of_duties"))
