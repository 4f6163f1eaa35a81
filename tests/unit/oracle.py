"""The rules of text, codes and calendar written a second time, from their definitions, to compare with."""

import datetime as dt
import re
import unicodedata

_DIGITS = {ord(c): str(n) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９") for n, c in enumerate(row)}
_LETTERS = {0x064A: "ی", 0x0649: "ی", 0x0643: "ک", 0x06AA: "ک", 0x0640: None}
_UNSEEN = dict.fromkeys([0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xAD])
_FOLDED = str.maketrans("آأإٱؤئةۀۂەھہ", "اااا" + "وی" + "ه" * 6)


def clean(s: str) -> str:
    s = unicodedata.normalize("NFKC", s).translate(_UNSEEN).translate(_LETTERS)
    s = re.sub(r"\u200c+", "\u200c", s)
    s = re.sub(r"\s*\u200c\s*(?=\s)|^\u200c+|\u200c+$|(?<=\s)\u200c+", "", s)
    return re.sub(r"\s+", " ", s).strip()


def key(s: str) -> str:
    s = clean(s).translate(_DIGITS).casefold()
    s = re.sub(r"[\u064B-\u0652\u0670\u0654\u0655]", "", s).translate(_FOLDED)
    return re.sub(r"[\s\u200c\-_.،,()«»]+", "", s)


def national_code(raw: str) -> str | None:
    s = re.sub(r"[\s\-_.\u200c\u200e\u200f]", "", raw.translate(_DIGITS))
    if not re.fullmatch(r"[0-9]{8,10}", s):
        return None
    s = s.zfill(10)
    rest = sum(int(s[i]) * (10 - i) for i in range(9)) % 11
    right = rest if rest < 2 else 11 - rest
    return s if s != s[0] * 10 and int(s[9]) == right else None


def is_leap(year: int) -> bool:
    """The 33-year rule, which is the official calendar of 1178 to 1501."""
    return (25 * year + 11) % 33 < 8


def days() -> list[tuple[tuple[int, int, int], dt.date]]:
    """Every day of 1300 to 1500 counted from one official anchor, 1358/01/01 = 1979-03-21."""
    years = range(1300, 1501)
    day = dt.date(1979, 3, 21) - dt.timedelta(days=sum(366 if is_leap(y) else 365 for y in range(1300, 1358)))
    found = []
    for y in years:
        for m in range(1, 13):
            for d in range(1, (32 if m <= 6 else 31 if m <= 11 or is_leap(y) else 30)):
                found.append(((y, m, d), day))
                day += dt.timedelta(days=1)
    return found
