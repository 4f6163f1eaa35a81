"""The events of a license: added with every step, and told newest first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import License, LicenseEvent, User, db, utcnow
from services import jalali
from services.access import Actor
from services.errors import Conflict
from services.licenses.wording import DID, OUTCOME, VISIT_KIND, YOU
from services.trail import Told, name_of

_CHANGED = "این پروانه در این میان تغییر کرد. صفحه را دوباره ببینید؛ چیزی ثبت نشد."


def note(actor: Actor | None, license_id: int, action: str, reason: str = "", **details: Any) -> None:
    """Add one event; inside the transaction of the step."""
    who = {"actor_id": actor.user_id, "level": actor.level.value} if actor else {"level": "system"}
    said = {"action": action, "reason": reason, "details": details, "at": utcnow()}
    db.session.add(LicenseEvent(license_id=license_id, **who, **said))


def history(license_: License, limit: int = 20) -> list[Told]:
    """The newest events, newest first; one query."""
    return [_told(event, user) for event, user in _events(license_.id, limit)]


def late(actor: Actor, license_id: int) -> Conflict:
    """Somebody was faster: who, when and what."""
    found = over(actor, license_id)
    return Conflict(f"{found}. آنچه شما فرستادید ثبت نشد." if found else _CHANGED)


def over(actor: Actor, license_id: int) -> str:
    """The last step of a license, by whom and when; empty when there was none."""
    found = _events(license_id, 1, *YOU)
    if not found:
        return ""
    event, user = found[0]
    when = jalali.at(event.at)
    if event.actor_id == actor.user_id:
        return f"خود شما {when} این پروانه را {YOU[event.action]}"
    return f"{name_of(user)} {when} این پروانه را {DID[event.action]}"


def _events(license_id: int, limit: int, *actions: str) -> Sequence[Any]:
    """The newest ones, of these kinds where some are named."""
    query = select(LicenseEvent, User).outerjoin(User, User.id == LicenseEvent.actor_id)
    query = query.where(LicenseEvent.license_id == license_id).options(joinedload(User.person))
    query = query.where(LicenseEvent.action.in_(actions)) if actions else query
    return db.session.execute(query.order_by(LicenseEvent.id.desc()).limit(limit)).all()


def _told(event: LicenseEvent, user: User | None) -> Told:
    return Told(jalali.at(event.at), f"{name_of(user)} {DID[event.action]}{_seen(event)}", event.reason, [])


def _seen(event: LicenseEvent) -> str:
    """What a visit was about and how it ended."""
    kind, outcome = (event.details.get(name) for name in ("kind", "outcome"))
    return f" ({VISIT_KIND[kind]}: {OUTCOME[outcome][0]})" if kind in VISIT_KIND and outcome in OUTCOME else ""
