"""Forms about courses: entering one, choosing its standard, and deciding on it."""

from collections.abc import Iterable, Sequence

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, options
from blueprints.forms.signing import SigningForm
from models import ReasonText, Unit
from services import text

SHORT_ENOUGH = Length(max=600, message="دلیل را در ۶۰۰ حرف بنویسید")
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

    def offer(self, reasons: Iterable[ReasonText]) -> None:
        """`saved_reason` is sent as a code."""
        self.saved_reason.choices = options([NO_SAVED, *((each.code, each.body) for each in reasons)])


class StepForm(FlaskForm):
    """One step of a course, with a reason where it needs one."""

    version = HiddenField()
    reason = TextAreaField("دلیل", filters=[text.clean], validators=[SHORT_ENOUGH])
    action = ""

    def of(self, action: str) -> None:
        """Say which step it is; a page has a form for each."""
        self.action = action
        self.reason.id = self.reason.label.field_id = f"reason-{action}"
