"""What a statement is narrowed to, an objection, and the answer to one."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Form, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints.forms.fields import JalaliDateField, options
from models import TransferKind
from services import text
from services.purses.objecting import LONGEST
from services.purses.statement import Wanted
from services.purses.wording import KIND

KEPT = frozenset({"kind", *(f"{name}-{part}" for name in ("first", "last") for part in "dmy")})
ACCEPT, DECLINE = "accept", "decline"
_LENGTH = Length(max=LONGEST, message=f"در {text.persian_digits(LONGEST)} حرف بنویسید")


class StatementForm(Form):
    """Kind and days; a plain GET form, so that a statement is an address."""

    kind = SelectField("نوع", choices=options([("", "همه"), *KIND.items()]))
    first = JalaliDateField("از")
    last = JalaliDateField("تا")

    @classmethod
    def asked(cls) -> "StatementForm":
        return cls(request.args)

    def wanted(self) -> Wanted:
        """What is asked for; a day that is none is said at its field and narrows nothing."""
        for field in (self.first, self.last):
            if field.problem:
                field.errors = [field.problem]
        first, last = self.first.data, self.last.data
        if first and last and first > last:
            self.first.errors, first = ["روز آغاز پس از روز پایان است"], None
        return Wanted(TransferKind(self.kind.data) if self.kind.data in set(TransferKind) else None, first, last)

    def address(self) -> dict[str, Any]:
        """The same for links of the page."""
        return {name: value for name, value in request.args.items() if name in KEPT and value}


class ObjectionForm(FlaskForm):
    """Why an owner objects."""

    text = TextAreaField(
        "چرا به این کسر اعتراض دارید؟",
        description="برای نمونه: «من در این دوره ثبت‌نام نکرده‌ام». کد ملی و شمارهٔ تلفن ننویسید.",
        filters=[text.clean],
        validators=[DataRequired("بنویسید چرا به این کسر اعتراض دارید"), _LENGTH],
    )


class AnswerForm(FlaskForm):
    """Accepted or declined, nothing beforehand; declining needs a reason."""

    decision = RadioField(
        "پاسخ",
        choices=options(
            [(ACCEPT, "می‌پذیرم: ثبت‌نام لغو شود و اعتبار به کارآموز برگردد"), (DECLINE, "نمی‌پذیرم: ثبت‌نام بماند")]
        ),
        validators=[DataRequired("یکی از دو پاسخ را انتخاب کنید")],
    )
    answer = TextAreaField(
        "دلیل",
        description="برای نپذیرفتن لازم است و برای کارآموز پیامک می‌شود",
        filters=[text.clean],
        validators=[_LENGTH],
    )
