"""Forms about counts of workshops. A form checks shape; the service checks the rule."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from blueprints import addresses
from blueprints.forms.fields import NumberField, TidyStringField, options
from models import Workshop
from services import submissions
from services.stocktakes.counting import Count

NUMERIC = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}


class OpenForm(FlaskForm):
    """Which workshop is to be counted."""

    workshop = SelectField("کارگاه", coerce=addresses.number, validate_choice=False)

    def offer(self, workshops: list[Workshop]) -> None:
        several = len({workshop.place_id for workshop in workshops}) > 1
        named = [(w.id, f"{w.title} ({w.place.title})" if several else w.title) for w in workshops]
        self.workshop.choices = options([("", "انتخاب کنید"), *named])


class CountForm(FlaskForm):
    """One item: its label, all pieces, and those that work."""

    count_key = HiddenField()
    label = TidyStringField("شمارهٔ برچسب", render_kw={**NUMERIC, "maxlength": 120, "enterkeyhint": "next"})
    quantity = NumberField("همه", render_kw={**NUMERIC, "maxlength": 9, "enterkeyhint": "next"})
    serviceable = NumberField("سالم", render_kw={**NUMERIC, "maxlength": 9, "enterkeyhint": "send"})

    def offer_key(self) -> None:
        self.count_key.data = submissions.key_of(self.count_key.data)

    def count(self, *, is_missing: bool) -> Count:
        """What was written; `is_missing` where «پیدا نشد» was pressed."""
        numbers = (0, 0) if is_missing else (self.quantity.data, self.serviceable.data)
        return Count(self.count_key.data or "", self.label.data or "", *numbers)


class CloseForm(FlaskForm):
    """The manager's word on what nobody counted."""

    seen = HiddenField()
    leave_rest = BooleanField("قلم‌های شمرده‌نشده در دفتر همان‌گونه که هستند می‌مانند")


class DropForm(FlaskForm):
    """Why a count is given up."""

    reason = TextAreaField("دلیل کنار گذاشتن", description="تا ۳۰۰ نویسه؛ در همین صفحه می‌ماند")
