"""The first page of a center."""

from flask import render_template

from blueprints.center import bp
from blueprints.guards import me
from models import Role, utcnow
from services import courses


@bp.get("")
def home() -> str:
    now = utcnow()
    first, last = courses.this_week(now)
    return render_template(
        "center/home.html",
        numbers=courses.numbers(me(), now),
        starting=courses.starting_between(me(), first, last),
        recent=courses.recent(me()),
        is_manager=me().has(Role.MANAGER),
        enters=courses.is_unit_staff(me()),
        title=me().unit_title,
    )
