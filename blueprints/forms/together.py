"""The form by which several cases of a queue are decided together."""

from typing import Any

from wtforms import HiddenField, TextAreaField

from blueprints.forms.keyed import KeyedForm


class TogetherForm(KeyedForm):
    """One word on several cases, and one reason for all of them."""

    do = HiddenField()
    reason = TextAreaField("دلیل")

    def said(self) -> dict[str, Any]:
        """What was written, as the service takes it."""
        return {"reason": self.reason.data or ""}

    def of(self, for_all: str) -> "TogetherForm":
        """With a new key; `for_all` says who reads a reason that must be there, empty where it need not."""
        self.reason.description = for_all or "اگر لازم است"
        self.form_key.data = self.key()
        return self
