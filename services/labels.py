"""What the values of our enumerations are called on the screen; a pure module, keyed by the stored text."""

from services.jalali import WEEKDAYS
from services.text import persian_digits

STATUS = {
    "draft": "پیش‌نویس",
    "center_review": "در انتظار تأیید مرکز",
    "province_review": "در انتظار تأیید استان",
    "hq_review": "در انتظار تأیید ستاد",
    "returned": "برگشت‌خورده",
    "rejected": "ردشده",
    "approved": "تأییدشده",
    "open": "در حال ثبت‌نام",
    "closed": "ثبت‌نام بسته",
    "running": "در حال اجرا",
    "finished": "خاتمه‌یافته",
    "canceled": "لغوشده",
}
# The look of a status tag: one of the kinds of the tag macro.
STATUS_TONE = {
    "center_review": "info",
    "province_review": "info",
    "hq_review": "info",
    "returned": "warn",
    "rejected": "bad",
    "approved": "ok",
    "open": "ok",
    "running": "ok",
    "canceled": "bad",
}
SHIFT = {"morning": "صبح", "evening": "عصر", "night": "شب", "full_day": "تمام‌وقت"}
GENDER = {"female": "زنان", "male": "مردان", "mixed": "زنان و مردان"}
SETTING = {
    "fixed": "ثابت",
    "branch": "شعبه",
    "mobile_urban": "سیار شهری",
    "mobile_rural": "سیار روستایی",
    "mobile_nomadic": "سیار عشایری",
    "prison": "زندان",
    "barracks": "پادگان (سرباز ماهر)",
    "industry": "صنایع",
    "workplace": "محیط واقعی کار",
    "academy": "آموزشگاه آزاد",
}
DELIVERY = {"in_person": "حضوری", "virtual": "مجازی", "electronic": "الکترونیکی", "blended": "ترکیبی"}
UNIT_KIND = {
    "hq": "ستاد",
    "directorate": "اداره کل",
    "center": "مرکز دولتی",
    "academy": "آموزشگاه آزاد",
    "counter": "دفتر پیشخوان",
}
LEVEL = {"center": "مرکز", "province": "استان", "hq": "ستاد", "system": "سامانه"}
ROLE = {
    "clerk": "کارشناس مرکز",
    "manager": "مدیر مرکز",
    "counselor": "مشاور",
    "instructor": "مربی",
    "counter": "دفتر پیشخوان",
    "reviewer": "بررس",
    "planner": "کارشناس برنامه‌ریزی",
    "director": "مدیر",
    "admin": "مدیر سامانه",
    "operator": "راهبر سامانه",
}
EQUIPMENT_GROUP = {
    "capital": "تجهیزات",
    "tool": "ابزار",
    "consumable": "مواد مصرفی",
    "protective": "حفاظت فردی",
}

ALL_DAYS = tuple(range(7))


def days_of(mask: int) -> list[int]:
    """The weekdays in a bit mask, 0 for Saturday."""
    return [day for day in ALL_DAYS if mask >> day & 1]


def weekdays(mask: int) -> str:
    """«شنبه، دوشنبه», or «شنبه تا چهارشنبه» for three days and more in a row."""
    days = days_of(mask)
    if len(days) >= 3 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]} تا {WEEKDAYS[days[-1]]}"
    return "، ".join(WEEKDAYS[day] for day in days)


def hours(minutes: int) -> str:
    """«۸۰ ساعت», «۷۹ ساعت و ۳۰ دقیقه»."""
    whole, rest = divmod(minutes, 60)
    parts = ([f"{persian_digits(whole)} ساعت"] if whole else []) + ([f"{persian_digits(rest)} دقیقه"] if rest else [])
    return " و ".join(parts) or "۰ ساعت"


# -- Steps of a course -------------------------------------------------------------

ACTION = {
    "send": "ارسال برای تأیید",
    "approve": "تأیید",
    "return": "برگشت برای اصلاح",
    "reject": "رد",
    "cancel": "لغو دوره",
    "discard": "کنار گذاشتن",
    "open": "باز شدن ثبت‌نام",
    "close": "بستن ثبت‌نام",
    "start": "شروع دوره",
    "finish": "پایان دوره",
}
# What somebody did, for sentences such as «م. توکلی این دوره را … ».
ACTION_PAST = {
    "create": "ساخت",
    "copy": "از دورهٔ پیشین کپی کرد",
    "edit": "ویرایش کرد",
    "send": "فرستاد",
    "approve": "تأیید کرد",
    "return": "برگرداند",
    "reject": "رد کرد",
    "cancel": "لغو کرد",
    "discard": "کنار گذاشت",
    "open": "برای ثبت‌نام باز کرد",
    "close": "برای ثبت‌نام بست",
    "start": "آغاز کرد",
    "finish": "پایان داد",
}
