"""Persian digits, dates and letters for the screen and for searching."""

import datetime
import unicodedata
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

TEHRAN = ZoneInfo("Asia/Tehran")
TO_PERSIAN = {ord(str(value)): digit for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")}
TO_ASCII = {ord(digit): str(value) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(row)}
TO_PERSIAN_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ۀ": "ه"})
TO_ARABIC_LETTERS = str.maketrans({"ی": "ي", "ک": "ك"})
MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]


def digits(value: object) -> str:
    """A number or code for the screen."""
    return str(value).translate(TO_PERSIAN)


def ascii_digits(text: str) -> str:
    """What was typed, as ASCII digits, without the separators people put between them."""
    return "".join(text.translate(TO_ASCII).replace("-", " ").replace("\u200c", " ").split())


def jalali(date: datetime.date) -> str:
    day = JalaliDate(date)
    return digits(f"{day.day} {MONTHS[day.month - 1]} {day.year}")


def clock(text: str) -> str:
    """Date and hour in Tehran of a moment kept as ISO text in UTC."""
    moment = datetime.datetime.fromisoformat(text).astimezone(TEHRAN)
    return f"{jalali(moment.date())}، ساعت {digits(f'{moment:%H:%M}')}"


def local(seconds: float) -> datetime.datetime:
    """A moment of the epoch as Tehran's clock shows it."""
    return datetime.datetime.fromtimestamp(seconds, TEHRAN)


def moment(seconds: float) -> str:
    """Date and hour in Tehran of a moment of the epoch."""
    return clock(local(seconds).isoformat())


def grouped(amount: int) -> str:
    """An amount for the screen."""
    return digits(f"{amount:,}").replace(",", "٬")


def number(text: str) -> str:
    """A bank's number for the screen; one with letters in it is shown as it is."""
    return digits(text) if text.isdigit() else text


def search_key(text: str) -> str:
    """What searching compares: no spaces, no half-spaces, one spelling of each letter."""
    plain = unicodedata.normalize("NFKC", text).translate(TO_ASCII).translate(TO_PERSIAN_LETTERS)
    return "".join(plain.replace("\u200c", "").split()).casefold()
