"""Pages for everybody: no sign-in, no script, plain links and forms."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from blueprints.public import academies, courses, home, sharing  # noqa: E402,F401
