"""Courses: their entry, their way through approval, and who may see them."""

from services import labels
from services.courses.cases import Case, case
from services.courses.checklist import ITEMS as CHECKLIST
from services.courses.checklist import Signed, said_of
from services.courses.checks import Problem, Refused, warnings
from services.courses.clock import tick
from services.courses.completeness import Gap, Incomplete, gaps
from services.courses.entry import (
    CourseValues,
    Saved,
    choose_standard,
    copy,
    create,
    is_editable,
    reindex,
    save,
    save_and_send,
    values_of,
)
from services.courses.lists import (
    QUEUE_TABS,
    TABS,
    Page,
    days_left,
    former,
    numbers,
    queue,
    recent,
    starting_between,
    tabs_for,
    taking,
    this_week,
)
from services.courses.options import Options, options
from services.courses.reading import (
    enrollable,
    get,
    is_unit_staff,
    own_units,
    public_on,
    public_where,
    visible_to,
    whole,
)
from services.courses.saying import Letter
from services.courses.schedule import meetings, propose_end
from services.courses.stale import StaleEdit
from services.courses.steps import STEPS, Action, Step, advance, first_level, is_own_work, route_of, steps_for

__all__ = [
    "Action",
    "CHECKLIST",
    "Case",
    "CourseValues",
    "Gap",
    "Incomplete",
    "Letter",
    "Options",
    "Page",
    "Problem",
    "QUEUE_TABS",
    "Refused",
    "STEPS",
    "Saved",
    "Signed",
    "StaleEdit",
    "Step",
    "TABS",
    "advance",
    "case",
    "choose_standard",
    "copy",
    "create",
    "days_left",
    "enrollable",
    "first_level",
    "former",
    "gaps",
    "get",
    "is_editable",
    "is_own_work",
    "is_unit_staff",
    "labels",
    "meetings",
    "numbers",
    "options",
    "own_units",
    "propose_end",
    "public_on",
    "public_where",
    "queue",
    "recent",
    "reindex",
    "route_of",
    "save",
    "said_of",
    "save_and_send",
    "starting_between",
    "steps_for",
    "tabs_for",
    "taking",
    "this_week",
    "tick",
    "values_of",
    "visible_to",
    "warnings",
    "whole",
]
