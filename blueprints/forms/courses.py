"""Forms about courses: entering one, choosing its standard, and deciding on it."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints import addresses
from blueprints.forms import together
from blueprints.forms.fields import JalaliDateField, options
from blueprints.forms.signing import SigningForm
from models import ReasonText, Unit
from services import text
from services.courses import Letter, Said, wording

SHORT_ENOUGH = Length(max=600, message="دلیل را در ۶۰۰ حرف بنویسید")
SHORT_NUMBER = Length(max=40, message="شمارهٔ نامه را در ۴۰ حرف بنویسید")
SHORT_COMMENT = Length(max=300, message="این نکته را در ۳۰۰ حرف بنویسید")
SAY = "say_"  # before the name of a field, what is said about it
CHOOSE = ("", "انتخاب کنید")
NO_SAVED = ("", "بدون دلیل آماده")


class StandardForm(FlaskForm):
    """A standard chosen from the catalog; `form_key` makes a repeat harmless."""

    standard = HiddenField(validators=[DataRequired()])
    form_key = HiddenField(validators=[DataRequired(), Length(max=36)])
    version = HiddenField()
    unit = SelectField("دوره از کدام واحد است؟", coerce=addresses.number, validate_choice=False)

    def offer(self, units: Sequence[Unit]) -> None:
        """Ask for the unit where there are several to choose from; nothing is chosen beforehand."""
        if len(units) > 1:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])
        else:
            del self.unit


class CopyForm(FlaskForm):
    """From when a copy of a former course is held; without a day it has no dates yet."""

    form_key = HiddenField(validators=[DataRequired(), Length(max=36)])
    start_from = JalaliDateField("از چه تاریخی؟")


class DecisionForm(SigningForm):
    """Approve under the signed checklist, return or reject, with a saved reason, own words, or both."""

    version = HiddenField()
    tab = HiddenField()
    next = HiddenField()
    decision = RadioField(
        "تصمیم شما",
        choices=options([("approve", "تأیید"), ("return", "برگشت برای اصلاح"), ("reject", "رد")]),
        validators=[DataRequired("تصمیم خود را انتخاب کنید")],
    )
    saved_reason = SelectField("دلیل آماده", validate_choice=False)
    reason = TextAreaField(
        "چه چیزی باید اصلاح شود؟",
        description="همین متن برای مرکز فرستاده می‌شود",
        filters=[text.clean],
        validators=[SHORT_ENOUGH],
    )

    letter_number = StringField("شمارهٔ نامه", filters=[text.clean], validators=[SHORT_NUMBER])
    letter_on = JalaliDateField("تاریخ نامه")

    def said(self) -> Said:
        """All that was written, as the service takes it; after `validate`."""
        number, on = self.letter_number.data or None, self.letter_on.data
        letter = Letter(number, on) if number or on else None
        comments = {name: self[SAY + name].data or "" for name in wording.FIELD}
        return Said(self.reason.data or "", self.saved_reason.data or "", self.signed(), letter, comments)

    def comments(self) -> list[Field]:
        return [self[SAY + name] for name in wording.FIELD]

    def offer(self, reasons: Iterable[ReasonText]) -> None:
        """`saved_reason` is sent as a code."""
        self.saved_reason.choices = options([NO_SAVED, *((each.code, each.body) for each in reasons)])


for _name, _label in wording.FIELD.items():
    setattr(DecisionForm, SAY + _name, StringField(_label, filters=[text.clean], validators=[SHORT_COMMENT]))


class TogetherForm(SigningForm, together.TogetherForm):
    """One decision on several courses, with one signature under those that are approved."""

    def said(self) -> dict[str, Any]:
        return {**super().said(), "signed": self.signed()}


class StepForm(FlaskForm):
    """One step of a course, with a reason where it needs one."""

    version = HiddenField()
    reason = TextAreaField("دلیل", filters=[text.clean], validators=[SHORT_ENOUGH])
    action = ""

    def of(self, action: str) -> None:
        """Say which step it is; a page has a form for each."""
        self.action = action
        self.reason.id = self.reason.label.field_id = f"reason-{action}"
