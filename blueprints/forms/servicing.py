"""Forms about service: a plan, a service that was done, a workshop that is down. The service checks the rule."""

import datetime as dt
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, NumberField, RialField, TidyStringField, options
from models import ServiceKind
from services import labels, policy, submissions
from services.servicing import Plan, Service


class PlanForm(FlaskForm):
    """Every so many days; `seen` is the plan that was on the page."""

    seen_every = HiddenField()
    seen_next = HiddenField()
    every_days = NumberField("هر چند روز یک بار؟", description="مثلاً ۹۰؛ خالی یعنی این قلم برنامه ندارد")
    next_on = JalaliDateField("نوبت بعدی", description="اگر خالی بماند از آخرین سرویس حساب می‌شود")

    def show(self, plan: Plan) -> None:
        self.seen_every.data = plan.every_days or ""
        self.seen_next.data = plan.next_on.isoformat() if plan.next_on else ""

    def seen(self) -> Plan:
        return Plan(addresses.number(self.seen_every.data, 4), _day(self.seen_next.data))

    def wished(self) -> Plan:
        return Plan(self.every_days.data, self.next_on.data)


class RecordForm(FlaskForm):
    """What was done; the day is today unless another one is written."""

    form_key = HiddenField()
    kind = SelectField(
        "چه کاری انجام شد؟",
        choices=options([(kind.value, labels.SERVICE_KIND[kind]) for kind in ServiceKind]),
        validate_choice=False,
    )
    done_on = JalaliDateField("روز انجام", [DataRequired("روز انجام را بنویسید")])
    done_by = TidyStringField("چه کسی انجام داد؟", description="نام همکار یا شرکت")
    cost = RialField("هزینهٔ همهٔ کار", description="اگر هزینه‌ای نداشت خالی بگذارید")
    note = TextAreaField("شرح", description="قطعه‌های عوض‌شده و آنچه نوبت بعد باید دید")
    file = FileField("فاکتور یا برگهٔ سرویس")

    def prepare(self) -> "RecordForm":
        self.form_key.data = self.key()
        if not self.is_submitted():
            self.done_on.process(None, policy.today())
        return self

    def key(self) -> str:
        return submissions.key_of(self.form_key.data)

    def service(self) -> Service:
        kind = ServiceKind(self.kind.data) if self.kind.data in set(ServiceKind) else ServiceKind.SERVICE
        done_on: Any = self.done_on.data
        return Service(kind, done_on, self.done_by.data or "", self.cost.data, self.note.data)


class DownForm(FlaskForm):
    """Since when a workshop is down, and why."""

    starts_on = JalaliDateField("از چه روزی؟", [DataRequired("روز آغاز را بنویسید")])
    reason = TextAreaField("دلیل", description="کسانی که برای این کارگاه دوره می‌نویسند همین را می‌بینند")


class UpForm(FlaskForm):
    """The last day on which a workshop was down."""

    ends_on = JalaliDateField("آخرین روزی که کار نمی‌کرد", [DataRequired("روز پایان را بنویسید")])


def _day(raw: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        return None
