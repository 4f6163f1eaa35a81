"""Courses in rows, each rendered once and kept in the process until something in it changes."""

import datetime as dt
from functools import lru_cache

from flask import get_template_attribute
from markupsafe import Markup

from blueprints.public import words
from services import catalog
from services.catalog import CourseRow


def rendered(rows: list[CourseRow], now: dt.datetime) -> list[Markup]:
    """The rows as HTML; rendering 25 of them anew would be most of the work of the page."""
    fees = catalog.fees(now)
    return [_row(row, words.seats(row, now), fees.rials(row.unit_kind, row.delivery)) for row in rows]


# Everything that the HTML depends on is an argument.
@lru_cache(1024)  # 2 KB each
def _row(course: CourseRow, tag: tuple[str, str], fee: int) -> Markup:
    return Markup(get_template_attribute("public/courses/row.html", "row")(course, tag, fee, words))  # noqa: S704
