"""Pages of the headquarters."""

from flask import Blueprint

from blueprints import cases, equipment, imports, inventory_reports, places, shortages, units
from blueprints.guards import require
from services.access import Level

bp = Blueprint("hq", __name__, url_prefix="/hq")
bp.before_request(require(Level.HQ))
cases.register(bp)
units.register(bp, "/units")
imports.register(bp, "/imports")
places.register(bp, "/places")
shortages.register(bp, "/shortages")
inventory_reports.register(bp, "/inventory")
equipment.register_looking(bp, "/inventory")

from blueprints.hq import home, standards  # noqa: E402, F401  (they add their routes to bp)
