"""What visitors may look up: the list of courses that take people, one course, and what the filters offer."""

from services.catalog.detail import Fees, course, fees, shows_instructor, similar
from services.catalog.filters import Choices, choices, within
from services.catalog.kept import forget
from services.catalog.listing import COUNT_LIMIT, CourseRow, Cursor, Found, Search, find

__all__ = [
    "COUNT_LIMIT",
    "Choices",
    "CourseRow",
    "Cursor",
    "Fees",
    "Found",
    "Search",
    "choices",
    "course",
    "fees",
    "find",
    "forget",
    "shows_instructor",
    "similar",
    "within",
]
