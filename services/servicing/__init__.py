"""The service of equipment: what is due, what was done, and which workshops are down.

Nobody gets an SMS about it: mobiles of staff are not matched with their national codes. Who keeps a unit's equipment
sees the numbers on the first page and on the tabs.
"""

from models import FileKind
from services import files
from services.files import in_territory
from services.servicing.downtime import Standing, begin, end, overlapping, said, standing, workshop_of, workshops
from services.servicing.keeping import LatePlan, Plan, Recorded, Service, plan_of, record, set_plan
from services.servicing.reading import (
    NONE,
    OVERDUE,
    OWNER,
    PLANNED,
    SOON,
    SOON_DAYS,
    TABS,
    Done,
    Numbers,
    Page,
    counted,
    history,
    item,
    listing,
    may_keep,
    numbers,
    overdue,
    refuse_others,
)

files.register(OWNER, FileKind, in_territory, most=1)

__all__ = [
    "NONE",
    "OVERDUE",
    "OWNER",
    "PLANNED",
    "SOON",
    "SOON_DAYS",
    "TABS",
    "Done",
    "LatePlan",
    "Numbers",
    "Page",
    "Plan",
    "Recorded",
    "Service",
    "Standing",
    "begin",
    "counted",
    "end",
    "history",
    "item",
    "listing",
    "may_keep",
    "numbers",
    "overdue",
    "overlapping",
    "plan_of",
    "record",
    "refuse_others",
    "said",
    "set_plan",
    "standing",
    "workshop_of",
    "workshops",
]
