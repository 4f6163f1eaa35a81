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
    "beside_workshop": "جوارکارگاهی",
    "between_workshops": "بین‌کارگاهی",
    "workplace": "محیط واقعی کار",
    "instructor_center": "مرکز تربیت مربی",
    "academy": "آموزشگاه آزاد",
    "institution": "دانشگاه یا اداره",
}
DELIVERY = {"in_person": "حضوری", "virtual": "مجازی", "electronic": "الکترونیکی", "blended": "ترکیبی"}
TRIGGER = {
    "plan": "برنامهٔ آموزشی مرکز",
    "request": "درخواست یک سازمان",
    "demand": "اعلام نیاز مردم",
    "event": "مناسبت یا طرح ویژه",
}
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
PLACE_KIND = {
    "building": "ساختمان آموزشی",
    "outside": "مکان بیرون از مرکز",
    "prison": "زندان",
    "barracks": "پادگان",
    "village": "روستا",
    "factory": "کارخانه",
    "virtual": "مجازی",
}
OWNERSHIP = {"state": "دولتی", "rented": "اجاره‌ای", "lent": "واگذاری یا امانی"}
AREA = {"urban": "شهری", "rural": "روستایی", "nomadic": "عشایری"}
EQUIPMENT_GROUP = {
    "capital": "تجهیزات",
    "tool": "ابزار",
    "consumable": "مواد مصرفی",
    "protective": "حفاظت فردی",
}
ITEM_SOURCE = {
    "purchase": "خرید",
    "allocation": "تخصیص",
    "donation": "اهدایی",
    "made": "ساخت کارگاه",
    "lent": "امانی",
}
CONDITION = {"new": "نو", "good": "خوب", "worn": "کارکرده", "poor": "فرسوده"}
ITEM_AGE = {
    "fresh": "تا ۲ سال",
    "young": "۲ تا ۵ سال",
    "middle": "۵ تا ۱۰ سال",
    "old": "بیش از ۱۰ سال",
    "unknown": "تاریخ ندارد",
}
MOVEMENT = {
    "received": "دریافت",
    "sent": "فرستادن",
    "arrived": "رسیدن از جای دیگر",
    "returned": "برگشت",
    "repaired": "تعمیر",
    "broken": "خرابی",
    "consumed": "مصرف",
    "written_off": "اسقاط",
    "found": "پیدا شدن",
    "lost": "گم شدن",
}
SERVICE_KIND = {
    "service": "سرویس دوره‌ای",
    "repair": "تعمیر",
    "inspection": "بازرسی ایمنی",
    "calibration": "کالیبراسیون",
}
TRANSFER_STATE = {
    "waiting": ("در انتظار استان", "info"),
    "sent": ("در راه", "warn"),
    "received": ("تحویل شد", "ok"),
    "returned": ("برگشت", ""),
    "refused": ("پذیرفته نشد", "bad"),
    "withdrawn": ("پس گرفته شد", ""),
}
STOCKTAKE_STATE = {
    "open": ("در حال شمارش", "info"),
    "counted": ("در انتظار مدیر", "warn"),
    "closed": ("بسته شد", "ok"),
    "dropped": ("کنار گذاشته شد", ""),
}
REQUEST_STATE = {
    "waiting": ("در انتظار استان", "info"),
    "approved": ("پذیرفته شد", "ok"),
    "rejected": ("پذیرفته نشد", "bad"),
    "withdrawn": ("پس گرفته شد", ""),
}

ALL_DAYS = tuple(range(7))


def shifts(joined: str | None) -> str | None:
    """«صبح، عصر» from the values joined by commas; None when there are none."""
    return "، ".join(SHIFT[shift] for shift in joined.split(",")) if joined else None


def days_of(mask: int) -> list[int]:
    """The weekdays in a bit mask, 0 for Saturday."""
    return [day for day in ALL_DAYS if mask >> day & 1]


def weekdays(mask: int) -> str:
    """«شنبه، دوشنبه», or «شنبه تا چهارشنبه» for three days and more in a row."""
    days = days_of(mask)
    if len(days) >= 3 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]} تا {WEEKDAYS[days[-1]]}"
    return "، ".join(WEEKDAYS[day] for day in days)


def pieces(count: int, unit_of_count: str) -> str:
    """«۵ دستگاه»."""
    return f"{persian_digits(count)} {unit_of_count}"


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
    "undo": "پس از تصمیم به صف برگرداند",
    "remind": "برای مهلت تصمیم یادآوری کرد",
    "escalate": "پس از مهلت به سطح بالاتر رساند",
    "change": "تغییر داد",
    "change_ask": "برای تغییر فرستاد",
    "change_approve": "با تغییر خواسته‌شده تأیید کرد",
    "change_return": "با درخواست تغییر برگرداند",
    "change_refuse": "با تغییر خواسته‌شده نپذیرفت",
    "change_withdraw": "از درخواست تغییر پس گرفت",
    "told": "به ثبت‌نام‌شدگان خبر داد",
}
# The same said to the person who did it: «شما این دوره را … ».
ACTION_PAST_YOU = {
    "create": "ساختید",
    "copy": "از دورهٔ پیشین کپی کردید",
    "edit": "ویرایش کردید",
    "send": "فرستادید",
    "approve": "تأیید کردید",
    "return": "برگرداندید",
    "reject": "رد کردید",
    "cancel": "لغو کردید",
    "discard": "کنار گذاشتید",
    "open": "برای ثبت‌نام باز کردید",
    "close": "برای ثبت‌نام بستید",
    "start": "آغاز کردید",
    "finish": "پایان دادید",
    "undo": "پس از تصمیم به صف برگرداندید",
    "change": "تغییر دادید",
    "change_ask": "برای تغییر فرستادید",
    "change_approve": "با تغییر خواسته‌شده تأیید کردید",
    "change_return": "با درخواست تغییر برگرداندید",
    "change_refuse": "با تغییر خواسته‌شده نپذیرفتید",
    "change_withdraw": "از درخواست تغییر پس گرفتید",
    "told": "به ثبت‌نام‌شدگان خبر دادید",
}

# -- People, messages and what is owed to the outside -------------------------------

PERSON_GENDER = {"female": "زن", "male": "مرد"}
SOURCE = {
    "sso": "پنجره ملی دولت هوشمند",
    "registry": "ثبت احوال",
    "clerk": "کارشناس مرکز",
    "import": "ورود گروهی",
    "decision": "تصمیم بررس",
    "self": "خود شخص",
}
# The same to the person, before they enroll.
NAME_FROM = {
    "sso": "این نام از پنجره ملی دولت هوشمند گرفته شده است.",
    "registry": "این نام از ثبت احوال گرفته شده است.",
    "clerk": "این نام را کارشناس مرکز نوشته است و هنوز منبع رسمی آن را تأیید نکرده است.",
    "import": "این نام از پرونده‌های پیشین است و هنوز منبع رسمی آن را تأیید نکرده است.",
    "decision": "این نام پس از بررسی مدارک ثبت شده است.",
}
NAME_DISPUTED = (
    "{source} نام شما را «{name}» می‌داند و این دو یکی نیست. اگر خود شما هستید ثبت‌نام را ادامه دهید؛ "
    "کارشناس نام درست را پس از بررسی ثبت می‌کند."
)
IDENTITY_NOTE = {
    "not_found": "ثبت احوال شخصی با این کد ملی و تاریخ تولد پیدا نکرد. هر دو را با کارت ملی تطبیق دهید.",
}
DISCREPANCY_FIELD = {
    "name": "نام و نام خانوادگی",
    "gender": "جنسیت",
    "birth_date": "تاریخ تولد",
    "deceased": "وضع حیات",
    "eligibility": "شرایط دوره",
}
# Why an SMS was not sent.
SUPPRESSED_REASON = {
    "no_mobile": "شمارهٔ همراهی ثبت نشده است",
    "mobile_not_matched": "عدم تطابق شماره همراه با کد ملی",
    "mobile_unchecked": "تطبیق شمارهٔ همراه با کد ملی انجام نشده است",
    "guardian_unmatched": "نه شمارهٔ کارآموز با کد ملی او تطبیق دارد و نه شمارهٔ سرپرست با کد ملی سرپرست",
    "group_exempt": "گروه هدف معاف از تلفن همراه؛ رسید چاپی داده می‌شود",
    "enrollment_canceled": "ثبت‌نام پیش از فرستادن پیامک لغو شد",
    "sms_off": "فرستادن پیامک خاموش است",
    "karpoosheh_off": "فرستادن به کارپوشه خاموش است",
    "no_national_code": "کد ملی ندارد و کارپوشه‌ای برای او نیست",
    "too_late": "زمان این پیامک پیش از فرستادن گذشت",
}
MOBILE_STATUS = {
    "none": "ثبت نشده",
    "unchecked": "در انتظار تطبیق",
    "matched": "تطبیق دارد",
    "not_matched": "به نام این کد ملی نیست",
}
MESSAGE_STATE = {
    "queued": "در راه",
    "suppressed": "فرستاده نشد",
    "sent": "فرستاده شد",
    "delivered": "تحویل شد",
    "failed": "پذیرفته نشد",
    "unknown": "نامعلوم",
}
TOPIC = {
    "sms": "پیامک",
    "registry": "استعلام ثبت احوال",
    "shahkar": "تطبیق شماره (شاهکار)",
    "karpoosheh": "پیام کارپوشهٔ ملی",
    "address": "نشانی از کد پستی",
    "decile": "استعلام دهک درآمدی",
    "import": "ورود از اکسل",
    "file": "بررسی پرونده",
    "sadad": "پرسش از سداد",
    "sep": "پرسش از سپ",
    "mellat": "پرسش از به‌پرداخت",
    "zarinpal": "پرسش از زرین‌پال",
}
HEALTH = {
    "up": ("برقرار", "ok"),
    "slow": ("کند", "warn"),
    "shaky": ("گاهی پاسخ نمی‌دهد", "warn"),
    "down": ("پاسخ نمی‌دهد", "bad"),
    "unasked": ("هنوز پرسشی نشده است", ""),
    "batch": ("با پرونده؛ کارشناسان رد و بدل می‌کنند", ""),
    "manual": ("دستی؛ کارشناسان انجام می‌دهند", ""),
    "off": ("اکنون به کار نمی‌رود", ""),
}
CAUSE = {
    "": "هنوز آزموده نشده است",
    "timeout": "در مهلت پاسخ نداد",
    "unreachable": "در دسترس نبود",
    "broken": "ارتباط در میانه قطع شد",
    "not_json": "پاسخ خوانا نبود",
    "resting": "سامانه پاسخ نمی‌دهد؛ خودکار دوباره آزموده می‌شود",
    "waiting_match": "در انتظار تطبیق شمارهٔ همراه",
    "quiet_hours": "شب است؛ صبح فرستاده می‌شود",
    "switched_off": "این سامانه خاموش است",
    "batch": "این سامانه اکنون با پرونده است؛ در انتظار پروندهٔ بعدی",
    "in_file": "در پرونده‌ای است که پاسخ آن نیامده است",
    "file_again": "سامانه در پاسخ پرونده خواسته است دوباره فرستاده شود",
    "file_refused": "سامانه در پاسخ پرونده آن را نپذیرفت",
    "file_dropped": "پروندهٔ آن کنار گذاشته شد",
    "by_hand": "این سامانه اکنون دستی است؛ در انتظار ثبت پاسخ",
    "hour_full": "سقف پرسش‌های این کاربر در یک ساعت پر شد؛ ساعت بعد خودکار انجام می‌شود",
    "day_full": "سهمیهٔ امروز این سامانه پر شد؛ فردا خودکار انجام می‌شود",
    "other_mobile": "شماره در این میان عوض شد",
    "other_birth_date": "تاریخ تولد در این میان عوض شد",
    "other_person": "پاسخ دربارهٔ شخص دیگری بود",
    "bad_record": "پاسخ کامل نبود",
    "no_message": "سامانهٔ پیامک شناسه‌ای نداد",
    "14": "اعتبار سامانهٔ پیامک تمام شده است",
    "18": "نام کاربری یا گذرواژهٔ سامانهٔ پیامک درست نیست",
    "311": "شاهکار پرسش را نفهمید",
}


def cause(code: str | None) -> str:
    """Why a try failed; a code without words of its own is shown as it is."""
    known = CAUSE.get(code or "")
    if known is not None:
        return known
    if (code or "").startswith("http_"):
        return f"پاسخ با خطای {persian_digits((code or '').removeprefix('http_'))}"
    return "خطای داخلی سامانه" if (code or "").startswith("failure") else f"کد {persian_digits(code)}"
