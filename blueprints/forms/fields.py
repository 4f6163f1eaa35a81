"""Form fields for what people here write: Jalali dates, national codes, mobiles, amounts, times and names.

Each keeps what was typed for showing it again, puts the stored form (or None) in `data`, and says what is wrong before
any validator of the form runs. An empty field is not wrong by itself: add `DataRequired("…")` or `Optional()`.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wtforms import Field, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.utils import unset_value
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from services import codes, jalali, text

_UNSEEN = r"\s\u200b-\u200f\u202a-\u202e\u2066-\u2069"
NUMERIC = {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}


def options(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, label) pairs as the choices of a select or radio field; plain tuples are deprecated there."""
    return [SelectChoice(value, label) for value, label in pairs]


class TypedField(Field):
    """A one-line field whose `data` is a stored form read from what was typed."""

    widget = TextInput()
    attributes: dict[str, Any] = NUMERIC

    def __init__(self, label: str | None = None, validators: Sequence[Callable] | None = None, **options: Any) -> None:
        options["render_kw"] = {**self.attributes, **(options.get("render_kw") or {})}
        super().__init__(label, validators, **options)

    def read(self, typed: str) -> Any:
        """The stored form, or None when the text has none."""
        raise NotImplementedError

    def why_not(self, typed: str) -> str:
        """What is wrong with text that `read` refused, for the person."""
        raise NotImplementedError

    def show(self, data: Any) -> str:
        return text.persian_digits(data)

    @property
    def typed(self) -> str:
        return self.raw_data[0] if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = self.read(valuelist[0]) if valuelist[0].strip() else None

    def pre_validate(self, form: Any) -> None:
        if self.typed.strip() and self.data is None:
            raise StopValidation(self.why_not(self.typed))

    def _value(self) -> str:
        if self.raw_data:
            return self.typed
        return "" if self.data is None else self.show(self.data)


class NationalCodeField(TypedField):
    """Ten digits with a check digit; `data` is text, because zeros stand on the left."""

    attributes = NUMERIC | {"maxlength": 20}

    def read(self, typed: str) -> str | None:
        # A spreadsheet loses zeros, a hand loses digits: nine typed digits must not pass for another person's ten.
        return codes.national_code(typed) if len(_bare(typed)) == 10 else None

    def why_not(self, typed: str) -> str:
        count = len(_bare(typed))
        short = f"کد ملی باید ۱۰ رقم باشد؛ {text.persian_digits(count)} رقم نوشته‌اید"
        return codes.why_not_national_code(typed) or short


class MobileField(TypedField):
    """A mobile as 09 and nine digits."""

    attributes = {"type": "tel", "inputmode": "tel", "dir": "ltr", "autocomplete": "off", "maxlength": 24}

    def read(self, typed: str) -> str | None:
        return codes.mobile(typed)

    def why_not(self, typed: str) -> str:
        return codes.why_not_mobile(typed)


class DigitsField(TypedField):
    """A code of digits, kept as text; `lengths` are the numbers of digits it may have, any when empty."""

    def __init__(self, *args: Any, lengths: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.lengths = lengths

    def read(self, typed: str) -> str | None:
        bare = _bare(typed)
        return bare if re.fullmatch("[0-9]+", bare) and (not self.lengths or len(bare) in self.lengths) else None

    def why_not(self, typed: str) -> str:
        bare = _bare(typed)
        if not re.fullmatch("[0-9]+", bare):
            return f"{self.label.text} فقط از رقم ساخته می‌شود"
        wanted = " یا ".join(text.persian_digits(n) for n in self.lengths)
        return f"{self.label.text} باید {wanted} رقم باشد؛ {text.persian_digits(len(bare))} رقم نوشته‌اید"


class NumberField(TypedField):
    """A whole number that is counted, not money: hours, seats, pieces; `data` is an int."""

    def read(self, typed: str) -> int | None:
        return _whole(typed, most=9)

    def why_not(self, typed: str) -> str:
        return f"{self.label.text} را با رقم بنویسید؛ مثلاً ۱۲"


class RialField(TypedField):
    """An amount in rials; `data` is an int."""

    def read(self, typed: str) -> int | None:
        return _whole(text.clean(typed).removesuffix("ریال"), most=15)

    def why_not(self, typed: str) -> str:
        if "تومان" in text.clean(typed):
            return "مبلغ را به ریال بنویسید؛ هر تومان ۱۰ ریال است"
        return "مبلغ را به ریال و فقط با رقم بنویسید؛ مثلاً ۵۰۰۰۰"

    def show(self, data: int) -> str:
        return text.group_thousands(data)


class ClockField(TypedField):
    """An hour of the day as ۸:۳۰; `data` is a time."""

    attributes = NUMERIC | {"maxlength": 8}

    def read(self, typed: str) -> dt.time | None:
        match = re.fullmatch(r"([0-9]{1,2})(?:[:٫.]([0-9]{2}))?", re.sub(r"[\s\u200c-\u200f]", "", text.digits(typed)))
        if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
            return None
        return dt.time(int(match[1]), int(match[2] or 0))

    def why_not(self, typed: str) -> str:
        return f"{self.label.text} را مانند ۸:۳۰ بنویسید؛ ساعت از ۰ تا ۲۳ است"

    def show(self, data: dt.time) -> str:
        return jalali.clock(data)


class TidyStringField(StringField):
    """Text whose `data` is in the stored spelling; None when nothing was written."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = text.clean(valuelist[0]) or None

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else self.data or ""


# -- Dates -------------------------------------------------------------------------


class JalaliDateField(Field):
    """Day, month and year in three inputs `name-d`, `name-m`, `name-y`; `data` is a Gregorian date or None."""

    parts = (("d", "روز", 4), ("m", "ماه", 12), ("y", "سال", 8))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.data_parts = dict.fromkeys("dmy", "")
        self.problem = ""
        self.bad_parts: str = ""

    @property
    def first_id(self) -> str:
        """Where a link from the error summary goes: the first part that needs attention."""
        return f"{self.id}-{(self.bad_parts or 'd')[0]}"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(None, data, extra_filters)
        names = [f"{self.name}-{part}" for part in "dmy"]
        if formdata is not None and any(name in formdata for name in names):
            typed = [(formdata.getlist(name) or [""])[0] for name in names]
            self.raw_data = ["".join(typed).strip()]
            self.data_parts = dict(zip("dmy", typed, strict=True))
            day, month, year = (part.strip() for part in typed)
            self.data, self.problem, self.bad_parts = _read_day(self.label.text, day, month, year)
        elif self.data:
            year, month, day = jalali.parts(self.data)
            shown = {"d": day, "m": month, "y": year}
            self.data_parts = {part: text.persian_digits(value) for part, value in shown.items()}

    def pre_validate(self, form: Any) -> None:
        if self.problem:
            raise StopValidation(self.problem)


def _read_day(label: str, day: str, month: str, year: str) -> tuple[dt.date | None, str, str]:
    """The date, or what is wrong with it, and which of the parts `dmy` need attention."""
    if not (day or month or year):
        return None, "", ""
    d, m, y = _number(day), jalali.month_number(month), _year(year)
    values = (("d", day, d), ("m", month, m), ("y", year, y))
    bad = [_not_a_part(label, part, typed) for part, typed, value in values if value is None]
    if d is None or m is None or y is None:
        return None, bad[0], "".join(part for part, _, value in values if value is None)
    last = jalali.month_length(y, m)
    if 1 <= d <= last:
        return jalali.to_gregorian(y, m, d), "", ""
    which = f"{text.persian_digits(d)} {jalali.MONTHS[m - 1]}{f' {text.persian_digits(y)}' if m == 12 else ''}"
    return None, f"{which} وجود ندارد. روز را بین ۱ و {text.persian_digits(last)} بنویسید", "d"


_REMEDIES = {
    "d": ("روز", "روز را با عدد ۱ تا ۳۱ بنویسید"),
    "m": ("ماه", "عدد ۱ تا ۱۲ یا نام ماه را بنویسید"),
    "y": ("سال", "سال شمسی را با چهار رقم بنویسید؛ مثلاً ۱۳۸۰"),
}


def _not_a_part(label: str, part: str, typed: str) -> str:
    name, remedy = _REMEDIES[part]
    return f"{label} {name} {'درست ندارد' if typed else 'ندارد'}. {remedy}"


def _bare(typed: str) -> str:
    """A code without the signs that people put between its digits."""
    return re.sub(f"[{_UNSEEN},٬،./-]+", "", text.digits(typed))


def _whole(typed: str, most: int) -> int | None:
    """A whole number; a comma or dot may only part thousands, because «۱۲٫۵» must not become 125."""
    bare = re.sub(f"[{_UNSEEN}]+", "", text.digits(typed))
    match = re.fullmatch("[0-9]{1,3}(?:[,٬،.][0-9]{3})+|[0-9]+", bare)
    number = re.sub("[^0-9]", "", bare)
    return int(number) if match and len(number) <= most else None


def _number(typed: str) -> int | None:
    bare = _bare(typed)
    return int(bare) if re.fullmatch("[0-9]{1,2}", bare) else None


def _year(typed: str) -> int | None:
    """Two digits are the year nearest to now that is at most five years ahead: ۸۰ is 1380, ۰۶ is 1406."""
    bare = _bare(typed)
    if re.fullmatch("[0-9]{2}", bare):
        this_year = jalali.parts(jalali.tehran_today(dt.datetime.now(dt.UTC)))[0]
        return max(c + int(bare) for c in (1300, 1400) if c == 1300 or c + int(bare) <= this_year + 5)
    return int(bare) if re.fullmatch("[0-9]{4}", bare) and _known(int(bare)) else None


def _known(year: int) -> bool:
    return jalali.FIRST_YEAR <= year < jalali.LAST_YEAR
