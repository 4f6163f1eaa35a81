"""Form fields: what people type, what is kept, what is stored, what they are told."""

import datetime as dt
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import DataRequired, Optional

from blueprints.forms.fields import (
    ClockField,
    DigitsField,
    JalaliDateField,
    MobileField,
    NationalCodeField,
    NumberField,
    RialField,
    TidyStringField,
)
from blueprints.forms.labels import readable
from blueprints.forms.places import PointField


class Entry(Form):
    code = NationalCodeField("کد ملی", [Optional()])
    born = JalaliDateField("تاریخ تولد", [Optional()])
    mobile = MobileField("تلفن همراه", [Optional()])
    fee = RialField("شهریه", [Optional()])
    seats = NumberField("ظرفیت", [Optional()])
    at = ClockField("ساعت شروع", [Optional()])
    name = TidyStringField("نام", [Optional()])
    pin = DigitsField("کد پیامکی", [Optional()], lengths=(5, 6))


class Needed(Form):
    code = NationalCodeField("کد ملی", [DataRequired("کد ملی را بنویسید")])
    born = JalaliDateField("تاریخ تولد", [DataRequired("تاریخ تولد را بنویسید")])


def field(name: str, typed: str):
    entry = Entry(MultiDict([(name, typed)]))
    entry.validate()
    return entry[name]


def date(*typed: str) -> JalaliDateField:
    entry = Entry(MultiDict(zip(("born-d", "born-m", "born-y"), typed, strict=True)))
    entry.validate()
    return entry.born


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("code", "۰۰۷۳۹۲۱۸۴۱", "0073921841"),
        ("code", " 007-392184-1 ", "0073921841"),
        ("mobile", "+98 913 000 4567", "09130004567"),
        ("mobile", "۰۹۱۳۰۰۰۴۵۶۷", "09130004567"),
        ("fee", "۵۰٬۰۰۰ ریال", 50_000),
        ("fee", "50,000", 50_000),
        ("fee", "٥٠٠٠٠", 50_000),
        ("seats", "۱۸", 18),
        ("at", "۸:۳۰", dt.time(8, 30)),
        ("at", "14", dt.time(14)),
        ("name", " علي  رضا ", "علی رضا"),
        ("pin", "۱۲ ۳۴۵", "12345"),
    ],
)
def test_what_is_typed_is_stored_in_one_form_and_shown_as_typed(name: str, typed: str, stored: object) -> None:
    told = field(name, typed)
    assert told.errors == []
    assert told.data == stored
    assert told._value() == typed


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("code", "۰۰۷۳۹۲۱۸۴", "کد ملی باید ۱۰ رقم باشد؛ ۹ رقم نوشته‌اید"),
        ("code", "۱۱۱۱۱۱۱۱۱۱", "این کد ملی درست نیست. رقم‌ها را با کارت ملی تطبیق دهید"),
        ("mobile", "۰۲۱۸۸۷۷۶۶", "شمارهٔ همراه با ۰۹ شروع می‌شود و ۱۱ رقم دارد"),
        ("fee", "۵۰۰۰ تومان", "مبلغ را به ریال بنویسید؛ هر تومان ۱۰ ریال است"),
        ("fee", "12.5", "مبلغ را به ریال و فقط با رقم بنویسید؛ مثلاً ۵۰۰۰۰"),
        ("seats", "۱۲٫۵", "ظرفیت را با رقم بنویسید؛ مثلاً ۱۲"),
        ("seats", "-3", "ظرفیت را با رقم بنویسید؛ مثلاً ۱۲"),
        ("at", "25", "ساعت شروع را مانند ۸:۳۰ بنویسید؛ ساعت از ۰ تا ۲۳ است"),
        ("pin", "123", "کد پیامکی باید ۵ یا ۶ رقم باشد؛ ۳ رقم نوشته‌اید"),
    ],
)
def test_what_cannot_be_right_is_kept_and_explained(name: str, typed: str, sentence: str) -> None:
    told = field(name, typed)
    assert told.errors == [sentence]
    assert told.data is None
    assert told._value() == typed


@pytest.mark.parametrize(
    "typed",
    [("۹", "۷", "۱۳۸۰"), ("9", "مهر", "80"), ("٠٩", " مهرماه ", "۱۳۸۰"), ("09", "07", "1380")],
)
def test_a_date_is_read_from_digits_names_and_short_years(typed: tuple[str, ...]) -> None:
    told = date(*typed)
    assert told.errors == []
    assert told.data == dt.date(2001, 10, 1)
    assert tuple(told.data_parts.values()) == typed


@pytest.mark.parametrize(
    ("typed", "sentence", "part"),
    [
        (("۹", "", "۱۳۸۰"), "تاریخ تولد ماه ندارد. عدد ۱ تا ۱۲ یا نام ماه را بنویسید", "m"),
        (("31", "7", "1380"), "۳۱ مهر وجود ندارد. روز را بین ۱ و ۳۰ بنویسید", "d"),
        (("30", "12", "1404"), "۳۰ اسفند ۱۴۰۴ وجود ندارد. روز را بین ۱ و ۲۹ بنویسید", "d"),
        (("0", "1", "1380"), "۰ فروردین وجود ندارد. روز را بین ۱ و ۳۱ بنویسید", "d"),
        (("1", "13", "1380"), "تاریخ تولد ماه درست ندارد. عدد ۱ تا ۱۲ یا نام ماه را بنویسید", "m"),
        (("1", "1", "2001"), "تاریخ تولد سال درست ندارد. سال شمسی را با چهار رقم بنویسید؛ مثلاً ۱۳۸۰", "y"),
    ],
)
def test_a_wrong_date_says_which_part_and_why(typed: tuple[str, ...], sentence: str, part: str) -> None:
    told = date(*typed)
    assert told.errors == [sentence]
    assert told.bad_parts == part
    assert told.first_id == f"born-{part}"
    assert told.data is None


def test_an_empty_optional_field_is_nothing_and_no_error() -> None:
    entry = Entry(MultiDict({name: "" for name in ("code", "born-d", "born-m", "born-y", "fee", "at", "name")}))
    assert entry.validate()
    assert entry.data == dict.fromkeys(entry.data)


def test_an_empty_needed_field_asks_in_the_words_of_the_form() -> None:
    form = Needed(MultiDict({"code": " ", "born-d": "", "born-m": "", "born-y": ""}))
    assert not form.validate()
    assert form.errors == {"code": ["کد ملی را بنویسید"], "born": ["تاریخ تولد را بنویسید"]}


def test_what_is_stored_is_shown_with_persian_digits() -> None:
    entry = Entry(data={"code": "0073921841", "born": dt.date(2001, 10, 1), "fee": 50_000, "at": dt.time(8, 30)})
    assert [entry.code._value(), entry.fee._value(), entry.at._value()] == ["۰۰۷۳۹۲۱۸۴۱", "۵۰٬۰۰۰", "۸:۳۰"]
    assert entry.born.data_parts == {"d": "۹", "m": "۷", "y": "۱۳۸۰"}


# -- What was posted, in words -----------------------------------------------------


def test_a_saved_reason_is_not_said_by_its_code():
    posted = (("decision", "return"), ("saved_reason", "capacity"), ("reason", "روزها کم است"), ("tab", "waiting"))
    told = dict(readable(posted))
    assert told["تصمیم شما"] == "برگشت برای اصلاح"
    assert told["دلیل آماده"] == "همان که انتخاب کرده بودید"
    assert "روزها کم است" in told.values()


def test_of_a_field_with_several_choices_all_are_said():
    posted = (("weekdays", "0"), ("title", "جوشکاری"), ("weekdays", "2"), ("start_time", "8:00"), ("shift", "morning"))
    assert dict(readable(posted))["روزهای کلاس"] == "شنبه، دوشنبه"


# -- Where a place lies ------------------------------------------------------------


class Placed(Form):
    point = PointField("عرض و طول جغرافیایی", [Optional()])


@pytest.mark.parametrize(("typed", "stored"), [
    ("36.8427, 54.4439", ("36.8427", "54.4439")), ("۳۶٫۸۴۲۷، ۵۴٫۴۴۳۹", ("36.8427", "54.4439")),
    ("geo:36.84,54.44", ("36.84", "54.44")), ("36.84°N 54.44°E", ("36.84", "54.44")), ("۳۶ ۵۴", ("36", "54")),
    ("36.84", None), ("36.84, 54.44, 12", None), ("شمال", None), ("-36.8, 54", None), ("36/84 54/44", None), ("", None),
])  # fmt: skip
def test_a_point_is_two_numbers_as_maps_copy_them(typed, stored):
    entry = Placed(MultiDict([("point", typed)]))
    assert entry.validate() == (stored is not None or not typed)
    assert entry.point.data == (stored and tuple(Decimal(number) for number in stored))
    assert entry.point._value() == typed
