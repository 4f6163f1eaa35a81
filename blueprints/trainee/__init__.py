"""Pages of a trainee who came through the national window."""

from flask import Blueprint

from blueprints import claims, credit_cases, photos
from blueprints.guards import require_trainee

bp = Blueprint("trainee", __name__, url_prefix="/trainee")
bp.before_request(require_trainee)
credit_cases.register(bp, "/credit/cases")
photos.register_trainee(bp)
claims.register_trainee(bp)

from blueprints.trainee import begun, credit, demands, enroll, family, home, me, waiting  # noqa: E402, F401  (add their routes to bp)
