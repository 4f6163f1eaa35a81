"""Template filters: numbers, dates and codes as people read them."""

import datetime as dt

import pytest

from blueprints import filters

MOMENT = dt.datetime(2026, 12, 6, 7, 13, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (filters.fa("A7-3921"), "A۷-۳۹۲۱"),
        (filters.jdate(MOMENT), "یکشنبه ۱۵ آذر ۱۴۰۵"),
        (filters.jday(MOMENT.date()), "۱۵ آذر ۱۴۰۵"),
        (filters.jshort(MOMENT.date()), "۱۴۰۵/۰۹/۱۵"),
        (filters.jat(MOMENT), "۱۵ آذر ۱۴۰۵، ساعت ۱۰:۴۳"),
        (filters.clock(MOMENT), "۱۰:۴۳"),
        (filters.clock(dt.time(8)), "۸:۰۰"),
        (filters.mask_mobile("09130004567"), '<bdi dir="ltr">۰۹۱۳···۴۵۶۷</bdi>'),
        (filters.group_code("1234567890123"), '<bdi dir="ltr">۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳</bdi>'),
        (filters.ltr("<b>"), '<bdi dir="ltr">&lt;b&gt;</bdi>'),
        (filters.ltr("12-400"), '<bdi dir="ltr">۱۲-۴۰۰</bdi>'),
        (filters.ltr("SN-0001"), '<bdi dir="ltr">SN-0001</bdi>'),
        (filters.property_label(57), '<bdi dir="ltr">۰۰۰ ۰۰۰ ۵۷۷</bdi>'),
    ],
)
def test_a_value_is_shown_as_people_read_it(shown: str, expected: str) -> None:
    assert shown == expected


def test_the_day_of_a_moment_is_the_day_in_tehran() -> None:
    assert filters.jday(dt.datetime(2026, 12, 5, 21, 0, tzinfo=dt.UTC)) == "۱۵ آذر ۱۴۰۵"


@pytest.mark.parametrize("name", ["fa", "jdate", "jday", "jshort", "jat", "clock", "mask_mobile", "group_code"])
def test_what_is_not_known_shows_nothing(name: str) -> None:
    assert getattr(filters, name)(None) == ""
