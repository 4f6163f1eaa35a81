"""What a person says with a step of a course: why, what is to be mended and where, under which letter, and signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from models import ReasonText, db
from services.courses.checklist import Signed
from services.courses.wording import FIELD
from services.errors import DomainError
from services.text import persian_digits

UNSIGNED = Signed()
LONGEST = 600  # of own words
BACK = ("return", "reject")  # what a center is told to mend something with


@dataclass(frozen=True)
class Letter:
    """The letter a decision rests on."""

    number: str | None
    on: date | None


@dataclass(frozen=True)
class Why:
    """A reason as the center reads it, and the saved reason in it."""

    text: str
    saved_id: int | None = None


@dataclass(frozen=True)
class Said:
    """Own words, the code of a saved reason, the checklist, the letter, and by field what is to be mended."""

    reason: str = ""
    reason_code: str = ""
    signed: Signed = UNSIGNED
    letter: Letter | None = None
    comments: Mapping[str, str] = field(default_factory=dict)

    def why(self, action: str) -> Why:
        """The reason in full; what is said at single fields stands for one that was not written.

        Raises:
            DomainError: the saved reason is gone, or own words are too many.
        """
        if len(self.reason.strip()) > LONGEST:
            raise DomainError(f"دلیل را در {persian_digits(LONGEST)} حرف بنویسید", field="reason")
        at_fields = (f"{FIELD[name]}: {text}" for name, text in self.comments_for(action).items())
        words = self.reason.strip() or "؛ ".join(at_fields)[:1000]
        if not self.reason_code:
            return Why(words)
        saved = db.session.scalar(select(ReasonText).where(ReasonText.code == self.reason_code))
        if saved is None:
            raise DomainError("این دلیل آماده دیگر به کار نمی‌رود؛ دلیل دیگری انتخاب کنید", field="saved_reason")
        return Why("؛ ".join(part for part in (saved.body, words) if part)[:1000], saved.id)

    def comments_for(self, action: str) -> dict[str, str]:
        """What is said at single fields, with a step that sends the course back."""
        if action not in BACK:
            return {}
        return {name: self.comments[name].strip()[:300] for name in FIELD if self.comments.get(name, "").strip()}
