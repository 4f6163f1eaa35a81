"""Pages for everybody: no sign-in, no script, plain links and forms."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from blueprints.public import academies, courses, demand, home, sharing  # noqa: E402,F401
