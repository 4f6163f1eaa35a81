"""Changes of approved courses: harmless ones at once, the rest beside the live version until its route has approved."""

from services.course_changes import wording
from services.course_changes.applying import tell
from services.course_changes.asking import Asked, Wish, edit, end
from services.course_changes.deciding import cancel, decide
from services.course_changes.reading import (
    TABS,
    Look,
    Page,
    asks,
    cancels,
    counted,
    get,
    listing,
    look,
    standing,
    targets,
    wanted_of,
)
from services.course_changes.steps import DECIDES
from services.course_changes.values import BEFORE, LIVE, changeable

__all__ = [
    "Asked",
    "BEFORE",
    "DECIDES",
    "LIVE",
    "Look",
    "Page",
    "TABS",
    "Wish",
    "asks",
    "cancel",
    "cancels",
    "changeable",
    "counted",
    "decide",
    "edit",
    "end",
    "get",
    "listing",
    "look",
    "standing",
    "tell",
    "targets",
    "wanted_of",
    "wording",
]
