"""The form of one rule of eligibility: what follows, who sets it aside, and the numbers that belong to it."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from blueprints.forms.fields import JalaliDateField, NumberField, options
from blueprints.forms.rules import DAY, FROM_WHEN
from services.enrollment import ruling
from services.enrollment.rules import LITERACY


class EligibilityRuleForm(FlaskForm):
    """Everything that some rule has; `of_rule` leaves what one has."""

    scope = SelectField("برای", validate_choice=False)
    valid_from = JalaliDateField(FROM_WHEN, [DAY])
    most = NumberField("بیشترین شمار")
    months = NumberField("در چند ماه", description="۰: در همهٔ عمر")
    of = RadioField("چه چیزی شمرده شود؟", [Optional()], choices=options(list(ruling.COUNTED.items())))
    mode = RadioField("اگر برقرار نبود؟", [Optional()], choices=options(list(ruling.MODES.items())))
    override = RadioField(
        "چه کسی برای یک نفر چشم‌پوشی می‌کند؟", [Optional()], choices=options(list(ruling.OVERRIDES.items()))
    )
    waiver = RadioField("این گروه‌ها", [Optional()], choices=options(list(ruling.WAIVERS.items())))

    @classmethod
    def holding(cls, name: str, value: Any) -> "EligibilityRuleForm":
        """Filled in with the value that everybody has now."""
        chosen = value if isinstance(value, dict) else {"most": value, "waiver": value}
        return cls(formdata=None, data=chosen).of_rule(name)

    def of_rule(self, name: str) -> "EligibilityRuleForm":
        """Without the fields of other rules."""
        numbers = dict.fromkeys(ruling.NUMBERS, {"most"})
        kept = (numbers | {LITERACY: {"waiver"}}).get(name, {"mode", "override"})
        kept = kept | ({"most", "months", "of"} if name == ruling.PERIOD else set())
        for field in {"most", "months", "of", "mode", "override", "waiver"} - kept:
            del self[field]
        if "months" in self:
            self.most.description = "۰: اندازه ندارد"
        return self
