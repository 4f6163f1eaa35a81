"""What the list of payments is narrowed to: a plain GET form, so that a list is an address."""

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import Form, SelectField, StringField

from blueprints.forms.fields import JalaliDateField, options
from models import PaymentState
from services import text
from services.payments import wording
from services.payments.overview import Wanted

ALL = ("", "همه")
KEPT = frozenset({"number", "gateway", "state", "day-d", "day-m", "day-y"})


class ExchangeForm(Form):
    """The number is ours, or a reference or trace of the bank; the day is when a payment has ended."""

    number = StringField("شمارهٔ سفارش، مرجع یا پیگیری", filters=[text.digits, text.plain, str.strip])
    gateway = SelectField("درگاه", validate_choice=False)
    state = SelectField(
        "وضع", choices=options([ALL, *((state.value, wording.STATES[state][0]) for state in PaymentState)])
    )
    day = JalaliDateField("روز پایان")

    @classmethod
    def asked(cls, codes: Sequence[str]) -> "ExchangeForm":
        form = cls(request.args)
        known = list(dict.fromkeys([*codes, *wording.TITLES]))
        form.gateway.choices = options([ALL, *((code, wording.title(code)) for code in known)])
        form.day.errors = [form.day.problem] if form.day.problem else []
        return form

    def wanted(self) -> Wanted:
        """What is asked for; what no list of ours offers is not."""
        state = PaymentState(self.state.data) if self.state.data in set(PaymentState) else None
        gateway = self.gateway.data if self.gateway.data in wording.TITLES else ""
        return Wanted(gateway, state, self.day.data, (self.number.data or "")[:80])

    def address(self) -> dict[str, Any]:
        """The same for links of the page."""
        return {name: value for name, value in request.args.items() if name in KEPT and value}
