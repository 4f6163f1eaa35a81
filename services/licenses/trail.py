"""The events of a license: added with every step, and told newest first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import License, LicenseEvent, User, db, utcnow
from services import jalali
from services.access import Actor
from services.errors import Conflict
from services.licenses.wording import DID
from services.trail import Told, name_of


def note(actor: Actor | None, license_id: int, action: str, reason: str = "", **details: Any) -> None:
    """Add one event; inside the transaction of the step."""
    who = {"actor_id": actor.user_id, "level": actor.level.value} if actor else {"level": "system"}
    said = {"action": action, "reason": reason, "details": details, "at": utcnow()}
    db.session.add(LicenseEvent(license_id=license_id, **who, **said))


def history(license_: License, limit: int = 20) -> list[Told]:
    """The newest events, newest first; one query."""
    return [_told(event, user) for event, user in _events(license_.id, limit)]


def actors(license_id: int, actions: Sequence[str]) -> set[int | None]:
    """Who has done one of these to a license."""
    query = select(LicenseEvent.actor_id).where(LicenseEvent.license_id == license_id, LicenseEvent.action.in_(actions))
    return set(db.session.scalars(query))


def late(actor: Actor, license_id: int) -> Conflict:
    """Somebody was faster: who, when and what."""
    found = _events(license_id, 1)
    if not found:
        return Conflict("این پروانه در این میان تغییر کرد. صفحه را دوباره ببینید؛ چیزی ثبت نشد.")
    event, user = found[0]
    when = jalali.clock(jalali.tehran(event.at).time())
    if event.actor_id == actor.user_id:
        return Conflict(
            f"خود شما ساعت {when} دربارهٔ این پروانه کاری کرده‌اید. صفحه را دوباره ببینید؛ چیزی دوباره ثبت نشد."
        )
    return Conflict(f"{name_of(user)} ساعت {when} این پروانه را {DID[event.action]}. آنچه شما فرستادید ثبت نشد.")


def _events(license_id: int, limit: int) -> Sequence[Any]:
    query = select(LicenseEvent, User).outerjoin(User, User.id == LicenseEvent.actor_id)
    query = query.where(LicenseEvent.license_id == license_id).options(joinedload(User.person))
    return db.session.execute(query.order_by(LicenseEvent.id.desc()).limit(limit)).all()


def _told(event: LicenseEvent, user: User | None) -> Told:
    return Told(jalali.at(event.at), f"{name_of(user)} {DID[event.action]}", event.reason, [])
