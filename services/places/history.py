"""Who did what to a place or workshop, read from the audit trail."""

from models import AuditEvent, Place, User, Workshop
from services import jalali, text, trail
from services.places.values import PLACE_LABEL, WORKSHOP_LABEL, show
from services.trail import Told

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


def history(row: Place | Workshop, limit: int = 10) -> list[Told]:
    """The newest acts on a place or workshop, newest first."""
    subject = "place" if isinstance(row, Place) else "workshop"
    return [_told(subject, event, user) for event, user in trail.acts(subject, row.id, DID, limit)]


def _told(subject: str, event: AuditEvent, user: User | None) -> Told:
    label = PLACE_LABEL if subject == "place" else WORKSHOP_LABEL
    parts = [f"{label[field]}: «{show(field, pair[1])}»" for field, pair in event.detail.get("changes", {}).items()]
    note = event.detail.get("reason") or text.persian_digits(event.detail.get("code", ""))
    return Told(jalali.at(event.at), f"{trail.name_of(user)} {DID[event.action]}", note, parts)
