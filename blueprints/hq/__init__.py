"""Pages of the headquarters."""

from flask import Blueprint

from blueprints import (
    cases,
    changing,
    course_lists,
    credit_cases,
    deputies,
    enrollment_reports,
    equipment,
    imports,
    instructor_files,
    instructor_reports,
    inventory_reports,
    known,
    licenses,
    places,
    purses,
    shortages,
    units,
)
from blueprints.guards import require
from services.access import Level

bp = Blueprint("hq", __name__, url_prefix="/hq")
bp.before_request(require(Level.HQ))
cases.register(bp)
changing.register(bp)
course_lists.register(bp)
deputies.register(bp)
enrollment_reports.register(bp)
known.register(bp)
units.register(bp, "/units")
imports.register(bp, "/imports")
instructor_files.register(bp, "/instructors")
places.register(bp, "/places")
shortages.register(bp, "/shortages")
instructor_reports.register(bp, "/instructors/reports")
inventory_reports.register(bp, "/inventory")
licenses.register_looking(bp, "/licenses")
credit_cases.register_looking(bp, "/credit/cases")
purses.register_hq(bp)
equipment.register_looking(bp, "/inventory")

# They add their routes to bp.
from blueprints.hq import (  # noqa: E402
    absence_rules,  # noqa: F401
    conflict_rules,  # noqa: F401
    demand,  # noqa: F401
    eligibility_rules,  # noqa: F401
    home,  # noqa: F401
    instructor_rules,  # noqa: F401
    leaving_rules,  # noqa: F401
    reconciliation,  # noqa: F401
    rules,  # noqa: F401
    standards,  # noqa: F401
    tariffs,  # noqa: F401
)
