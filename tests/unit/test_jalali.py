"""The calendar against every day of two centuries, and the words in which dates are shown."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import jalali
from tests.unit import oracle

moments = st.integers(min_value=631_152_000, max_value=4_070_908_800).map(
    lambda s: dt.datetime.fromtimestamp(s, dt.UTC)
)


def test_every_day_from_1300_to_1500_goes_there_and_back():
    days = oracle.days()
    assert len(days) == 73_414
    for parts, day in days:
        assert jalali.parts(day) == parts
        assert jalali.to_gregorian(*parts) == day


def test_the_length_of_every_month_follows_the_leap_rule():
    for y in range(1300, 1501):
        lengths = [jalali.month_length(y, m) for m in range(1, 13)]
        assert lengths == [31] * 6 + [30] * 5 + [30 if oracle.is_leap(y) else 29]


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ((1403, 12, 30), dt.date(2025, 3, 20)),
        ((1404, 1, 1), dt.date(2025, 3, 21)),
        ((1399, 12, 30), dt.date(2021, 3, 20)),
        ((1408, 12, 30), dt.date(2030, 3, 20)),
        ((1357, 11, 22), dt.date(1979, 2, 11)),
        ((1348, 10, 11), dt.date(1970, 1, 1)),
    ],
)
def test_known_days(parts, day):
    assert jalali.to_gregorian(*parts) == day
    assert jalali.parts(day) == parts


@pytest.mark.parametrize(
    "parts", [(1404, 12, 30), (1404, 7, 31), (1404, 13, 1), (1404, 0, 1), (1404, 1, 0), (14, 1, 1), (1502, 1, 1)]
)
def test_days_that_do_not_exist_are_refused(parts):
    with pytest.raises(ValueError, match=r".+"):
        jalali.to_gregorian(*parts)


@pytest.mark.parametrize("text", ["1404/7/5", "۱۴۰۴-۰۷-۰۵", "14040705", "١٤٠٤/٠٧/٠٥", "\u200e1404 / 7 / 5"])
def test_a_typed_date_is_read(text):
    assert jalali.parse(text) == dt.date(2025, 9, 27)


@pytest.mark.parametrize("text", [None, "", "04/7/5", "1404/12/30", "1404/7", "1404-7-5-1", "امروز", "2025/09/27"])
def test_what_is_no_full_date_is_not_guessed(text):
    assert jalali.parse(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("۰۷", 7),
        ("مهر", 7),
        ("مهر ماه", 7),
        ("مهرماه", 7),
        ("اردی‌بهشت", 2),
        ("ارديبهشت", 2),
        ("امرداد", 5),
        ("اذر", 9),
        ("ابان", 8),
        ("دی", 10),
        ("دي", 10),
        ("اسفند", 12),
        ("13", None),
        ("0", None),
        ("", None),
        ("ماه", None),
        ("رجب", None),
    ],
)
def test_a_month_is_read_by_number_or_name(text, number):
    assert jalali.month_number(text) == number


def test_every_month_is_read_by_the_name_we_show():
    assert [jalali.month_number(name) for name in jalali.MONTHS] == list(range(1, 13))


# -- Words -------------------------------------------------------------------------


def test_dates_and_times_in_words():
    day = dt.date(2026, 12, 6)
    assert jalali.long(day) == "یکشنبه ۱۵ آذر ۱۴۰۵"
    assert jalali.short(day) == "۱۴۰۵/۰۹/۱۵"
    assert jalali.clock(dt.time(8)) == "۸:۰۰"
    assert jalali.at(dt.datetime(2026, 12, 6, 7, 13, tzinfo=dt.UTC)) == "۱۵ آذر ۱۴۰۵، ساعت ۱۰:۴۳"


def test_the_week_begins_on_saturday():
    saturday = dt.date(2026, 12, 5)
    names = [jalali.weekday_name(saturday + dt.timedelta(days=n)) for n in range(7)]
    assert tuple(names) == jalali.WEEKDAYS
    assert jalali.weekday(saturday) == 0


@given(moments)
def test_tehran_is_three_and_a_half_hours_ahead_since_1401(moment):
    if moment.year > 2022:
        assert jalali.tehran(moment).utcoffset() == dt.timedelta(hours=3, minutes=30)
    assert jalali.from_tehran(jalali.tehran_today(moment), jalali.tehran(moment).time()).tzinfo is dt.UTC


def test_tehran_had_summer_time_before_1401():
    assert jalali.tehran(dt.datetime(2021, 7, 1, tzinfo=dt.UTC)).utcoffset() == dt.timedelta(hours=4, minutes=30)


def test_midnight_belongs_to_the_new_day_of_tehran():
    assert jalali.from_tehran(dt.date(2026, 12, 6), dt.time(0)) == dt.datetime(2026, 12, 5, 20, 30, tzinfo=dt.UTC)
    assert jalali.tehran_today(dt.datetime(2026, 12, 5, 20, 30, tzinfo=dt.UTC)) == dt.date(2026, 12, 6)
    assert jalali.tehran_today(dt.datetime(2026, 12, 5, 20, 29, tzinfo=dt.UTC)) == dt.date(2026, 12, 5)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        jalali.tehran(dt.datetime(2026, 12, 6))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("birth", "today", "age"),
    [
        ((1390, 7, 5), (1405, 7, 4), 14),
        ((1390, 7, 5), (1405, 7, 5), 15),
        ((1399, 12, 30), (1404, 12, 29), 4),
        ((1399, 12, 30), (1405, 1, 1), 5),
        ((1405, 1, 1), (1405, 1, 1), 0),
    ],
)
def test_age_is_counted_in_jalali_years(birth, today, age):
    assert jalali.full_years(jalali.to_gregorian(*birth), jalali.to_gregorian(*today)) == age
