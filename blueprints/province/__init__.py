"""Pages of a provincial directorate."""

from flask import Blueprint

from blueprints import cases, discrepancies, equipment, inventory_reports, places, shortages, units
from blueprints.guards import require
from services.access import Level

bp = Blueprint("province", __name__, url_prefix="/province")
bp.before_request(require(Level.PROVINCE))
cases.register(bp)
discrepancies.register(bp)
units.register(bp, "/centers")
equipment.register_review(bp, "/equipment")
places.register(bp, "/places")
shortages.register(bp, "/shortages")
inventory_reports.register(bp, "/inventory")
equipment.register_looking(bp, "/inventory")

from blueprints.province import courses, home  # noqa: E402, F401  (they add their routes to bp)
