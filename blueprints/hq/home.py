"""The first page of the headquarters."""

from flask import render_template

from blueprints.guards import me
from blueprints.hq import bp
from models import utcnow
from services import courses


@bp.get("")
def home() -> str:
    numbers = courses.numbers(me(), utcnow())
    return render_template("hq/home.html", numbers=numbers, recent=courses.recent(me()), title=me().unit_title)
