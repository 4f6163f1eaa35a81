"""Courses: their entry, their way through approval, and who may see them."""

from services import labels
from services.courses.cases import Case, case
from services.courses.checklist import ITEMS as CHECKLIST
from services.courses.checklist import Signed, said_of
from services.courses.checks import Problem, Refused, warnings
from services.courses.claims import Claimed, claim, release
from services.courses.clock import left_counted, tick
from services.courses.completeness import Gap, Incomplete, gaps, look
from services.courses.deadlines import days_left
from services.courses.entry import Saved, choose_standard, is_editable, reindex, save, save_part
from services.courses.lists import (
    QUEUE_TABS,
    TABS,
    Page,
    former,
    numbers,
    queue,
    queue_tabs,
    recent,
    starting_between,
    tabs_for,
    taking,
    this_week,
)
from services.courses.making import copy, create, first_like
from services.courses.options import Options, options, options_of
from services.courses.overview import Copied, Overview, Task, copied, gaps_in, overview
from services.courses.reading import (
    ENROLLABLE,
    enrollable,
    get,
    has_room,
    is_unit_staff,
    own_units,
    public_on,
    public_where,
    visible_to,
    whole,
)
from services.courses.saying import Letter, Said
from services.courses.schedule import meetings, propose_end
from services.courses.sending import send
from services.courses.stale import StaleEdit
from services.courses.steps import STEPS, Action, Step, advance, decide, first_level, is_own_work, route_of, steps_for
from services.courses.undoing import Undoable, undo, undoable
from services.courses.values import PARTS, CourseValues, part_of, values_of

__all__ = [
    "Action",
    "CHECKLIST",
    "Case",
    "Claimed",
    "Copied",
    "CourseValues",
    "ENROLLABLE",
    "Gap",
    "Incomplete",
    "Letter",
    "Options",
    "Overview",
    "PARTS",
    "Page",
    "Problem",
    "QUEUE_TABS",
    "Refused",
    "STEPS",
    "Said",
    "Saved",
    "Signed",
    "StaleEdit",
    "Step",
    "TABS",
    "Task",
    "Undoable",
    "advance",
    "case",
    "claim",
    "choose_standard",
    "copied",
    "copy",
    "decide",
    "create",
    "days_left",
    "enrollable",
    "first_level",
    "first_like",
    "former",
    "gaps",
    "gaps_in",
    "get",
    "has_room",
    "is_editable",
    "is_own_work",
    "is_unit_staff",
    "labels",
    "look",
    "left_counted",
    "meetings",
    "numbers",
    "options",
    "options_of",
    "overview",
    "own_units",
    "part_of",
    "propose_end",
    "public_on",
    "public_where",
    "queue",
    "queue_tabs",
    "recent",
    "reindex",
    "release",
    "route_of",
    "save",
    "said_of",
    "save_part",
    "send",
    "starting_between",
    "steps_for",
    "tabs_for",
    "taking",
    "this_week",
    "tick",
    "undo",
    "undoable",
    "values_of",
    "visible_to",
    "warnings",
    "whole",
]
