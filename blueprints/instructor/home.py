"""The first page of an instructor: own classes."""

from flask import render_template

from blueprints.guards import me
from blueprints.instructor import bp
from services import instructors, labels


@bp.get("")
def home() -> str:
    return render_template("instructor/home.html", classes=instructors.classes(me().person_id), labels=labels)
