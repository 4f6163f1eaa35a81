"""The planner's calendar: workshops, instructors and units in a week or a month, busy and free, planned and held."""

from services.planning.hours import Hours, Slot
from services.planning.lines import KINDS, Day, Line, Page, Week, page
from services.planning.reading import INSTRUCTOR, UNIT, WORKSHOP, Asked, Meeting

__all__ = [
    "INSTRUCTOR",
    "KINDS",
    "UNIT",
    "WORKSHOP",
    "Asked",
    "Day",
    "Hours",
    "Line",
    "Meeting",
    "Page",
    "Slot",
    "Week",
    "page",
]
