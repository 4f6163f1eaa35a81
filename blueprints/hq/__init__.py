"""Pages of the headquarters."""

from flask import Blueprint

from blueprints import (
    cases,
    changing,
    course_lists,
    deputies,
    equipment,
    imports,
    instructor_files,
    instructor_reports,
    inventory_reports,
    licenses,
    places,
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
units.register(bp, "/units")
imports.register(bp, "/imports")
instructor_files.register(bp, "/instructors")
places.register(bp, "/places")
shortages.register(bp, "/shortages")
instructor_reports.register(bp, "/instructors/reports")
inventory_reports.register(bp, "/inventory")
licenses.register_looking(bp, "/licenses")
equipment.register_looking(bp, "/inventory")

from blueprints.hq import conflict_rules, demand, home, instructor_rules, rules, standards  # noqa: E402, F401  (they add their routes to bp)
