"""Codes as people paste them: one below the other, side by side, or the columns of a spreadsheet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services import codes, people, text
from services.errors import DomainError
from services.foreigners import KINDS
from services.many import said
from services.many.said import Words

MOST_PEOPLE = 500
_CELLS = re.compile(r"[\t,;،؛|]+")
_SHOWN = 40  # letters that are kept of what is no code
TWICE = "همین کد در ردیف {line} هم آمده است؛ یک بار کافی است."
NOTHING = "کد ملی کارآموزان را بنویسید یا بچسبانید، یا پروندهٔ اکسل را انتخاب کنید"


@dataclass(frozen=True)
class Wanted:
    """One person of a list: what was written where the code should be, the code if it is one, and what else is said.

    `fields` has names, birth date (ISO), mobile, guardian and what `said` reads, each only where it was written; of a
    foreigner their code, too, and what paper it is on.
    """

    typed: str
    code: str | None
    problem: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def read(raw: str | None) -> list[Wanted]:
    """Everybody in a pasted text, in its order.

    Raises:
        DomainError: nobody, or more than a list holds, at `codes`.
    """
    words = Words(said.groups())
    found = [each for line in text.digits(raw).splitlines() for each in _of_line(line, words)]
    if not found:
        raise DomainError(NOTHING, field="codes")
    refuse_many(len(found))
    return found


def refuse_many(count: int, name: str = "codes") -> None:
    """
    Raises:
        DomainError: more people than a list holds.
    """
    if count > MOST_PEOPLE:
        raise DomainError(too_many(count), field=name)


def too_many(count: int) -> str:
    most, sent = text.persian_digits(MOST_PEOPLE), text.persian_digits(count)
    return f"یک فهرست تا {most} نفر می‌گیرد و {sent} نفر نوشته شده است. آن را به چند فهرست تقسیم کنید."


def wanted(typed: str, problem: str = "", **fields: Any) -> Wanted:
    """One person by what stands where the code should be, what is wrong with the rest, and what else is said."""
    fields = {name: value for name, value in fields.items() if value}
    kind, mobile = fields.get("foreign_kind"), fields.get("mobile")
    code = codes.foreign_code(typed) if kind else codes.national_code(typed)
    if mobile and not codes.mobile(mobile):
        problem = problem or f"{codes.why_not_mobile(mobile)}."
    if code is None:
        problem = f"{_why_no_code(typed, kind)}."
    if kind and code and not problem:
        fields["foreign_code"] = code
    return Wanted(text.plain(typed).strip()[:_SHOWN], None if problem else code, problem, fields)


def _why_no_code(typed: str, kind: str | None) -> str:
    return f"کد «{KINDS[kind]}» ۸ تا ۱۲ رقم است" if kind else codes.why_not_national_code(typed)


def _of_line(line: str, known: Words) -> list[Wanted]:
    cells = [cell for raw in _CELLS.split(line) if (cell := text.clean(raw))]
    parts = [part for cell in cells for part in _apart(cell)]
    numbers = [part for part in parts if codes.bare(part).isdigit()]
    mobiles = [part for part in numbers if len(codes.bare(part)) > 10 and codes.mobile(part)]
    asked = [part for part in numbers if part not in mobiles]
    words = [part for part in parts if part not in numbers]
    if not words and len(asked) > 1:
        return [wanted(part) for part in asked]
    if not parts:
        return []
    mobile = codes.mobile(mobiles[0]) if mobiles else None
    named, problem = _said(words if asked else [], known)
    return [wanted(asked[0] if asked else parts[0], problem, mobile=mobile, **named)]


def _said(words: Sequence[str], known: Words) -> tuple[dict[str, Any], str]:
    """Names first, then words that are known; nothing that was written behind the names is passed over in silence."""
    places = [known.find(word) for word in words]
    names = [] if all(places) else words[:2]
    rest = places[len(names) :]
    lost = next((word for word, place in zip(words[len(names) :], rest, strict=True) if place is None), None)
    problem = said.UNPLACED.format(word=lost, known="؛ ".join(map(": ".join, known.titled))) if lost else ""
    return _named(names) | said.as_fields(dict(filter(None, rest))), problem


def _apart(cell: str) -> Sequence[str]:
    """Several codes in one cell; one that is written in groups stays whole."""
    parts = cell.split()
    return parts if len(parts) > 1 and all(re.fullmatch(r"[0-9]{8,11}", part) for part in parts) else [cell]


def _named(words: Sequence[str]) -> dict[str, str | None]:
    """First and last name from two columns; one column that holds both is not taken apart by guessing."""
    if len(words) < 2:
        return {}
    return {"first_name": people.name_part(words[0][:80]), "last_name": people.name_part(words[1][:80])}
