"""Jinja filters: numbers, amounts, dates and codes as people read them."""

import datetime as dt

from flask import Flask
from markupsafe import Markup, escape

from services import codes, jalali, property_labels, spelled, text
from services.instructors import wording


def fa(value: object) -> str:
    """Digits in Persian; None shows nothing."""
    return "" if value is None else text.persian_digits(value)


def jdate(day: dt.date | None) -> str:
    """«شنبه ۱۵ آذر ۱۴۰۵»; a moment shows its day in Tehran."""
    return "" if day is None else jalali.long(_day(day))


def jday(day: dt.date | None) -> str:
    """«۱۵ آذر ۱۴۰۵»."""
    return "" if day is None else jalali.day_month_year(_day(day))


def jshort(day: dt.date | None) -> str:
    """«۱۴۰۵/۰۹/۱۵»."""
    return "" if day is None else jalali.short(_day(day))


def jat(moment: dt.datetime | None) -> str:
    """«۱۵ آذر ۱۴۰۵، ساعت ۱۰:۴۳»."""
    return "" if moment is None else jalali.at(moment)


def clock(time: dt.datetime | dt.time | None) -> str:
    """«۱۰:۴۳», a moment on Tehran's clock."""
    if time is None:
        return ""
    return jalali.clock(jalali.tehran(time).time() if isinstance(time, dt.datetime) else time)


def mask_mobile(mobile: str | None) -> Markup:
    """«۰۹۱۳···۴۵۶۷»; isolated, because digits with signs between them turn around in Persian text."""
    return ltr(f"{mobile[:4]}···{mobile[-4:]}") if mobile else Markup("")


def group_code(code: str | None) -> Markup:
    """A tracking code in groups of four."""
    return ltr(codes.group_tracking(code)) if code else Markup("")


def property_label(item_id: int) -> Markup:
    """The number on the label of an item, in groups of three as on the label itself."""
    return ltr(property_labels.spaced(property_labels.label(item_id)))


def ltr(value: object) -> Markup:
    """A code or a number with signs in it, drawn from left to right; in Persian digits, unless it has Latin letters.

    What is half Latin stands so on the thing itself, and is compared with it letter by letter.
    """
    return Markup('<bdi dir="ltr">%s</bdi>') % escape(text.as_printed(value))


def _day(day: dt.date) -> dt.date:
    return jalali.tehran(day).date() if isinstance(day, dt.datetime) else day


def init_app(app: Flask) -> None:
    """Register the filters."""
    own = (fa, jdate, jday, jshort, jat, clock, mask_mobile, group_code, property_label, ltr)
    app.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in own})
    app.jinja_env.filters.update(rial=text.rial, rial_toman=text.rial_toman, grouped=text.group_thousands)
    app.jinja_env.filters.update(tomans=text.tomans, spelled=spelled.rial_toman)
    app.jinja_env.filters.update(record_title=wording.title, record_sub=wording.sub)
