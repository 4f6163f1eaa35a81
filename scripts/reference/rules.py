"""Rules that are rows: fees, routes of approval, policies, groups, reasons and holidays."""

import datetime as dt
from functools import cache

from services import jalali

FEE_RIALS = 50_000
FEE_KIND = "enroll_credit"
SINCE = dt.date(2025, 3, 21)

# unit kind, setting, levels
ROUTES = (
    ("center", "*", "center,province"),
    ("center", "prison", "center,province,hq"),
    ("center", "barracks", "center,province,hq"),
    ("center", "industry", "center,province,hq"),
    ("academy", "*", "province"),
)


def levels(unit_kind: str, setting: str) -> str:
    """The route of a course: its own setting's, else the unit kind's."""
    rows = {(kind, where): found for kind, where, found in ROUTES}
    return rows.get((unit_kind, setting)) or rows[unit_kind, "*"]


POLICIES = {"max_active_courses": 1, "undo_minutes": 10, "capacity_default": 15}

# code, title, exempt from mobile, exempt from fee, needs evidence
TARGET_GROUPS = (
    ("public", "عموم متقاضیان", False, False, False),
    ("women_heads", "زنان سرپرست خانوار", False, False, True),
    ("relief", "مددجویان کمیتهٔ امداد", False, True, True),
    ("welfare", "مددجویان بهزیستی", False, True, True),
    ("prisoners", "زندانیان", True, True, False),
    ("conscripts", "سربازان (سرباز ماهر)", True, False, False),
    ("villagers", "روستاییان و عشایر", True, False, False),
    ("employees", "شاغلان صنایع", False, False, False),
    ("students", "هنرجویان و دانشجویان", False, False, False),
    ("foreigners", "اتباع خارجی", False, False, True),
)

# kind, code, name, text
REASONS = (
    ("return", "equipment", "تجهیزات کارگاه", "تعداد تجهیزات سالم کارگاه با ظرفیت دوره نمی‌خواند"),
    ("return", "hours", "ساعت و تاریخ", "ساعت‌های هفتگی با ساعت استاندارد جور نیست؛ تاریخ پایان را درست کنید"),
    (
        "return",
        "instructor",
        "صلاحیت مربی",
        "مدرک یا سابقهٔ مربی با استاندارد تطبیق ندارد؛ رأی کمیتهٔ صلاحیت را پیوست کنید",
    ),
    ("return", "capacity", "ظرفیت کارگاه", "ظرفیت بیشتر از ایستگاه‌های کاری کارگاه است"),
    ("return", "window", "مهلت ثبت‌نام", "مهلت ثبت‌نام خیلی کوتاه است"),
    ("reject", "not_planned", "خارج از برنامه", "این دوره در برنامهٔ سالانهٔ مرکز نیست"),
    ("reject", "duplicate", "دورهٔ همانند", "دورهٔ همانند در همین شهرستان ظرفیت خالی دارد"),
    ("reject", "licence", "پروانهٔ آموزشگاه", "پروانهٔ آموزشگاه این رشته را در بر نمی‌گیرد"),
    ("cancel", "quorum", "حد نصاب", "دوره به حد نصاب نرسید"),
    ("cancel", "no_instructor", "نبود مربی", "مربی دوره در دسترس نیست"),
    ("cancel", "repair", "تعمیر کارگاه", "کارگاه در حال تعمیر است"),
)

# Jalali month, day, title; those of the lunar calendar as announced for 1405.
_HOLIDAYS_1405 = (
    (1, 1, "نوروز و عید سعید فطر"),
    (1, 2, "نوروز و عید سعید فطر"),
    (1, 3, "نوروز"),
    (1, 4, "نوروز"),
    (1, 12, "روز جمهوری اسلامی"),
    (1, 13, "روز طبیعت"),
    (3, 6, "عید سعید قربان"),
    (3, 14, "عید سعید غدیر و رحلت امام خمینی"),
    (3, 15, "قیام ۱۵ خرداد"),
    (4, 3, "تاسوعای حسینی"),
    (4, 4, "عاشورای حسینی"),
    (5, 13, "اربعین حسینی"),
    (5, 21, "رحلت پیامبر و شهادت امام حسن مجتبی"),
    (5, 22, "شهادت امام رضا"),
    (5, 30, "شهادت امام حسن عسکری"),
    (6, 8, "میلاد پیامبر و امام جعفر صادق"),
    (8, 22, "شهادت حضرت فاطمه"),
    (10, 2, "ولادت امام علی"),
    (10, 16, "مبعث پیامبر"),
    (11, 4, "ولادت حضرت قائم"),
    (11, 22, "پیروزی انقلاب اسلامی"),
    (12, 9, "شهادت امام علی"),
    (12, 19, "عید سعید فطر"),
    (12, 20, "عید سعید فطر"),
    (12, 29, "ملی شدن صنعت نفت"),
)


@cache
def holidays() -> dict[dt.date, str]:
    """The official holidays of 1405 by date."""
    return {jalali.to_gregorian(1405, month, day): title for month, day, title in _HOLIDAYS_1405}
