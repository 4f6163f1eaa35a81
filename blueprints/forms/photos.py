"""Forms about portraits."""

from wtforms import FileField, HiddenField, RadioField, TextAreaField

from blueprints.forms.fields import options
from blueprints.forms.keyed import KeyedForm
from services.photos import REASONS

OTHER = "other"


class PhotoForm(KeyedForm):
    """A picture from which a portrait is cut."""

    file = FileField("عکس پرسنلی")


class DecisionForm(KeyedForm):
    """Why a portrait is rejected."""

    version = HiddenField()
    reason = RadioField(
        "دلیل رد",
        choices=options([*REASONS.items(), (OTHER, "دلیل دیگر")]),
        validate_choice=False,
        description="اگر رد می‌کنید؛ همین جمله برای کارآموز پیامک می‌شود",
    )
    words = TextAreaField("دلیل دیگر، با کلمات خودتان")

    def said(self) -> str:
        """The reason in the words that reach the person; empty when none was given."""
        chosen = self.reason.data or OTHER
        return REASONS.get(chosen) or self.words.data or ""
