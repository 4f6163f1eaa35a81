"""What is said of licenses on the screen, keyed by the stored text."""

from datetime import date

from models import License
from services import jalali, labels, policy
from services.text import persian_digits

STATE = {
    "draft": ("پیش‌نویس", ""),
    "waiting": ("در انتظار استان", "info"),
    "rejected": ("ردشده", "bad"),
    "valid": ("معتبر", "ok"),
    "suspended": ("تعلیق", "bad"),
    "revoked": ("لغوشده", "bad"),
    "replaced": ("تمدیدشده", ""),
}
GRADE = {"a": "الف", "b": "ب", "c": "ج", "d": "د"}
FOUNDER = {"person": "شخص حقیقی", "legal": "شخص حقوقی"}
VISIT_KIND = {"environment": "محیط آموزشی", "equipment": "تجهیزات", "operation": "روند کار"}
OUTCOME = {"passed": ("پذیرفته", "ok"), "conditional": ("مشروط", "warn"), "failed": ("نپذیرفته", "bad")}
ACTION = {
    "approve": "تأیید پروانه",
    "reject": "رد",
    "suspend": "تعلیق",
    "resume": "رفع تعلیق",
    "revoke": "لغو پروانه",
}
# What somebody did, for «خ. کریمی این پروانه را … » and for the history.
DID = {
    "create": "پیش‌نویس را ساخت",
    "edit": "ویرایش کرد",
    "trade_added": "حرفه‌ای افزود",
    "trade_removed": "حرفه‌ای برداشت",
    "send": "برای استان فرستاد",
    "recall": "پس گرفت",
    "approve": "تأیید کرد",
    "reject": "رد کرد",
    "suspend": "تعلیق کرد",
    "resume": "از تعلیق درآورد",
    "revoke": "لغو کرد",
    "replaced": "با پروانهٔ تازه جایگزین کرد",
    "visit": "بازدید ثبت کرد",
    "remind_90": "۹۰ روز مانده یادآوری کرد",
    "remind_30": "۳۰ روز مانده یادآوری کرد",
    "remind_7": "۷ روز مانده یادآوری کرد",
}
# The same of oneself, for the steps that make an open page old.
YOU = {
    "edit": "ویرایش کردید",
    "send": "برای استان فرستادید",
    "recall": "پس گرفتید",
    "approve": "تأیید کردید",
    "reject": "رد کردید",
    "suspend": "تعلیق کردید",
    "resume": "از تعلیق درآوردید",
    "revoke": "لغو کردید",
    "replaced": "با پروانهٔ تازه جایگزین کردید",
}
LABEL = {
    "number": "شمارهٔ پروانه",
    "issued_on": "تاریخ صدور",
    "expires_on": "پایان اعتبار",
    "founder_kind": "مؤسس",
    "founder_person_id": "مؤسس",
    "founder_legal_id": "شناسهٔ ملی مؤسس",
    "founder_title": "نام شخص حقوقی",
    "manager_id": "مدیر آموزشگاه",
    "grade": "درجه",
    "gender": "جنسیت",
    "capacity": "ظرفیت",
    "address": "نشانی",
    "police_approved_on": "تأیید پلیس اماکن",
    "note": "یادداشت",
}
NOTHING = "ثبت نشده"
_SHOWN = {"founder_kind": FOUNDER, "grade": GRADE, "gender": labels.GENDER}


def show(field: str, raw: object) -> str:
    """A stored value for the screen; a person stands there by their part, because the trail knows no names."""
    if raw is None or raw == "":
        return NOTHING
    if field in _SHOWN:
        return _SHOWN[field].get(str(raw), NOTHING)
    if field.endswith("_on"):
        return jalali.long(date.fromisoformat(str(raw)))
    if field in ("founder_person_id", "manager_id"):
        return "شخصی دیگر"
    return persian_digits(raw)


def tag(license_: License) -> tuple[str, str]:
    """How a license stands today, for a tag; one that has run out says so although its row is valid."""
    state = STATE[license_.state]
    if license_.state != "valid":
        return state
    left = days_left(license_)
    if left < 0:
        return "پایان‌یافته", "bad"
    return (f"{persian_digits(left)} روز مانده", "bad" if left <= 7 else "warn") if left <= 90 else state


def days_left(license_: License) -> int:
    """Days until the last day of a license; 0 on that day, less when it has run out."""
    return (license_.expires_on - policy.today()).days


def span(license_: License) -> str:
    """«از ۱ مهر ۱۴۰۲ تا ۱ مهر ۱۴۰۷»."""
    return f"از {jalali.day_month_year(license_.issued_on)} تا {jalali.day_month_year(license_.expires_on)}"


def public_tag(license_: License) -> tuple[str, str]:
    """The same for everybody: whether it holds today, without how long it still does."""
    if license_.state == "suspended":
        return "تعلیق شده", "bad"
    return ("اعتبار تمام شده", "bad") if days_left(license_) < 0 else ("معتبر", "ok")
