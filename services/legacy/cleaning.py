"""One line of an old list: what stands in its cells, read as leniently as can be without guessing.

Every cell that is put aside or repaired is said in the note of its line. Source: docs/rules.md R-797.
"""

import datetime as dt
import re
from collections.abc import Callable

from models import Gender
from services import codes, jalali, people, policy, text
from services.imports import Value, Values

NAMES = ("first_name", "last_name", "father_name")
OLDEST = "1880-01-01"
_WHOLE = re.compile(r"([0-9]+)[.٫]0+")
_EXPONENT = re.compile(r"([0-9]+)(?:[.٫]([0-9]+))?[eE]\+?([0-9]{1,2})")
_GENDERS = {
    "زن": Gender.FEMALE, "مونث": Gender.FEMALE, "خانم": Gender.FEMALE, "بانو": Gender.FEMALE, "دختر": Gender.FEMALE,
    "مرد": Gender.MALE, "مذکر": Gender.MALE, "آقا": Gender.MALE, "پسر": Gender.MALE,
}  # fmt: skip
_BY_KEY = {text.key(word): gender for word, gender in _GENDERS.items()}


def is_nothing(raw: object) -> bool:
    """Whether a cell only fills its place: empty, a sign, or a word such as «خالی»."""
    return people.name_part(str(raw or "")) is None and not re.search("[0-9]", text.digits(str(raw or "")))


def number(raw: object) -> str | None:
    """The digits of a cell that a spreadsheet may have made a number; None where it has lost some of them."""
    written = codes.bare(str(raw or "").strip()) if not _has_point(raw) else text.digits(str(raw).strip())
    if match := _WHOLE.fullmatch(written):
        return match[1]
    if match := _EXPONENT.fullmatch(written):
        return _whole(match)
    return codes.bare(written)


def _has_point(raw: object) -> bool:
    written = text.digits(str(raw or "").strip())
    return bool(_WHOLE.fullmatch(written) or _EXPONENT.fullmatch(written))


def _whole(match: re.Match[str]) -> str | None:
    """A number in powers of ten, as long as no digit of it has been rounded away."""
    written, exponent = match[1] + (match[2] or ""), int(match[3])
    if len(match[1]) != 1 or len(written) <= exponent:
        return None
    rest = written[exponent + 1 :]
    return written[: exponent + 1] if not rest.strip("0") else None


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """The values of a line as they are stored, with a note of what was repaired or put aside; and what is wrong."""
    notes: list[str] = []
    found: Values = {"note": ""}
    code, problem = _code(values.get("national_code"), notes)
    found["national_code"] = code
    for name in NAMES:
        found[name] = _name(values.get(name), notes)
    readers: dict[str, Callable[[str], Value]] = {
        "birth_date": _day, "gender": _gender, "shenasname_no": _shenasname, "mobile": _mobile, "said_on": _day,
    }  # fmt: skip
    for name, read in readers.items():
        found[name] = _read(values.get(name), WORDS[name], read, notes)
    found["note"] = "؛ ".join(dict.fromkeys(notes))
    return found, {"national_code": problem} if problem else {}


WORDS = {
    "birth_date": "تاریخ تولد", "gender": "جنسیت", "shenasname_no": "شمارهٔ شناسنامه",
    "mobile": "تلفن همراه", "said_on": "تاریخ ثبت",
}  # fmt: skip


def _code(raw: Value, notes: list[str]) -> tuple[str | None, str]:
    if is_nothing(raw):
        return None, "کد ملی ندارد؛ بدون آن کسی شناخته نمی‌شود"
    bare = number(raw)
    if bare is None:
        return None, "اکسل رقم‌های این کد ملی را از دست داده است؛ ستون را متنی کنید و کد را دوباره بنویسید"
    code = codes.national_code(bare)
    if code is None:
        return None, codes.why_not_national_code(bare)
    if codes.is_suspicious_national_code(code):
        return None, "این کد ملی ساختگی به نظر می‌رسد و وارد نمی‌شود"
    if len(bare) < len(code):
        notes.append("صفر گم‌شدهٔ کد ملی برگشت")
    elif bare != text.digits(str(raw)).strip():
        notes.append("کد ملی پاکیزه شد")
    return code, ""


def _name(raw: Value, notes: list[str]) -> str | None:
    name = people.name_part(str(raw or ""))
    if name is None:
        if raw and str(raw).strip():
            notes.append(f"«{text.clean(str(raw))[:20]}» نام نیست و کنار گذاشته شد")
        return None
    if not any(letter.isalpha() for letter in name):
        notes.append("نامی که حرفی ندارد کنار گذاشته شد")
        return None
    return name[:80]


def _read(raw: Value, title: str, read: Callable[[str], Value], notes: list[str]) -> Value:
    """The value of a cell; what makes no sense is put aside, because it speaks against nobody."""
    if is_nothing(raw):
        return None
    value = read(str(raw))
    if value is None:
        notes.append(f"{title} خوانده نشد و کنار گذاشته شد")
    return value


def _day(raw: str) -> Value:
    """A day of the Jalali calendar, or a date of the spreadsheet's own, which is Gregorian."""
    written = text.digits(raw).strip()
    bare = number(written) or ""
    day = jalali.parse(bare) if len(bare) == 8 and bare.isdigit() else jalali.parse(written)
    iso = day.isoformat() if day else _gregorian(written[:10])
    return iso if OLDEST <= iso <= policy.today().isoformat() else None


def _gregorian(written: str) -> str:
    try:
        return dt.date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _gender(raw: str) -> Value:
    found = _BY_KEY.get(text.key(raw))
    return found.value if found else None


def _shenasname(raw: str) -> Value:
    bare = number(raw) or ""
    return bare if re.fullmatch("[0-9]{1,10}", bare) else None


def _mobile(raw: str) -> Value:
    return codes.mobile(number(raw))
