"""Forms of those who verify rows of instructors' files. A form checks shape; the service checks the rule."""

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired

from blueprints.forms.keyed import KeyedForm
from services.access import Level

APPROVE, REJECT = "approve", "reject"


class DecisionForm(KeyedForm):
    """A word on one row, as it was when the page was opened; `next` is the row after it in the list."""

    version = HiddenField()
    next = HiddenField()
    decision = RadioField("تصمیم شما", [DataRequired("یکی را انتخاب کنید")])
    reason = TextAreaField("دلیل یا توضیح", description="برای رد لازم است؛ مربی و مرکز آن را می‌بینند")

    def offer(self, level: Level) -> "DecisionForm":
        yes = "تأیید و فرستادن به استان" if level is Level.CENTER else "تأیید؛ ردیف قفل می‌شود"
        self.decision.choices = [(APPROVE, yes), (REJECT, "رد، با دلیل")]
        self.form_key.data = self.key()
        return self
