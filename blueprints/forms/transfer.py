"""The form by which one person goes to another course."""

from collections.abc import Iterable

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints import addresses
from blueprints.forms.changing import named
from blueprints.forms.fields import options
from blueprints.forms.keyed import KeyedForm
from models import Course
from services import text


class TransferForm(KeyedForm):
    """Which course instead, and why."""

    other = SelectField("دورهٔ مقصد", coerce=addresses.number, validate_choice=False)
    reason = TextAreaField(
        "دلیل",
        description="در تاریخچهٔ ثبت‌نام می‌ماند؛ نام کسی را ننویسید",
        filters=[text.clean],
        validators=[DataRequired("دلیل را بنویسید"), Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )

    def of(self, targets: Iterable[Course], course: Course) -> "TransferForm":
        """With the courses to choose from; those of another standard are named with theirs."""
        self.other.choices = options([("", "انتخاب کنید"), *named(targets, course)])
        return self
