"""Who has written what about an item, from what to what, read from the audit trail; its numbers are in `history`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, User, db
from services import jalali, text
from services.equipment.values import LABEL, NOTHING, show

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


class Told(NamedTuple):
    """One act, in words; `parts` are the fields that changed."""

    at: str
    what: str
    note: str
    parts: list[str]


@dataclass(frozen=True)
class Page:
    """Some acts, newest first, and before which id the next page begins (None at the end)."""

    rows: Sequence[Told]
    before: int | None


def edits(item_id: int, before: int | None = None) -> Page:
    """25 acts on an item; one query."""
    query = select(AuditEvent, User).outerjoin(User, User.id == AuditEvent.actor_id)
    query = query.where(AuditEvent.subject == "equipment_item", AuditEvent.subject_id == item_id)
    query = query.where(AuditEvent.action.in_(list(DID))).options(joinedload(User.person))
    if before:
        query = query.where(AuditEvent.id < before)
    found = db.session.execute(query.order_by(AuditEvent.id.desc()).limit(PAGE + 1)).all()
    rows = [_told(event, user) for event, user in found[:PAGE]]
    return Page(rows, found[PAGE - 1][0].id if len(found) > PAGE else None)


# -- Support -----------------------------------------------------------------------


def _told(event: AuditEvent, user: User | None) -> Told:
    who = (user.person.full_name or user.username) if user else "سامانه"
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
