"""Forms of a list of many people: those who come into it, and the one press that enrolls them."""

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import FileField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints import addresses
from blueprints.forms.enrollment import DEBIT_CHOICES
from blueprints.forms.fields import options
from blueprints.forms.keyed import KeyedForm
from models import DebitSource, Unit

LONGEST = 60_000  # letters of a pasted list: 500 lines of names and numbers


class PeopleForm(KeyedForm):
    """Who is to be enrolled: pasted, or in a workbook."""

    codes = TextAreaField(
        "کد ملی کارآموزان",
        [Optional(), Length(max=LONGEST, message="این متن بلندتر از یک فهرست است؛ آن را در چند فهرست بفرستید")],
        description="هر نفر در یک خط؛ یا ستون‌های کد ملی، نام، نام خانوادگی و تلفن همراه را از اکسل بچسبانید، "
        "و پس از نام‌ها گروه هدف و تحصیلات را",
    )

    file = FileField("یا پروندهٔ اکسل یا CSV")
    unit = SelectField("از طرف کدام واحد؟", coerce=addresses.number, validate_choice=False)

    def offer(self, units: Sequence[Unit]) -> Any:
        """Ask for the unit where there are several to choose from."""
        self.unit.choices = options([("", "انتخاب کنید"), *((unit.id, unit.title) for unit in units)])
        if not units:
            del self.unit
        return self.prepare()

    def sheet(self, most: int) -> tuple[str, bytes]:
        """The name and the bytes of the file, one byte more than allowed at most; an empty name when none was sent."""
        sent = request.files.get(self.file.name)
        return (sent.filename or "", sent.stream.read(most + 1)) if sent else ("", b"")


class RunForm(KeyedForm):
    """From whose credit everybody is paid."""

    debit_source = RadioField("اعتبار از چه کسی کسر شود؟", choices=options(DEBIT_CHOICES), validators=[Optional()])

    def source(self) -> DebitSource | None:
        chosen = self.debit_source.data
        return DebitSource(chosen) if chosen in dict(DEBIT_CHOICES) else None
