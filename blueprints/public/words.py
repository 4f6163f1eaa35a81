"""What a course is like, in the words that visitors read."""

import datetime as dt
from typing import Any

from markupsafe import Markup

from models import CourseStatus, Gender
from services import jalali, labels
from services.catalog import Choices, Search
from services.courses.reading import ENROLLABLE
from services.text import persian_digits

hours = labels.hours
FEW = 3
EVEN_DAYS, ODD_DAYS = 0b0010101, 0b0101010


def day(date: dt.date) -> str:
    """«شنبه ۱۵ آذر ۱۴۰۵»."""
    return jalali.long(date)


def days(mask: int) -> str:
    """«شنبه تا چهارشنبه», «روزهای زوج», «پنجشنبه‌ها»."""
    if mask in (EVEN_DAYS, ODD_DAYS):
        return "روزهای زوج" if mask == EVEN_DAYS else "روزهای فرد"
    text = labels.weekdays(mask)
    return f"{text}‌ها" if len(labels.days_of(mask)) == 1 else text


def times(course: Any) -> str:
    """«۸ تا ۱۲», «۸:۳۰ تا ۱۲», or the shift where no times are known."""
    start, end = course.start_time, course.end_time
    return f"{_hour(start)} تا {_hour(end)}" if start and end else labels.SHIFT[course.shift]


def _hour(time: dt.time) -> str:
    return jalali.clock(time) if time.minute else persian_digits(time.hour)


def gender(value: Gender) -> str:
    """«زنان و مردان», «ویژهٔ زنان»."""
    return labels.GENDER[value] if value is Gender.MIXED else f"ویژهٔ {labels.GENDER[value]}"


def where(course: Any) -> str:
    """The unit, and its county unless the title already says it."""
    unit, county = course.unit_title, course.county_title
    return unit if not county or county in unit else f"{unit}، {county}"


def left(course: Any) -> int:
    """The seats that are neither taken nor held for the waiting list."""
    return int(course.capacity_max - course.taken - course.held)


def state(course: Any, now: dt.datetime) -> str:
    """Where a course stands for a visitor: canceled, over, soon, full, few or free."""
    if course.status is CourseStatus.CANCELED:
        return "canceled"
    if course.status not in ENROLLABLE or now >= course.enroll_close_at:
        return "over"
    if now < course.enroll_open_at:
        return "soon"
    free = left(course)
    return "full" if free <= 0 else "few" if free <= FEW else "free"


CLOSED = ("full", "over", "canceled")
KINDS = {"canceled": "bad", "over": "", "soon": "info", "full": "", "few": "warn", "free": "ok"}


def seats(course: Any, now: dt.datetime) -> tuple[str, str]:
    """The text and the kind of the tag that says whether there is room."""
    standing = state(course, now)
    if standing in ("few", "free"):
        text = f"{persian_digits(left(course))} جای خالی از {persian_digits(course.capacity_max)}"
    elif standing == "soon":
        text = f"ثبت‌نام از {opening(course.enroll_open_at, now)}"
    else:
        text = {"canceled": "لغو شد", "over": "مهلت ثبت‌نام تمام شد", "full": "ظرفیت تکمیل شد"}[standing]
    return text, KINDS[standing]


def opening(moment: dt.datetime, now: dt.datetime) -> str:
    """«۱۵ آذر، ساعت ۸:۰۰», with the year when it is not this one."""
    local = jalali.tehran(moment)
    date = jalali.day_month_year(local.date())
    this_year = jalali.parts(local.date())[0] == jalali.parts(jalali.tehran_today(now))[0]
    return f"{date.rsplit(' ', 1)[0] if this_year else date}، ساعت {jalali.clock(local.time())}"


def instructor(course: Any) -> str | None:
    """«خانم نوروزی»; the family name is all that visitors need."""
    title = {Gender.FEMALE: "خانم ", Gender.MALE: "آقای "}.get(course.instructor_gender, "")
    return f"{title}{course.instructor_name}" if course.instructor_name else None


def ages(course: Any) -> str | None:
    """«۱۸ تا ۴۰ سال», «از ۱۵ سال»."""
    low, high = course.age_min, course.age_max
    if low and high:
        return f"{persian_digits(low)} تا {persian_digits(high)} سال"
    if low or high:
        return f"از {persian_digits(low)} سال" if low else f"تا {persian_digits(high)} سال"
    return None


def chosen(search: Search, choices: Choices) -> str:
    """The filters in force in one line, as the closed filter box shows them."""
    words = [_title(choices.provinces, search.province) or "همهٔ استان‌ها"]
    if search.province and not search.unit:
        words.append(_title(choices.counties, search.county) or "همهٔ شهرستان‌ها")
    words += [_title(choices.units or [], search.unit), _title(choices.fields, str(search.field or ""))]
    words.append(f"برای {labels.GENDER[search.gender]}" if search.gender else "")
    words.append(f"نوبت {labels.SHIFT[search.shift]}" if search.shift else "")
    words.append(f"شروع از {jalali.day_month_year(search.from_on)}" if search.from_on else "")
    words.append("فقط دارای جای خالی" if search.only_free else "")
    return "، ".join(word for word in words if word)


def _title(offered: list[tuple[str, str]], code: str) -> str:
    return dict(offered).get(code, "")


def length(course: Any) -> str:
    """«۸۰ ساعت (۲۰ نظری، ۶۰ عملی)»."""
    kinds = (
        ("نظری", course.theory_minutes),
        ("عملی", course.practice_minutes),
        ("پروژه", course.project_minutes),
        ("کارورزی", course.internship_minutes),
    )
    parts = [f"{labels.hours(minutes)} {name}" for name, minutes in kinds if minutes]
    return f"{labels.hours(course.minutes)} ({'، '.join(parts)})" if len(parts) > 1 else labels.hours(course.minutes)


def standard(course: Any) -> str | None:
    """The code of the skill standard, isolated because it may hold Latin letters."""
    return Markup('<bdi dir="ltr">%s</bdi>') % persian_digits(course.standard_code) if course.standard_code else None


def brief(course: Any) -> str:
    """What a messenger shows below a link to the course; seats are left out because previews are kept for days."""
    return (
        f"شروع {day(course.start_on)}، {labels.hours(course.minutes)}، {days(course.weekdays)} "
        f"{times(course)}، {gender(course.gender)}. کد دوره {persian_digits(course.code)}"
    )
