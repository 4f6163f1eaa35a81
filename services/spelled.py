"""Whole numbers in Persian words, as they are written beside an amount so that nobody misreads a zero."""

_ONES = (
    "", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده", "یازده", "دوازده", "سیزده", "چهارده",
    "پانزده", "شانزده", "هفده", "هجده", "نوزده",
)  # fmt: skip
_TENS = ("", "", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود")
_HUNDREDS = ("", "صد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد")
_SCALES = ("", "هزار", "میلیون", "میلیارد", "هزار میلیارد")
MOST = 10 ** (3 * len(_SCALES))


def number(n: int) -> str:
    """50000 as «پنجاه هزار».

    Raises:
        ValueError: below zero, or beyond any amount of ours.
    """
    if not 0 <= n < MOST:
        raise ValueError(f"{n} has no words here")
    if n == 0:
        return "صفر"
    parts, scale = [], 0
    while n:
        n, group = divmod(n, 1000)
        if group:
            parts.append(_group(group, _SCALES[scale]))
        scale += 1
    return " و ".join(reversed(parts))


def rial_toman(n: int) -> str:
    """50000 as «پنجاه هزار ریال، پنج هزار تومان»; no tomans where they would be broken."""
    toman, rest = divmod(n, 10)
    return f"{number(n)} ریال" if rest else f"{number(n)} ریال، {number(toman)} تومان"


def _group(n: int, scale: str) -> str:
    """Up to three digits with what they count; «یک هزار» is said «هزار»."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    words = [_HUNDREDS[hundreds], *((_ONES[rest],) if rest < 20 else (_TENS[tens], _ONES[ones]))]
    said = " و ".join(filter(None, words))
    return scale if n == 1 and scale == "هزار" else f"{said} {scale}".strip()
