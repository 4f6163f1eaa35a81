"""The form by which the center says whether a group that somebody named holds."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from services import text


class ClaimForm(FlaskForm):
    """Why it does not hold; nothing is asked for where it does."""

    reason = TextAreaField(
        "دلیل نپذیرفتن",
        description="همین جمله برای کارآموز پیامک می‌شود؛ نام کسی را ننویسید",
        filters=[text.clean],
        validators=[Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )
