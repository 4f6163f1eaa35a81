"""Who has written what about an item, from what to what, read from the audit trail; its numbers are in `history`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import AuditEvent, User
from services import jalali, text, trail
from services.equipment.values import LABEL, NOTHING, show
from services.trail import Told

PAGE = 25
DID = {
    "equipment_created": "این قلم را ثبت کرد",
    "equipment_imported": "این قلم را از اکسل نوشت",
    "equipment_edited": "مشخصات را ویرایش کرد",
    "equipment_put_aside": "این قلم را کنار گذاشت",
    "equipment_brought_back": "این قلم را به فهرست برگرداند",
    "service_planned": "برنامهٔ سرویس را نوشت",
}
PLAN = {"every_days": "هر چند روز سرویس", "next_on": "نوبت سرویس"}


@dataclass(frozen=True)
class Page:
    """Some acts, newest first, and before which id the next page begins (None at the end)."""

    rows: Sequence[Told]
    before: int | None


def edits(item_id: int, before: int | None = None) -> Page:
    """25 acts on an item; one query."""
    found = trail.acts("equipment_item", item_id, DID, PAGE + 1, before)
    rows = [_told(event, user) for event, user in found[:PAGE]]
    return Page(rows, found[PAGE - 1][0].id if len(found) > PAGE else None)


# -- Support -----------------------------------------------------------------------


def _told(event: AuditEvent, user: User | None) -> Told:
    who = trail.name_of(user)
    changes = event.detail.get("changes", {})
    parts = [
        f"{LABEL.get(field) or PLAN[field]}: از «{_said(field, old)}» به «{_said(field, new)}»"
        for field, (old, new) in changes.items()
        if field in LABEL or field in PLAN
    ]
    return Told(jalali.at(event.at), f"{who} {DID[event.action]}", event.detail.get("reason") or "", parts)


def _said(field: str, raw: Any) -> str:
    if field not in PLAN:
        return show(field, raw)
    if raw is None:
        return NOTHING
    return jalali.short(date.fromisoformat(raw)) if field == "next_on" else text.persian_digits(raw)
