"""The form by which a reviewer settles a discrepancy."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints.forms.fields import options
from services import discrepancies, official, text


class SettleForm(FlaskForm):
    """Which side holds, and why; nothing is chosen beforehand."""

    chosen = RadioField(
        "کدام درست است؟",
        choices=options([(discrepancies.OFFICIAL, ""), (discrepancies.OURS, "")]),
        validators=[DataRequired("یکی از دو گزینه را انتخاب کنید")],
    )
    reason = TextAreaField(
        "دلیل",
        description="در پرونده می‌ماند؛ برای نمونه: «کارت ملی دیده شد»",
        filters=[text.clean],
        validators=[DataRequired("دلیل را بنویسید"), Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )

    def offer(self, field: str, source: str, sides: dict[str, str]) -> None:
        """Say both sides in the words of this discrepancy."""
        ours, theirs = sides[discrepancies.OURS], sides[discrepancies.OFFICIAL]
        if field == official.ELIGIBILITY:
            words = (f"ثبت‌نام با شرایط دوره سازگار نیست: {theirs}", "ثبت‌نام با همین شرایط پذیرفته است")
        else:
            words = (f"آنچه {source} می‌گوید: {theirs}", f"آنچه ثبت شده است: {ours}")
        self.chosen.choices = options(zip((discrepancies.OFFICIAL, discrepancies.OURS), words, strict=True))
