"""Who did what to a unit, read from the audit trail."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, Unit, User, db
from services import jalali
from services.units.values import LABEL, show

DID = {
    "unit_created": "واحد را ساخت",
    "unit_edited": "واحد را ویرایش کرد",
    "unit_disabled": "واحد را غیرفعال کرد",
    "unit_enabled": "واحد را فعال کرد",
}


class Told(NamedTuple):
    """One act, in words; `parts` are the fields that changed."""

    at: str
    what: str
    note: str
    parts: list[str]


def history(unit: Unit, limit: int = 10) -> list[Told]:
    """The newest acts on a unit, newest first."""
    events = select(AuditEvent, User).outerjoin(User, User.id == AuditEvent.actor_id)
    events = events.where(
        AuditEvent.subject == "unit", AuditEvent.subject_id == unit.id, AuditEvent.action.in_(list(DID))
    )
    events = events.options(joinedload(User.person)).order_by(AuditEvent.id.desc()).limit(limit)
    return [_told(event, user) for event, user in db.session.execute(events)]


def _told(event: AuditEvent, user: User | None) -> Told:
    who = (user.person.full_name or user.username) if user else "سامانه"
    parts = [f"{LABEL[field]}: «{show(field, pair[1])}»" for field, pair in event.detail.get("changes", {}).items()]
    return Told(jalali.at(event.at), f"{who} {DID[event.action]}", "", parts)
