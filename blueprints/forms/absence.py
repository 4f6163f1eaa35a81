"""From when on somebody is absent too much and what follows, as HQ rules it."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, options
from blueprints.forms.rules import DAY, FROM_WHEN
from services import text
from services.attendance import absence
from services.errors import DomainError

NAMES = {
    absence.PERCENT: "درصدی از ساعت‌های دوره که غیبت از آن به بعد بیش از حد است (صفر: هیچ‌گاه)",
    absence.FOLLOWS: "آنچه از غیبت بیش از حد برمی‌آید",
}
FOLLOWS = {"warn": "هشدار", absence.INCOMPLETE: "ناتمام"}
_VALUES = {words: value for value, words in FOLLOWS.items()}


class AbsenceRuleForm(FlaskForm):
    """One value of these policies, for whom and from when."""

    kind = SelectField(
        "قاعده", [DataRequired("قاعده را انتخاب کنید")], choices=options([("", "انتخاب کنید"), *NAMES.items()])
    )
    scope = SelectField("برای", validate_choice=False)
    value = StringField(
        "مقدار",
        description="درصد از ۰ تا ۱۰۰؛ یا «هشدار» (تنها خبر داده می‌شود) یا «ناتمام» (پایان دوره ناتمام پیشنهاد می‌شود)",
        filters=[text.clean],
        validators=[DataRequired("مقدار را بنویسید")],
    )
    valid_from = JalaliDateField(FROM_WHEN, [DAY])

    def rule(self) -> tuple[str, Any]:
        """The policy and its value.

        Raises:
            DomainError: a value of another kind.
        """
        name, typed = self.kind.data, self.value.data or ""
        if name == absence.FOLLOWS:
            if typed not in _VALUES:
                raise DomainError("«هشدار» یا «ناتمام» بنویسید", field="value")
            return name, _VALUES[typed]
        percent = addresses.number(text.digits(typed), 3)
        if percent is None or percent > 100:
            raise DomainError("درصد را از ۰ تا ۱۰۰ بنویسید", field="value")
        return name, percent
