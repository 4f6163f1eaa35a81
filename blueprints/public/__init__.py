"""Pages for everybody: no sign-in, no script, plain links and forms."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from blueprints.public import academies, baskets, courses, demand, home, pay, sharing, tracking  # noqa: E402,F401
