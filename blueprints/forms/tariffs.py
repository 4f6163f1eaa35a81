"""Forms about tariffs: a row that is thought of, its last day, and a simulation."""

import datetime as dt
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, RialField, options
from blueprints.forms.rules import DAY, FROM_WHEN
from services import jalali, policy, text
from services.tariffs import ANY, ENROLL_CREDIT, wording
from services.tariffs.keeping import NewTariff
from services.text import persian_digits


class KeysForm(Form):
    """For whom a row is; asked by GET, so that its effect is seen before anything is written."""

    unit_kind = SelectField("نوع واحد", default=ANY, choices=options(wording.UNIT_KINDS.items()))
    delivery = SelectField("شیوهٔ آموزش", default=ANY, choices=options(wording.DELIVERIES.items()))
    target_group = SelectField("گروه هدف", default=ANY, validate_choice=False)
    deciles = SelectMultipleField(
        "دهک درآمدی",
        coerce=int,
        choices=options([(number, persian_digits(number)) for number in wording.DECILES]),
        description="برای هر دهک یک ردیف نوشته می‌شود؛ بی انتخاب، یک ردیف برای همهٔ دهک‌ها",
    )

    def offer(self, groups: dict[str, str]) -> None:
        self.target_group.choices = options([(ANY, "همه"), *groups.items()])

    def wanted(self, fee_kind: str, amount: int, first: dt.date, last: dt.date | None = None) -> NewTariff:
        keys = (self.unit_kind.data, self.delivery.data, self.target_group.data or ANY)
        return NewTariff(fee_kind, *keys, tuple(self.deciles.data or ()), amount, first, last)


class TariffForm(KeysForm):
    """A row as it is thought of."""

    fee_kind = SelectField("نوع هزینه", default=ENROLL_CREDIT, choices=options(wording.FEES.items()))
    amount = RialField("مبلغ", [InputRequired("مبلغ را بنویسید؛ صفر یعنی رایگان")])
    valid_from = JalaliDateField(FROM_WHEN, [DAY], description="امروز یا روزی پس از آن؛ پرداخت‌های پیشین عوض نمی‌شود")
    valid_to = JalaliDateField("تا چه روزی", description="اگر برای مدتی است؛ پس از آن تعرفهٔ پیشین برمی‌گردد")

    def values(self) -> NewTariff | None:
        """The row of a form that was validated."""
        amount, first = self.amount.data, self.valid_from.data
        if amount is None or first is None:
            return None
        return self.wanted(self.fee_kind.data, amount, first, self.valid_to.data)


class SavedTariff(FlaskForm):
    """The same once its effect was seen, to be written."""

    fee_kind, unit_kind, delivery, target_group = HiddenField(), HiddenField(), HiddenField(), HiddenField()
    deciles, amount, valid_from, valid_to = HiddenField(), HiddenField(), HiddenField(), HiddenField()

    @staticmethod
    def shown(wanted: NewTariff) -> dict[str, str]:
        """What the form holds of rows that were seen."""
        keys = ("fee_kind", "unit_kind", "delivery", "target_group")
        days = {"valid_from": wanted.valid_from, "valid_to": wanted.valid_to}
        return {
            **{name: getattr(wanted, name) for name in keys},
            "deciles": ",".join(map(str, wanted.deciles)),
            "amount": str(wanted.amount_rials),
            **{name: text.digits(jalali.short(day)) if day else "" for name, day in days.items()},
        }

    def values(self) -> NewTariff | None:
        """None where it arrived torn."""
        day, last = jalali.parse(self.valid_from.data), jalali.parse(self.valid_to.data)
        amount = addresses.number(self.amount.data, 15)
        deciles = [addresses.number(each) for each in (self.deciles.data or "").split(",") if each]
        if day is None or amount is None or None in deciles or (self.valid_to.data and last is None):
            return None
        kind, mode, group = self.unit_kind.data or "", self.delivery.data or "", self.target_group.data or ""
        return NewTariff(
            self.fee_kind.data or "", kind, mode, group, tuple(each or 0 for each in deciles), amount, day, last
        )


class EndForm(FlaskForm):
    """The last day of a row, as it was seen."""

    version = HiddenField()
    valid_to = JalaliDateField("آخرین روز", description="امروز یا روزی پس از آن")


class SimulationForm(KeysForm):
    """Enrollments of some days under the rows of a day; an amount makes a row that is only thought of."""

    since = JalaliDateField("ثبت‌نام‌ها از")
    until = JalaliDateField("تا")
    day = JalaliDateField("با تعرفه‌های روز")
    amount = RialField("مبلغ ردیف فرضی", description="خالی بماند، ردیفی افزوده نمی‌شود")

    @classmethod
    def asked(cls) -> "SimulationForm":
        """As it stands in the address; what is missing there are the last thirty days and today."""
        form, today = cls(request.args), policy.today()
        for name, usual in (("since", today - dt.timedelta(days=30)), ("until", today), ("day", today)):
            if not form[name].raw_data:
                form[name].process(None, usual)
        return form

    def draft(self) -> NewTariff | None:
        if self.amount.data is None or self.day.data is None:
            return None
        return self.wanted(ENROLL_CREDIT, self.amount.data, self.day.data)

    def named(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("since", "until", "day")}
