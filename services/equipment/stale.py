"""A saving of an item that came after somebody else's: what differs, field by field."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, EquipmentItem, User, db
from services import jalali
from services.access import Actor
from services.changes import Difference, compare
from services.equipment.values import LABEL, ItemValues, show
from services.errors import Conflict


class StaleItem(Conflict):
    """Nothing was saved. `merged` is what was sent, with fields the sender had not touched as they stand now."""

    def __init__(self, message: str, item: EquipmentItem, differences: list[Difference], merged: ItemValues) -> None:
        super().__init__(message)
        self.item = item
        self.differences = differences
        self.merged = merged


def edit(item: EquipmentItem, actor: Actor, version: int, sent: ItemValues) -> StaleItem:
    """The refusal of a saving that was based on `version` of an item that has moved on."""
    events = _since(item.id, version)
    pairs, untouched = compare(item, sent, (event.detail["changes"] for event in events))
    differences = [
        Difference(
            pair.field, LABEL[pair.field], show(pair.field, pair.stored), show(pair.field, pair.sent), pair.whose
        )
        for pair in pairs
    ]
    return StaleItem(_sentence(events, actor), item, differences, replace(sent, **untouched))


def _since(item_id: int, version: int) -> list[AuditEvent]:
    query = select(AuditEvent).where(
        AuditEvent.subject == "equipment_item",
        AuditEvent.subject_id == item_id,
        AuditEvent.action == "equipment_edited",
    )
    return [event for event in db.session.scalars(query.order_by(AuditEvent.id)) if event.detail["version"] > version]


def _sentence(events: list[AuditEvent], actor: Actor) -> str:
    rest = "نوشته‌های شما ذخیره نشد و در همین صفحه مانده است. تفاوت‌ها را ببینید و انتخاب کنید."
    if not events:
        return f"این قلم در این میان تغییر کرده است. {rest}"
    when = jalali.clock(jalali.tehran(events[-1].at).time())
    if events[-1].actor_id == actor.user_id:
        return f"خود شما ساعت {when} در صفحهٔ دیگری این قلم را ویرایش کردید. {rest}"
    user = db.session.get(User, events[-1].actor_id, options=[joinedload(User.person)])
    who = (user.person.full_name or user.username) if user else "سامانه"
    return f"{who} ساعت {when} این قلم را ویرایش کرد. {rest}"
