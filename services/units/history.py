"""Who did what to a unit, read from the audit trail."""

from models import AuditEvent, Unit, User
from services import jalali, trail
from services.trail import Told
from services.units.values import LABEL, show

DID = {
    "unit_created": "واحد را ساخت",
    "unit_edited": "واحد را ویرایش کرد",
    "unit_disabled": "واحد را غیرفعال کرد",
    "unit_enabled": "واحد را فعال کرد",
}


def history(unit: Unit, limit: int = 10) -> list[Told]:
    """The newest acts on a unit, newest first."""
    return [_told(event, user) for event, user in trail.acts("unit", unit.id, DID, limit)]


def _told(event: AuditEvent, user: User | None) -> Told:
    parts = [f"{LABEL[field]}: «{show(field, pair[1])}»" for field, pair in event.detail.get("changes", {}).items()]
    return Told(jalali.at(event.at), f"{trail.name_of(user)} {DID[event.action]}", "", parts)
