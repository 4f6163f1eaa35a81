"""The forms by which a rule is set aside for one person in one course, and by which it stands again."""

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints.forms.fields import NationalCodeField, TidyStringField, options
from blueprints.forms.keyed import KeyedForm
from blueprints.forms.waiting import why
from services import text
from services.enrollment.rules import POLICY, TITLES


class WaiverForm(KeyedForm):
    """Who, which course, which rule and why; with a draft the first two are known."""

    draft = HiddenField()
    national_code = NationalCodeField("کد ملی کارآموز", [DataRequired("کد ملی را بنویسید")], description="۱۰ رقم")
    course = TidyStringField("کد دوره", [DataRequired("کد دوره را بنویسید")], description="از صفحهٔ دوره")
    rule = SelectField(
        "شرط",
        [DataRequired("شرط را انتخاب کنید")],
        choices=options([("", "انتخاب کنید"), *((rule.value, TITLES[rule]) for rule in POLICY)]),
    )
    reason = TextAreaField(
        "دلیل",
        description="در تاریخچهٔ ثبت‌نام می‌ماند؛ نام کسی را ننویسید",
        filters=[text.clean],
        validators=[DataRequired("دلیل را بنویسید"), Length(max=300, message="دلیل را در ۳۰۰ حرف بنویسید")],
    )

    def of_draft(self) -> "WaiverForm":
        """Without what a draft knows already."""
        del self.national_code, self.course
        return self


class TakeBackForm(KeyedForm):
    """Why the rule is to stand again."""

    reason = why()
