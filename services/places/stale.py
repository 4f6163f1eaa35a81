"""A saving of a place or workshop that came after somebody else's: what differs, field by field."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, Place, User, Workshop, db
from services import jalali
from services.access import Actor
from services.changes import Difference, compare
from services.errors import Conflict
from services.places.values import PLACE_LABEL, WORKSHOP_LABEL, show

_NOUN = {"place": "این مکان", "workshop": "این کارگاه"}


class StalePlace(Conflict):
    """Nothing was saved. `merged` is what was sent, with fields the sender had not touched as they stand now."""

    def __init__(self, message: str, differences: list[Difference], merged: Any) -> None:
        super().__init__(message)
        self.differences = differences
        self.merged = merged


def edit(row: Place | Workshop, actor: Actor, version: int, sent: Any) -> StalePlace:
    """The refusal of a saving that was based on `version` of a row that has moved on."""
    subject = "place" if isinstance(row, Place) else "workshop"
    label = PLACE_LABEL if isinstance(row, Place) else WORKSHOP_LABEL
    events = _since(subject, row.id, version)
    pairs, untouched = compare(row, sent, (event.detail["changes"] for event in events))
    differences = [
        Difference(
            pair.field, label[pair.field], show(pair.field, pair.stored), show(pair.field, pair.sent), pair.whose
        )
        for pair in pairs
    ]
    return StalePlace(_sentence(_NOUN[subject], events, actor), differences, replace(sent, **untouched))


def _since(subject: str, row_id: int, version: int) -> list[AuditEvent]:
    query = select(AuditEvent).where(
        AuditEvent.subject == subject, AuditEvent.subject_id == row_id, AuditEvent.action == f"{subject}_edited"
    )
    return [event for event in db.session.scalars(query.order_by(AuditEvent.id)) if event.detail["version"] > version]


def _sentence(noun: str, events: list[AuditEvent], actor: Actor) -> str:
    rest = "نوشته‌های شما ذخیره نشد و در همین صفحه مانده است. تفاوت‌ها را ببینید و انتخاب کنید."
    if not events:
        return f"{noun} در این میان تغییر کرده است. {rest}"
    when = jalali.clock(jalali.tehran(events[-1].at).time())
    if events[-1].actor_id == actor.user_id:
        return f"خود شما ساعت {when} در صفحهٔ دیگری {noun} را ویرایش کردید. {rest}"
    user = db.session.get(User, events[-1].actor_id, options=[joinedload(User.person)])
    who = (user.person.full_name or user.username) if user else "سامانه"
    return f"{who} ساعت {when} {noun} را ویرایش کرد. {rest}"
