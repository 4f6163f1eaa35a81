"""What is said of the people of a course once it is over, as a form sends it. The service checks the rule."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from blueprints import addresses
from models import Completion


class CompletionForm(FlaskForm):
    """A whole class: `standing` says what stood when it was shown, so that only what differs is said anew."""

    standing = HiddenField()
    reason = TextAreaField("دلیل تغییر", description="تنها وقتی که چیزی که ثبت شده بود عوض می‌شود؛ در تاریخچه می‌ماند")

    def seen(self) -> dict[int, Completion | None]:
        pairs = (part.partition(":") for part in (self.standing.data or "").split())
        return {number: completion(raw) for name, _, raw in pairs if (number := addresses.number(name))}

    def chosen(self, sent: Mapping[str, str]) -> dict[int, Completion | None]:
        """What is chosen by enrollment; where nothing is, what stood."""
        return {number: completion(sent.get(f"p{number}")) or stood for number, stood in self.seen().items()}


def completion(raw: str | None) -> Completion | None:
    return Completion(raw) if raw in set(Completion) else None
