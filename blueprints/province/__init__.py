"""Pages of a provincial directorate."""

from flask import Blueprint

from blueprints import (
    cases,
    changing,
    course_lists,
    credit_cases,
    demand,
    deputies,
    discrepancies,
    enrollment_reports,
    equipment,
    exams,
    fitting,
    instructor_files,
    instructor_reports,
    inventory_reports,
    known,
    licenses,
    places,
    planning,
    purses,
    shortages,
    units,
    verifying,
    waivers,
    workload,
)
from blueprints.guards import require
from services.access import Level

bp = Blueprint("province", __name__, url_prefix="/province")
bp.before_request(require(Level.PROVINCE))
cases.register(bp)
changing.register(bp, ends=True)
exams.register(bp)
demand.register(bp, "/demand")
course_lists.register(bp)
waivers.register(bp, "/waivers")
deputies.register(bp)
discrepancies.register(bp)
enrollment_reports.register(bp)
known.register(bp)
units.register(bp, "/centers")
equipment.register_review(bp, "/equipment")
instructor_files.register(bp, "/instructors", decides=True)
verifying.register(bp, "/instructors")
places.register(bp, "/places")
planning.register(bp)
fitting.register(bp, "/instructors")
workload.register(bp, "/instructors")
shortages.register(bp, "/shortages")
instructor_reports.register(bp, "/instructors/reports")
inventory_reports.register(bp, "/inventory")
licenses.register_review(bp, "/licenses")
credit_cases.register_review(bp, "/credit")
purses.register_province(bp)
equipment.register_looking(bp, "/inventory")

from blueprints.province import agreement_papers, home, organizations  # noqa: E402, F401  (they add their routes to bp)
