"""Pages of those who run the installation."""

from flask import Blueprint

from blueprints import imports
from blueprints.guards import require
from services.access import Level

bp = Blueprint("ops", __name__, url_prefix="/ops")
bp.before_request(require(Level.OPS))
imports.register_batches(bp, "/imports")

from blueprints.ops import exchange, home, jobs, outside  # noqa: E402, F401  (they add their routes to bp)
