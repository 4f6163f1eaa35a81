"""Codes as people type or paste them: one, or a list of many."""

import re
from dataclasses import dataclass

from models import OwnerKind
from services import codes, text
from services.baskets.values import Owner
from services.errors import DomainError

_PARTS = re.compile(r"[\n\r,;،؛\t|]+")


@dataclass(frozen=True)
class Wanted:
    """Whose purse is to be filled, and for a code that looks made up where it was seen."""

    kind: OwnerKind
    code: str
    reason: str = ""

    @property
    def owner(self) -> Owner:
        return self.kind, self.code


def one(national: str | None, foreign: str | None = None, reason: str = "") -> Wanted:
    """The owner whose national or else foreign code was typed; exactly one of them.

    Raises:
        DomainError: none, or both.
    """
    if national and foreign:
        raise DomainError("یا کد ملی را بنویسید یا کد اتباع خارجی را؛ نه هر دو را", field="foreign_code")
    if foreign:
        return Wanted(OwnerKind.FOREIGN, foreign)
    if not national:
        raise DomainError(codes.why_not_national_code(""), field="national_code")
    return Wanted(OwnerKind.NATIONAL, national, reason)


def many(raw: str) -> list[Wanted]:
    """The national codes of a list, each once, in the order typed: one a line, or parted by commas or blanks.

    Raises:
        DomainError: those that are wrong, each with its place in the list; none is left out silently.
    """
    found, wrong = list[str](), list[str]()
    for number, part in enumerate(_parts(raw), 1):
        code = codes.national_code(part) if len(codes.bare(part)) == 10 else None
        if code is None:
            wrong.append(
                f"کد {text.persian_digits(number)} («{text.persian_digits(text.clean(part)[:20])}»): {_why_not(part)}"
            )
        elif codes.is_suspicious_national_code(code):
            wrong.append(f"کد {text.persian_digits(number)}: {_ALONE}")
        else:
            found.append(code)
    if wrong:
        more = f" و {text.persian_digits(len(wrong) - _SHOWN)} کد دیگر" if len(wrong) > _SHOWN else ""
        raise DomainError("؛ ".join(wrong[:_SHOWN]) + more, field="codes")
    if not found:
        raise DomainError("کدهای ملی را بنویسید؛ هر کدام در یک سطر", field="codes")
    return [Wanted(OwnerKind.NATIONAL, code) for code in dict.fromkeys(found)]


_SHOWN = 3
_ALONE = "از کدهایی است که بیشتر برای پر کردن جای خالی نوشته می‌شوند؛ آن را جداگانه و با دلیل بنویسید"


def _parts(raw: str) -> list[str]:
    """The pieces of a list. Blanks part codes, unless they stand within one, as in «001 035 0829»."""
    found: list[str] = []
    for part in filter(str.strip, _PARTS.split(raw)):
        words = part.split()
        whole = len(codes.bare(part)) == 10 or len(words) == 1
        found += [part] if whole or any(len(codes.bare(word)) < 8 for word in words) else words
    return found


def _why_not(part: str) -> str:
    count = len(codes.bare(part))
    why = codes.why_not_national_code(part)
    return why or f"کد ملی باید ۱۰ رقم باشد؛ {text.persian_digits(count)} رقم نوشته‌اید"


def grouped(kind: OwnerKind, code: str) -> str:
    """A code in groups that are easy to compare with a card: three, three and four, or fours."""
    sizes = (3, 3, 4) if kind is OwnerKind.NATIONAL else (4, 4, 4)
    parts, at = [], 0
    for size in sizes:
        parts.append(code[at : at + size])
        at += size
    return text.persian_digits(" ".join(filter(None, parts)))
