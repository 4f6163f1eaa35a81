"""The form of one way to be fit to teach a standard."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField

from blueprints import addresses
from blueprints.forms.fields import NumberField, TidyStringField, options
from models import Degree
from services.instructors import rules
from services.instructors.labels import DEGREE
from services.instructors.rules import RuleValues

NUMBERS = ("experience_years", "retraining_hours", "retraining_years")


class RuleForm(FlaskForm):
    """What a way asks for; all of it must hold. The hidden `seen` is what the person saw when the page was opened."""

    rule = HiddenField()
    seen = HiddenField()
    meant = HiddenField()  # how many courses lose their fit, once the person has seen which
    min_degree = SelectField(
        "حداقل مدرک", choices=options([("", "مدرک مهم نیست"), *DEGREE.items()]), validate_choice=False
    )
    study_fields = TidyStringField(
        "رشته‌های تحصیلی",
        description="با «،» جدا کنید؛ «مکانیک» هر رشته‌ای را که این واژه در نام آن است می‌پذیرد. خالی یعنی هر رشته‌ای",
        render_kw={"maxlength": rules.LONGEST},
    )
    experience_years = NumberField("سال سابقه", description="تدریس یا کار در رشتهٔ استاندارد")
    retraining_hours = NumberField("ساعت بازآموزی")
    retraining_years = NumberField("در چند سال گذشته")
    needs_certificate = BooleanField("گواهینامهٔ مهارت همین استاندارد")
    needs_card = BooleanField("کارت مربیگری معتبر در روز شروع دوره")

    def fill(self, rule_id: int, values: RuleValues, seen: RuleValues) -> None:
        """Show `values` for a way that stands as `seen`."""
        shown = {name: getattr(values, name) or None for name in NUMBERS}
        shown |= {"min_degree": values.min_degree or "", "study_fields": values.study_fields}
        shown |= {"needs_certificate": values.needs_certificate, "needs_card": values.needs_card}
        self.process(data=shown | {"rule": rule_id, "seen": rules.mark(seen)})

    @property
    def rule_id(self) -> int | None:
        return addresses.number(self.rule.data)

    def was(self) -> RuleValues | None:
        return rules.unmark(self.seen.data or "")

    def values(self) -> RuleValues:
        degree = self.min_degree.data
        numbers: dict[str, Any] = {name: self[name].data or 0 for name in NUMBERS}
        needs = {"needs_certificate": self.needs_certificate.data, "needs_card": self.needs_card.data}
        found = Degree(degree) if degree in set(Degree) else None
        return RuleValues(min_degree=found, study_fields=self.study_fields.data or "", **numbers, **needs)
