"""Pages of a center, an academy or a counter office."""

from flask import Blueprint

from blueprints import (
    attendance,
    cases,
    changing,
    claims,
    completing,
    course_lists,
    credit_cases,
    demand,
    deputies,
    discrepancies,
    enrollment_reports,
    equipment,
    exams,
    fitting,
    imports,
    instructor_files,
    instructor_reports,
    inventory_reports,
    known,
    licenses,
    persons,
    photos,
    places,
    planning,
    property_labels,
    purses,
    servicing,
    shortages,
    stocktakes,
    verifying,
    waivers,
    workload,
)
from blueprints.guards import require
from services.access import Level

bp = Blueprint("center", __name__, url_prefix="/center")
bp.before_request(require(Level.CENTER))
attendance.register(bp)
cases.register(bp)
changing.register(bp, asks=True)
completing.register(bp)
exams.register(bp)
demand.register(bp, "/demand")
course_lists.register(bp)
waivers.register(bp, "/waivers")
deputies.register(bp)
discrepancies.register(bp)
enrollment_reports.register(bp)
known.register(bp, writes=True)
equipment.register(bp, "/equipment")
imports.register(bp, "/imports")
fitting.register(bp, "/instructors")
workload.register(bp, "/instructors")
instructor_files.register(bp, "/instructors", writes=True, decides=True)
verifying.register(bp, "/instructors")
property_labels.register(bp, "/equipment/labels")
stocktakes.register(bp, "/stocktakes")
servicing.register(bp, "/service")
places.register(bp, "/places", writes=True)
planning.register(bp)
shortages.register(bp, "/equipment/shortages")
instructor_reports.register(bp, "/instructors/reports")
inventory_reports.register(bp, "/inventory/reports")
licenses.register(bp, "/license")
credit_cases.register(bp, "/credit/cases")
purses.register_center(bp)
photos.register_center(bp)
claims.register_center(bp)
persons.register(bp)

# They add their routes to bp.
from blueprints.center import (  # noqa: E402, F401
    course_parts,
    courses,
    enroll,
    enrollments,
    home,
    leaving,
    many,
    nominees,
    papers,
    transfer,
    waiting,
)
