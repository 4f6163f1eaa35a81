"""The form in a row of the list of equipment: what is written about an item most often, without its numbers."""

import datetime as dt
from dataclasses import replace
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField

from blueprints.forms.equipment import UNSAID
from blueprints.forms.fields import JalaliDateField, TidyStringField, options
from models import Condition, EquipmentItem
from services import labels
from services.equipment import ItemValues
from services.servicing import Plan

FACTS = ("condition", "model", "serial", "asset_tag", "note")


class RowForm(FlaskForm):
    """Some facts of an item, and the next day of its service where it has a plan; `seen_next` is that of the page."""

    version = HiddenField()
    seen_next = HiddenField()
    condition = SelectField("وضع", choices=options([UNSAID, *labels.CONDITION.items()]), validate_choice=False)
    model = TidyStringField("مدل")
    serial = TidyStringField("شمارهٔ سریال", render_kw={"dir": "ltr"})
    asset_tag = TidyStringField("شمارهٔ اموال پیشین", render_kw={"dir": "ltr"})
    next_on = JalaliDateField("نوبت سرویس")
    note = TextAreaField("یادداشت", description="مثلاً جای آن در کارگاه")

    def of(self, item: EquipmentItem) -> "RowForm":
        """Without a plan there is no next day; several rows may be open on one page, so ids carry the item's."""
        if item.service_every_days is None:
            del self.next_on, self.seen_next
        for field in self:
            field.id = f"{field.name}-{item.id}"
        return self

    def facts(self, item_values: ItemValues) -> ItemValues:
        """What was written; what the row does not ask for stays as it is."""
        written: dict[str, Any] = {name: self[name].data for name in FACTS}
        known = set(Condition)
        written["condition"] = Condition(written["condition"]) if written["condition"] in known else None
        return replace(item_values, **written)

    def plans(self, item: EquipmentItem) -> tuple[Plan, Plan] | None:
        """The plan that was on the page and the one that is wished, where the day was changed."""
        if "next_on" not in self:
            return None
        seen, wished = (Plan(item.service_every_days, day) for day in (_day(self.seen_next.data), self.next_on.data))
        return None if seen == wished else (seen, wished)

    def show(self, item: EquipmentItem) -> "RowForm":
        """Note the day that stands now, so that the next sending knows of it."""
        if "next_on" in self:
            day = item.next_service_on
            self.seen_next.data = day.isoformat() if day else ""
        return self


def row_sent(item: EquipmentItem) -> RowForm:
    """The form as it came."""
    return RowForm().of(item)


def row_of(item: EquipmentItem, values: ItemValues) -> RowForm:
    """The same form filled with values of an item."""
    form = RowForm(formdata=None).of(item)
    for name in FACTS:
        form[name].data = getattr(values, name) or ""
    form.version.data = item.version
    if "next_on" in form:
        form.next_on.process(None, item.next_service_on)
    return form.show(item)


def row_late(item: EquipmentItem, values: ItemValues, sent: RowForm) -> RowForm:
    """The form after somebody else's saving: the facts as they were merged, the day as it was written."""
    form = row_of(item, values)
    if "next_on" in form and "next_on" in sent:
        form.next_on.data_parts, form.seen_next.data = sent.next_on.data_parts, sent.seen_next.data
    return form


def _day(raw: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        return None
