"""Forms of the operator."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from services import text


class DiscardForm(FlaskForm):
    """Why something owed is given up for good."""

    reason = TextAreaField(
        "دلیل کنار گذاشتن",
        description="این کار دیگر انجام نمی‌شود؛ دلیل در پرونده می‌ماند",
        filters=[text.clean],
        validators=[DataRequired("دلیل را بنویسید"), Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )
