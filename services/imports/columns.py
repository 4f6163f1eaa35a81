"""The columns of a form of import: what may stand in a cell, and what is wrong with what does."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services import jalali, text

Value = str | int | None  # as it is kept: dates in ISO form, so that it fits into JSON

_NOT_DIGITS = re.compile(r"[\s\u200c٬,]")
_MOMENT = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[ T]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?")
_EXPONENT = re.compile(r"[0-9.,]+[eE][+-]?[0-9]+")


class Kind(StrEnum):
    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    HOURS = "hours"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    LOOSE = "loose"  # as it was written, whatever the spreadsheet takes it for: the form itself reads it


class CellKind(StrEnum):
    """What a spreadsheet says a cell is; a cell of a CSV file is text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True)
class Cell:
    """A cell as it was written: its text, and what the spreadsheet says it is."""

    text: str = ""
    kind: CellKind = CellKind.TEXT

    @property
    def is_empty(self) -> bool:
        return self.kind is not CellKind.FORMULA and not self.text.strip()


EMPTY = Cell()


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `length` is that of a code of fixed length: a cell that the spreadsheet made a number gets its zeros back. `most`
    bounds a number, `longest` a text; `choices` are the words of a choice and what they stand for. A `hint` that
    changes is asked for when it is shown.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    length: int = 0
    least: int = 0
    most: int = 10**9
    longest: int = 200
    choices: Mapping[str, str | bool] = field(default_factory=dict)
    hint: str | Callable[[], str] = ""

    def read(self, cell: Cell) -> tuple[Value, str]:
        """The value of a cell, and what is wrong with it or an empty text."""
        if problem := _unreadable(cell):
            return None, problem
        if cell.is_empty:
            return None, f"{self.title} را بنویسید" if self.is_required else ""
        return _READERS[self.kind](self, cell)


def _unreadable(cell: Cell) -> str:
    if cell.kind is CellKind.FORMULA:
        return "این خانه فرمول دارد؛ به جای آن خود مقدار را بنویسید"
    if cell.kind is CellKind.ERROR:
        return "این خانه خطای اکسل دارد؛ مقدار درست را بنویسید"
    return ""


def _text(column: Column, cell: Cell) -> tuple[Value, str]:
    if cell.kind is CellKind.DATE:
        return None, "اکسل این نوشته را به تاریخ تبدیل کرده است؛ ستون را متنی کنید و دوباره بنویسید"
    found = text.clean(cell.text)
    if len(found) > column.longest:
        longest, length = text.persian_digits(column.longest), text.persian_digits(len(found))
        return None, f"بیش از {longest} نویسه است ({length} نویسه)"
    return found or None, ""


def _code(column: Column, cell: Cell) -> tuple[Value, str]:
    found, problem = _text(column, cell)
    if problem or found is None:
        return None, problem
    bare = re.sub(r"\s|\u200c", "", text.digits(str(found)))
    if _EXPONENT.fullmatch(bare):
        return None, "اکسل این کد را گرد کرده است؛ ستون را متنی کنید و کد را دوباره بنویسید"
    if cell.kind is CellKind.NUMBER and column.length:
        bare = bare.zfill(column.length)
    if column.length and len(bare) != column.length:
        wanted, has = text.persian_digits(column.length), text.persian_digits(len(bare))
        return None, f"باید {wanted} نویسه باشد؛ {has} نویسه دارد"
    return bare, ""


def _integer(column: Column, cell: Cell) -> tuple[Value, str]:
    bare = _NOT_DIGITS.sub("", text.digits(cell.text))
    if cell.kind is CellKind.DATE or not re.fullmatch(r"[0-9]{1,12}", bare):
        return None, "عدد درست و بدون ممیز بنویسید؛ مانند ۱۲"
    number = int(bare)
    if not column.least <= number <= column.most:
        least, most = text.group_thousands(column.least), text.group_thousands(column.most)
        return None, f"عددی از {least} تا {most} بنویسید"
    return number, ""


def _date(column: Column, cell: Cell) -> tuple[Value, str]:
    if cell.kind is CellKind.DATE:  # the spreadsheet's own dates are Gregorian, whatever they look like on its screen
        return cell.text[:10], ""
    found = jalali.parse(cell.text)
    return (found.isoformat(), "") if found else (None, "تاریخ شمسی را مانند ۱۴۰۴/۰۷/۰۵ بنویسید")


def _moment(column: Column, cell: Cell) -> tuple[Value, str]:
    """A day of either calendar, perhaps with an hour behind it, as the files of other systems have it."""
    if cell.kind is CellKind.DATE:
        return cell.text[:19], ""
    match = _MOMENT.match(text.digits(cell.text).strip())
    try:
        year = int(match[1]) if match else 0
        gregorian = dt.date(year, int(match[2]), int(match[3])) if match and year > jalali.LAST_YEAR else None
    except ValueError:
        gregorian = None
    day = gregorian or jalali.parse(cell.text.strip()[:10])
    if day is None:
        return None, "تاریخ را مانند ۱۴۰۴/۰۷/۰۵ یا ۲۰۲۶-۱۱-۲۲ بنویسید"
    clock = match[4] if match else None
    return f"{day.isoformat()}T{clock.zfill(5)}" if clock else day.isoformat(), ""


def _choice(column: Column, cell: Cell) -> tuple[Value, str]:
    wanted = text.key(cell.text)
    for word, value in column.choices.items():
        if text.key(word) == wanted:
            return value, ""
    return None, "یکی از این‌ها را بنویسید: " + "، ".join(column.choices)


def _loose(column: Column, cell: Cell) -> tuple[Value, str]:
    return (cell.text[:10] if cell.kind is CellKind.DATE else text.clean(cell.text)[: column.longest]) or None, ""


_READERS = {
    Kind.LOOSE: _loose,
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.INTEGER: _integer,
    Kind.HOURS: _integer,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.CHOICE: _choice,
}


# -- Showing -----------------------------------------------------------------------


def show_text(value: Value) -> str:
    return text.persian_digits(value) if isinstance(value, int) else str(value or "خالی")


def show_date(value: Value) -> str:
    return jalali.short(dt.date.fromisoformat(str(value)[:10])) if value else "خالی"


def describe(column: Column) -> str:
    """What may stand in a column, for the page of help in the template."""
    wanted = "الزامی" if column.is_required else "اختیاری"
    hint = column.hint if isinstance(column.hint, str) else column.hint()
    return "؛ ".join(part for part in (wanted, _SHAPES[column.kind](column), hint) if part)


_SHAPES = {
    Kind.TEXT: lambda column: f"متن تا {text.persian_digits(column.longest)} نویسه",
    Kind.CODE: lambda column: f"کد {text.persian_digits(column.length)} نویسه‌ای" if column.length else "کد",
    Kind.INTEGER: lambda column: "عدد درست",
    Kind.HOURS: lambda column: f"عدد از ۰ تا {text.persian_digits(column.most)}",
    Kind.DATE: lambda column: "تاریخ شمسی مانند ۱۴۰۴/۰۷/۰۵",
    Kind.MOMENT: lambda column: "تاریخ شمسی یا میلادی",
    Kind.CHOICE: lambda column: "یکی از: " + "، ".join(column.choices),
}
