"""The first page of the headquarters."""

from flask import render_template

from blueprints.guards import me
from blueprints.hq import bp
from models import Role, utcnow
from services import course_changes, courses, demands, legacy


@bp.get("")
def home() -> str:
    return render_template(
        "hq/home.html",
        numbers=courses.numbers(me(), utcnow(), course_changes.counted(me()) | demands.counted(me())),
        reviews=me().has(Role.REVIEWER),
        administers=me().has(Role.ADMIN),
        recent=courses.recent(me()),
        title=me().unit_title,
        people_form=legacy.FORM,
    )
