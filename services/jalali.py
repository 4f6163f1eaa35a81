"""The Jalali calendar and Tehran's clock, at the edge between the screen and the Gregorian dates we store."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from services.text import digits, key, persian_digits

TEHRAN = ZoneInfo("Asia/Tehran")
_SPRING_AND_SUMMER = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور")
MONTHS = (*_SPRING_AND_SUMMER, "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
WEEKDAYS = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")
# The official calendar is known for these years; a year outside them is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1178, 1501

_OTHER_SPELLINGS = {"امرداد": 5, "اسپند": 12}
_MONTH_NUMBERS = {key(name): number for number, name in enumerate(MONTHS, 1)} | {
    key(name): number for name, number in _OTHER_SPELLINGS.items()
}


# -- Dates -------------------------------------------------------------------------


def to_gregorian(y: int, m: int, d: int) -> dt.date:
    """The Gregorian date of a Jalali day.

    Raises:
        ValueError: there is no such day.
    """
    if not FIRST_YEAR <= y <= LAST_YEAR:
        raise ValueError(f"no Jalali year {y}")
    return JalaliDate(y, m, d).to_gregorian()


def parts(d: dt.date) -> tuple[int, int, int]:
    """Jalali year, month and day of a Gregorian date."""
    jalali = JalaliDate(d)
    return jalali.year, jalali.month, jalali.day


def parse(text: str | None) -> dt.date | None:
    """The date in 1404/7/5, ۱۴۰۴-۰۷-۰۵ or 14040705, or None; the year has four digits."""
    bare = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", digits(text)).strip()
    match = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", bare) or re.fullmatch(
        r"([0-9]{4})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})", bare
    )
    if not match:
        return None
    try:
        return to_gregorian(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def month_number(text: str | None) -> int | None:
    """1 to 12 from a number or the name of a month in any usual spelling, or None."""
    word = key(text)
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word) if 1 <= int(word) <= 12 else None
    return _MONTH_NUMBERS.get(word) or _MONTH_NUMBERS.get(word.removesuffix("ماه"))


def month_length(y: int, m: int) -> int:
    """How many days a Jalali month has."""
    to_gregorian(y, m, 1)  # refuses years and months that do not exist
    return JalaliDate.days_in_month(m, y)


def weekday(d: dt.date) -> int:
    """0 for Saturday to 6 for Friday."""
    return (d.weekday() + 2) % 7


def weekday_name(d: dt.date) -> str:
    return WEEKDAYS[weekday(d)]


def full_years(birth: dt.date, today: dt.date) -> int:
    """Age in full years of the Jalali calendar."""
    born, now = parts(birth), parts(today)
    return now[0] - born[0] - (now[1:] < born[1:])


def long(d: dt.date) -> str:
    """«شنبه ۱۵ آذر ۱۴۰۵»."""
    return f"{weekday_name(d)} {day_month_year(d)}"


def day_month_year(d: dt.date) -> str:
    """«۱۵ آذر ۱۴۰۵»."""
    y, m, day = parts(d)
    return f"{persian_digits(day)} {MONTHS[m - 1]} {persian_digits(y)}"


def short(d: dt.date) -> str:
    """«۱۴۰۵/۰۹/۱۵», for narrow columns."""
    y, m, day = parts(d)
    return persian_digits(f"{y}/{m:02}/{day:02}")


# -- Clock -------------------------------------------------------------------------


def tehran(moment: dt.datetime) -> dt.datetime:
    """The same moment on Tehran's clock.

    Raises:
        ValueError: the moment has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(TEHRAN)


def tehran_today(now: dt.datetime) -> dt.date:
    """The date in Tehran at this moment."""
    return tehran(now).date()


def from_tehran(day: dt.date, clock_time: dt.time) -> dt.datetime:
    """The moment, in UTC, at which Tehran's clock shows this date and time."""
    return dt.datetime.combine(day, clock_time, TEHRAN).astimezone(dt.UTC)


def clock(time: dt.time) -> str:
    """«۸:۰۰»."""
    return persian_digits(f"{time.hour}:{time.minute:02}")


def at(moment: dt.datetime) -> str:
    """«۱۵ آذر ۱۴۰۵، ساعت ۱۰:۴۳» on Tehran's clock."""
    local = tehran(moment)
    return f"{day_month_year(local.date())}، ساعت {clock(local.time())}"
