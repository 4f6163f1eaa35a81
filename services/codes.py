"""Numbers that people type or carry: what makes each one right, and what to say when it is wrong."""

import re
import secrets
from typing import Protocol

from services.text import digits, persian_digits

# Only separators are taken away before matching; any other sign makes the number wrong and is shown to the person.
_SEPARATORS = re.compile(r"[\s\-_./,،٬·()\u2010-\u2015\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def bare(raw: str | None) -> str:
    """What was typed, in ASCII digits and without what people put between them."""
    return _SEPARATORS.sub("", digits(raw))


# -- People ------------------------------------------------------------------------


def national_code(raw: str | None) -> str | None:
    """The ten digits of a national code, or None; eight and nine digits have lost zeros on the left."""
    code = bare(raw)
    if not re.fullmatch(r"[0-9]{8,10}", code):
        return None
    code = code.zfill(10)
    # Ten equal digits pass the sum.
    return code if len(set(code)) > 1 and code[9] == national_check_digit(code[:9]) else None


def national_check_digit(first_nine: str) -> str:
    """The tenth digit of a national code."""
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(first_nine)) % 11
    return str(rest if rest < 2 else 11 - rest)


def why_not_national_code(raw: str | None) -> str:
    """What is wrong with a national code, as a sentence for the person; empty when it is right."""
    code = bare(raw)
    if not code:
        return "کد ملی را بنویسید"
    if not re.fullmatch(r"[0-9]+", code):
        return "کد ملی فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"
    if national_code(code):
        return ""
    if len(code) != 10:
        return f"کد ملی باید ۱۰ رقم باشد؛ {persian_digits(len(code))} رقم نوشته‌اید"
    return "این کد ملی درست نیست. رقم‌ها را با کارت ملی تطبیق دهید"


def is_suspicious_national_code(code: str) -> bool:
    """Whether this valid code is one that people type to get past the field; it may be somebody's all the same."""
    return code in ("0123456789", "1234567891")


def foreign_code(raw: str | None) -> str | None:
    """The 8 to 12 digits of a foreign national's code, or None; no check digit is known."""
    code = bare(raw)
    return code if re.fullmatch(r"[0-9]{8,12}", code) and len(set(code)) > 1 else None


def mobile(raw: str | None) -> str | None:
    """An Iranian mobile as 09 and nine digits, or None; no list of prefixes, numbers move between operators."""
    match = re.fullmatch(r"(?:\+98|0098|98|0)?(9[0-9]{9})", bare(raw))
    return f"0{match[1]}" if match else None


def why_not_mobile(raw: str | None) -> str:
    """What is wrong with a mobile, as a sentence for the person; empty when it is right."""
    number = bare(raw)
    if not number:
        return "شمارهٔ همراه را بنویسید"
    if not re.fullmatch(r"\+?[0-9]+", number):
        return "شمارهٔ همراه فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"
    return "" if mobile(number) else "شمارهٔ همراه با ۰۹ شروع می‌شود و ۱۱ رقم دارد"


# -- Organizations, places, money --------------------------------------------------


def legal_id(raw: str | None) -> str | None:
    """The eleven digits of a legal person, or None."""
    code = bare(raw)
    if not re.fullmatch(r"[0-9]{11}", code) or len(set(code)) == 1:
        return None
    tens = int(code[9]) + 2
    total = sum((tens + int(code[i])) * (29, 27, 23, 19, 17)[i % 5] for i in range(10))
    return code if total % 11 % 10 == int(code[10]) else None


def postal_code(raw: str | None) -> str | None:
    """The ten digits of a postal code, or None; the first is neither 0 nor 2."""
    code = bare(raw)
    return code if re.fullmatch(r"[13-9][0-9]{9}", code) and len(set(code)) > 1 else None


def sheba(raw: str | None) -> str | None:
    """An Iranian IBAN as IR and 24 digits, or None."""
    code = bare(raw).upper().removeprefix("IR")
    if not re.fullmatch(r"[0-9]{24}", code):
        return None
    return f"IR{code}" if int(f"{code[2:]}1827{code[:2]}") % 97 == 1 else None


def card(raw: str | None) -> str | None:
    """The sixteen digits of a bank card, or None."""
    code = bare(raw)
    if not re.fullmatch(r"[0-9]{16}", code) or len(set(code)) == 1:
        return None
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(code))
    return code if sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0 else None


# -- Our own codes -----------------------------------------------------------------

# Damm's quasigroup: catches every wrong digit and every swap of two neighbors.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


class Choice(Protocol):
    """Where random digits come from: the module secrets, or a seeded random.Random in demo data and tests."""

    def choice(self, sequence: str, /) -> str: ...


def check_digit(number: str) -> str:
    """The digit by which a number of ours ends; "0" for a number that has its own and is right."""
    state = "0"
    for digit in number:
        state = _DAMM[int(state)][int(digit)]
    return state


def tracking_code(rng: Choice = secrets) -> str:
    """A new tracking code: twelve random digits and a check digit."""
    number = "".join(rng.choice("0123456789") for _ in range(12))
    return number + check_digit(number)


def read_tracking_code(raw: str | None) -> str | None:
    """The thirteen digits of a tracking code as people type it, or None."""
    code = bare(raw)
    return code if re.fullmatch(r"[0-9]{13}", code) and check_digit(code) == "0" else None


def is_tracking_code(raw: str | None) -> bool:
    return read_tracking_code(raw) is not None


def group_tracking(code: str) -> str:
    """A tracking code in groups of four, as it is printed and read out."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def course_code(number: int) -> str:
    """The code of the course with this running number: its digits and a check digit."""
    if number < 1:
        raise ValueError("course numbers begin at 1")
    return f"{number}{check_digit(str(number))}"


def read_course_code(raw: str | None) -> str | None:
    """The digits of a course code as people type it, or None."""
    code = bare(raw)
    return code if re.fullmatch(r"[1-9][0-9]{1,15}", code) and check_digit(code) == "0" else None


def is_course_code(raw: str | None) -> bool:
    return read_course_code(raw) is not None
