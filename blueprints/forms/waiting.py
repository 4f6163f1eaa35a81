"""The form by which staff change something in a waiting list, with a reason that stays."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from services import text


def why() -> TextAreaField:
    """The reason for something that is done to a person; said without their name."""
    return TextAreaField(
        "دلیل",
        description="در تاریخچه می‌ماند؛ نام کسی را ننویسید",
        filters=[text.clean],
        validators=[DataRequired("دلیل را بنویسید"), Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )


class ReasonForm(FlaskForm):
    """Why, and nothing else."""

    reason = why()
