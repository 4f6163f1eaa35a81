"""The first page of a provincial reviewer."""

from flask import render_template

from blueprints.guards import me
from blueprints.province import bp
from models import utcnow
from services import courses


@bp.get("")
def home() -> str:
    now = utcnow()
    return render_template(
        "province/home.html", numbers=courses.numbers(me(), now), recent=courses.recent(me()), title=me().unit_title
    )
