"""The form by which a center ends somebody's enrollment."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.validators import AnyOf

from blueprints.forms.waiting import why
from models import EndCause

NO_CHOICE = "انتخاب کنید که چرا این ثبت‌نام پایان می‌یابد"


class EndForm(FlaskForm):
    """Why it ends; `returns` are the causes of which the page has said that the credit comes back."""

    cause = RadioField("چرا", validate_choice=False, validators=[AnyOf([EndCause.CENTER, EndCause.NO_SHOW], NO_CHOICE)])
    reason = why()
    returns = HiddenField()

    @property
    def seen(self) -> bool:
        return (self.cause.data or "") in (self.returns.data or "").split()
