"""The number on the label of a piece of equipment: the id of its row in eight digits, and a check digit."""

import re

from services import codes
from services.text import persian_digits

DIGITS = 9
_IN_ADDRESS = re.compile(r"^.*/e/", re.IGNORECASE | re.DOTALL)  # what a scanner reads is the whole short address


def label(item_id: int) -> str:
    """The label of the item with this id.

    Raises:
        ValueError: no row has such an id.
    """
    if not 0 < item_id < 10 ** (DIGITS - 1):
        raise ValueError(f"{item_id} has no place on a label")
    number = f"{item_id:0{DIGITS - 1}}"
    return number + codes.check_digit(number)


def item_id(raw: str | None) -> int | None:
    """The id of the item that somebody names by its label, or None where that is none.

    Zeros on the left may be left out: the check digit of what is left is the same. A QR code's address is read too.
    """
    number = codes.bare(_IN_ADDRESS.sub("", raw or ""))
    if not re.fullmatch(f"[0-9]{{2,{DIGITS}}}", number) or codes.check_digit(number) != "0":
        return None
    return int(number[:-1]) or None


def why_not(raw: str | None) -> str:
    """What is wrong with a typed label, as a sentence for the person; empty when it is right."""
    number = codes.bare(_IN_ADDRESS.sub("", raw or ""))
    if not number:
        return "شمارهٔ برچسب را بنویسید"
    if not re.fullmatch("[0-9]+", number):
        return "شمارهٔ برچسب فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"
    if len(number) > DIGITS:
        return f"شمارهٔ برچسب {persian_digits(DIGITS)} رقم دارد؛ {persian_digits(len(number))} رقم نوشته‌اید"
    return "" if item_id(raw) else "این شمارهٔ برچسب درست نیست. رقم‌ها را با برچسب تطبیق دهید"


def spaced(number: str) -> str:
    """A label in groups of three, as it is printed and read out."""
    return " ".join(number[i : i + 3] for i in range(0, len(number), 3))
