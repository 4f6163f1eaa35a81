"""Who did what to a place or workshop, read from the audit trail."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, Place, User, Workshop, db
from services import jalali, text
from services.places.values import PLACE_LABEL, WORKSHOP_LABEL, show

DID = {
    "place_created": "مکان را ثبت کرد",
    "place_edited": "مکان را ویرایش کرد",
    "postal_code_confirmed": "گفت که این کد پستی درست است",
    "place_disabled": "مکان را غیرفعال کرد",
    "place_enabled": "مکان را فعال کرد",
    "workshop_created": "کارگاه را ثبت کرد",
    "workshop_edited": "کارگاه را ویرایش کرد",
    "workshop_disabled": "کارگاه را غیرفعال کرد",
    "workshop_enabled": "کارگاه را فعال کرد",
    "workshop_standard_added": "استانداردی به کارگاه افزود",
    "workshop_standard_removed": "استانداردی را از کارگاه برداشت",
}


class Told(NamedTuple):
    """One act, in words; `parts` are the fields that changed."""

    at: str
    what: str
    note: str
    parts: list[str]


def history(row: Place | Workshop, limit: int = 10) -> list[Told]:
    """The newest acts on a place or workshop, newest first."""
    subject = "place" if isinstance(row, Place) else "workshop"
    events = select(AuditEvent, User).outerjoin(User, User.id == AuditEvent.actor_id)
    events = events.where(
        AuditEvent.subject == subject, AuditEvent.subject_id == row.id, AuditEvent.action.in_(list(DID))
    )
    events = events.options(joinedload(User.person)).order_by(AuditEvent.id.desc()).limit(limit)
    return [_told(subject, event, user) for event, user in db.session.execute(events)]


def _told(subject: str, event: AuditEvent, user: User | None) -> Told:
    who = (user.person.full_name or user.username) if user else "سامانه"
    label = PLACE_LABEL if subject == "place" else WORKSHOP_LABEL
    parts = [f"{label[field]}: «{show(field, pair[1])}»" for field, pair in event.detail.get("changes", {}).items()]
    note = event.detail.get("reason") or text.persian_digits(event.detail.get("code", ""))
    return Told(jalali.at(event.at), f"{who} {DID[event.action]}", note, parts)
