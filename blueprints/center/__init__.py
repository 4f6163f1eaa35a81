"""Pages of a center, an academy or a counter office."""

from flask import Blueprint

from blueprints.guards import require
from services.access import Level

bp = Blueprint("center", __name__, url_prefix="/center")
bp.before_request(require(Level.CENTER))

from blueprints.center import enroll  # noqa: E402, F401  (adds its routes to bp)
