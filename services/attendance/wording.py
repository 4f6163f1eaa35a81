"""What the marks of attendance are called, and the sentences about them; a pure module."""

from datetime import date

from services import jalali

# In the order in which they stand on a sheet.
PRESENCE = {"present": "حاضر", "late": "با تأخیر", "absent": "غایب", "excused": "غیبت موجه"}
SHORT = {"present": "حاضر", "late": "تأخیر", "absent": "غایب", "excused": "موجه"}
SIGN = {"present": "✓", "late": "ت", "absent": "غ", "excused": "م"}
TONE = {"present": "ok", "late": "warn", "absent": "bad", "excused": ""}
AWAY = ("absent", "excused")

NOT_OURS = "این علامت ناقص رسید و ثبت نشد. صفحه را دوباره باز کنید و آن را دوباره بزنید."
OTHER = "این علامت پیش‌تر برای کس دیگری ثبت شده است. صفحه را دوباره باز کنید و آن را دوباره بزنید."
NOT_THERE = "این شخص هنگام این جلسه در این دوره ثبت‌نام نبود؛ چیزی ثبت نشد."
NOBODY = "نام ثبت نشده"


def early(day: date) -> str:
    return f"این جلسه {jalali.long(day)} است. از همان روز می‌توان حضور و غیاب آن را ثبت کرد."


def too_late(name: str, day: date) -> str:
    return f"«{name}»: ثبت مربی برای این جلسه تا {jalali.day_month_year(day)} بود. تصحیح آن با مرکز است."


def newer(name: str, stands: str, at: str) -> str:
    return f"«{name}»: پس از آن، ساعت {at}، «{PRESENCE[stands]}» ثبت شده است و همان ماند."


def corrected(name: str, stands: str) -> str:
    return f"«{name}»: مرکز آن را «{PRESENCE[stands]}» ثبت کرده است و همان ماند. اگر درست نیست به مرکز بگویید."


def replaced(name: str, before: str, now: str) -> str:
    return f"«{name}»: پیش‌تر «{PRESENCE[before]}» بود؛ اکنون «{PRESENCE[now]}» است."
