"""The first page of a province: for reviewers their cases, for planners and directors what starts this week."""

from flask import render_template

from blueprints.guards import me
from blueprints.province import bp
from models import Role, utcnow
from services import course_changes, courses, credit_cases, demands, licenses
from services.equipment import queues
from services.instructors import cases


@bp.get("")
def home() -> str:
    now = utcnow()
    reviews = me().has(Role.REVIEWER)
    return render_template(
        "province/home.html",
        numbers=courses.numbers(
            me(),
            now,
            licenses.counted(me())
            | cases.counted(me())
            | demands.counted(me())
            | course_changes.counted(me())
            | credit_cases.counted(me()),
        ),
        reviews=reviews,
        credit=credit_cases.decides(me()),
        recent=courses.recent(me()) if reviews else [],
        starting=[] if reviews else courses.starting_between(me(), *courses.this_week(now)),
        equipment=queues.waiting_count(me()) if reviews else 0,
        title=me().unit_title,
    )
