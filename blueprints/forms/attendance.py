"""The sheet of a meeting as a form sends it, and marks as a script sends them. The service checks the rule."""

from collections.abc import Mapping, Sequence

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from blueprints import addresses
from models import Presence
from services import submissions
from services.attendance.marking import Mark

REST = "rest"


class SheetForm(FlaskForm):
    """A whole sheet: `standing` says what stood when it was shown, so that only what differs is a mark."""

    form_key = HiddenField()
    standing = HiddenField()
    reason = TextAreaField("دلیل تصحیح", description="از ۳ تا ۳۰۰ نویسه؛ مربی هم آن را می‌بیند و در همین صفحه می‌ماند")

    def offer(self, standing: str) -> None:
        """For a sheet that is shown anew; one that was refused keeps what its sender had seen."""
        self.form_key.data = submissions.key_of(self.form_key.data)
        self.standing.data = self.standing.data or standing

    def seen(self) -> dict[int, Presence | None]:
        pairs = (part.partition(":") for part in (self.standing.data or "").split())
        return {number: presence(raw) for name, _, raw in pairs if (number := addresses.number(name))}

    def chosen(self, sent: Mapping[str, str]) -> dict[int, Presence]:
        """What is chosen by enrollment; with «بقیه حاضرند» everybody of whom nothing is known is present."""
        is_rest = sent.get("do") == REST
        found = {number: presence(sent.get(f"p{number}")) or before for number, before in self.seen().items()}
        there = {number: each or (Presence.PRESENT if is_rest else None) for number, each in found.items()}
        return {number: each for number, each in there.items() if each}

    def marks(self, sent: Mapping[str, str]) -> list[Mark]:
        """What differs from what stood; each key is of this rendering and this choice."""
        seen, key = self.seen(), self.form_key.data or ""
        return [
            Mark(submissions.for_choice(key, f"{number} {each}"), number, each, seen=seen[number])
            for number, each in self.chosen(sent).items()
            if each is not seen[number]
        ]


def sent_marks(lines: Sequence[str]) -> list[Mark]:
    """Marks of a script, each `key enrollment presence age-in-seconds seen`; what is none of these is left out."""
    found = []
    for parts in (line.split(" ") for line in lines):
        key, enrollment_id, said, age, seen = [*parts, "", "", "", "", ""][:5]
        number, what = addresses.number(enrollment_id), presence(said)
        if number and what:
            found.append(Mark(key, number, what, addresses.number(age, 9) or 0, presence(seen)))
    return found


def presence(raw: str | None) -> Presence | None:
    return Presence(raw) if raw in set(Presence) else None
