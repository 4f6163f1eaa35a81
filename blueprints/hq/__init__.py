"""Pages of the headquarters."""

from flask import Blueprint

from blueprints import cases, units
from blueprints.guards import require
from services.access import Level

bp = Blueprint("hq", __name__, url_prefix="/hq")
bp.before_request(require(Level.HQ))
cases.register(bp)
units.register(bp, "/units")

from blueprints.hq import home  # noqa: E402, F401  (it adds its route to bp)
