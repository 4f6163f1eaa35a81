"""What fees and the keys of their rows are called on the screen."""

from collections.abc import Mapping

from models import Delivery, UnitKind
from services import jalali, labels, text
from services.tariffs.prices import ANY, ANY_DECILE, ENROLL_CREDIT, Line

# Kinds of fee; the product takes the first one, the others are written for whoever asks what they are.
FEES = {
    ENROLL_CREDIT: "اعتبار ثبت‌نام",
    "exam_written": "آزمون کتبی",
    "exam_practical": "آزمون عملی",
    "certificate": "صدور گواهینامه",
}
CHARGED = {ENROLL_CREDIT}
KINDS = (UnitKind.CENTER, UnitKind.ACADEMY)  # those that have courses
DECILES = range(1, 11)
UNIT_KINDS = {ANY: "همهٔ واحدها", **{kind.value: labels.UNIT_KIND[kind] for kind in KINDS}}
DELIVERIES = {ANY: "همهٔ شیوه‌ها", **{mode.value: labels.DELIVERY[mode] for mode in Delivery}}
EVERYBODY = "همه"


def whom(line: Line, groups: Mapping[str, str]) -> str:
    """For whom a row is; `groups` are the titles of target groups by code."""
    parts = (
        f"گروه «{groups.get(line.target_group, line.target_group)}»" if line.target_group != ANY else "",
        decile(line.decile) if line.decile != ANY_DECILE else "",
        labels.DELIVERY.get(line.delivery, line.delivery) if line.delivery != ANY else "",
        labels.UNIT_KIND.get(line.unit_kind, line.unit_kind) if line.unit_kind != ANY else "",
    )
    return "، ".join(part for part in parts if part) or EVERYBODY


def decile(number: int | None) -> str:
    return f"دهک {text.persian_digits(number)}" if number else "دهک نامعلوم"


def amount(rials: int) -> str:
    return text.rial(rials) if rials else "رایگان"


def days(line: Line) -> str:
    """«از ۱ مهر ۱۴۰۵ تا ۳۰ مهر ۱۴۰۵»."""
    until = f" تا {jalali.day_month_year(line.valid_to)}" if line.valid_to else ""
    return f"از {jalali.day_month_year(line.valid_from)}{until}"
