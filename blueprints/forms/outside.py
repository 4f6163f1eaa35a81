"""Forms about outside systems. A form checks shape; the service checks the rule."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from blueprints.forms.fields import options
from blueprints.forms.keyed import KeyedForm
from models import Mode
from services import modes, text
from services.exchange import System
from services.imports import Kind, Values
from services.modes import Switch

SETTING = ""
MEANING = {
    Mode.ONLINE: "هر پرسش همان دم با تماس پرسیده می‌شود",
    Mode.BATCH: "پرسش‌ها در پرونده‌ای گرد می‌آید و پاسخ آن برمی‌گردد",
    Mode.MANUAL: "یک نفر می‌پرسد و پاسخ را با سندش ثبت می‌کند",
    Mode.OFF: "از کسی پرسیده نمی‌شود",
}
CHOOSE = ("", "انتخاب کنید")


class ModeForm(FlaskForm):
    """Into which mode a system goes, and why; `seen` notices that somebody has switched meanwhile."""

    mode = RadioField("حالت این سامانه", validate_choice=False)
    reason = TextAreaField(
        "دلیل", description="همکاران آن را در همین صفحه می‌بینند", filters=[text.clean], render_kw={"maxlength": 300}
    )
    seen = HiddenField()

    def prepare(self, now: Switch) -> "ModeForm":
        back = f"همان که در تنظیمات نصب است (اکنون: {modes.TITLE[now.setting]})"
        each = ((mode.value, f"{modes.TITLE[mode]}: {MEANING[mode]}") for mode in modes.CHOICES[now.code])
        self.mode.choices = options([(SETTING, back), *each])
        if not self.is_submitted():
            self.mode.data = now.chosen.value if now.chosen else SETTING
        self.seen.data = now.seen
        return self


class DropForm(FlaskForm):
    """Why a file is given up that nobody will answer."""

    version = HiddenField()
    reason = TextAreaField(
        "دلیل کنار گذاشتن",
        description="فقط پرونده‌ای را کنار بگذارید که به دست سامانه نرسیده است؛ ردیف‌های بی‌پاسخ دوباره در صف می‌روند",
        filters=[text.clean],
        render_kw={"maxlength": 200},
    )


class HandForm(KeyedForm):
    """What a person has found out about one thing; the fields are those of the system's answer."""

    system: System

    note = TextAreaField("یادداشت", description="اختیاری", filters=[text.clean], render_kw={"maxlength": 300})
    file = FileField("سند پاسخ")

    def values(self) -> Values:
        found: Values = {column.name: self[column.name].data or None for column in self.system.answer_columns}
        return found | {"note": self.note.data or None}

    def has_file(self) -> bool:
        sent = request.files.get(self.file.name)
        return bool(sent and sent.filename)


def hand_form(system: System, **arguments: Any) -> HandForm:
    """The form of one system, whose fields are the columns of its answers."""
    fields: dict[str, Any] = {"system": system}
    for column in system.answer_columns:
        if column.kind is Kind.CHOICE:
            words = [CHOOSE, *((str(value), word) for word, value in column.choices.items())]
            fields[column.name] = SelectField(column.title, choices=options(words), validate_choice=False)
        else:
            kind = {"render_kw": {"maxlength": column.longest}, "filters": [text.clean]}
            fields[column.name] = StringField(column.title, description=column.hint, **kind)
    form: HandForm = type("HandForm", (HandForm,), fields)(**arguments)
    return form
