"""Forms about a day of a bank. A form checks shape; the service checks the rule."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length

from services.reconciliation import wording
from services.reconciliation.settling import LONGEST


class ExplainForm(FlaskForm):
    """The differences that are ticked, and what is said about them."""

    difference = SelectMultipleField("مغایرت‌ها", validate_choice=False)
    note = TextAreaField(
        "توضیح",
        [Length(max=LONGEST, message="توضیح را در ۳۰۰ حرف بنویسید")],
        description="برای همهٔ انتخاب‌شده‌ها نوشته می‌شود و در گزارش روز می‌ماند",
    )

    def is_whole(self, *, explains: bool) -> bool:
        """Whether it can be sent on; who explains chooses something and writes something, and is told both at once."""
        wanted = {"difference": [DataRequired(wording.CHOOSE)], "note": [DataRequired(wording.WRITE)]}
        return bool(self.validate(wanted if explains else None))


class ClosingForm(FlaskForm):
    """The day is closed with these figures in sight."""

    seen = HiddenField()
    note = TextAreaField("یادداشت", [Length(max=500, message="یادداشت را در ۵۰۰ حرف بنویسید")])
