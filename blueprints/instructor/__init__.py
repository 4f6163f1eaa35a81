"""Pages of instructors."""

from flask import Blueprint

from blueprints import attendance, instructor_files
from blueprints.guards import require
from services.access import Level

bp = Blueprint("instructor", __name__, url_prefix="/instructor")
bp.before_request(require(Level.INSTRUCTOR))
attendance.register(bp)
instructor_files.register_own(bp, "/records")

from blueprints.instructor import home  # noqa: E402, F401  (it adds its route to bp)
