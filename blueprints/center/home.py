"""The first page of a center."""

from datetime import datetime

from flask import render_template

from blueprints.center import bp
from blueprints.guards import me
from models import Role, utcnow
from services import claims, counters, course_changes, courses, licenses, photos, purses, servicing
from services.enrollment import reach
from services.instructors import cases
from services.purses import Portal, objections


@bp.get("")
def home() -> str:
    """A clerk's and a manager's work of today; for others of the unit the courses that take people now."""
    now = utcnow()
    if not courses.is_unit_staff(me()):
        return _offers(now)
    first, last = courses.this_week(now)
    also = servicing.counted(me()) | licenses.counted(me()) | cases.counted(me()) | course_changes.counted(me())
    also |= objections.counted(me()) | photos.counted(me()) | claims.counted(me())
    return render_template(
        "center/home.html",
        numbers=courses.numbers(me(), now, also | courses.left_counted(me(), now)),
        starting=courses.starting_between(me(), first, last),
        recent=courses.recent(me()),
        is_manager=me().has(Role.MANAGER),
        can_enroll=me().can_enroll_others,
        title=me().unit_title,
        low=low(),
    )


def _offers(now: datetime) -> str:
    here = me().enrolling()
    shut = counters.why_not(counters.offices(here), counters.ENROLL)
    can_enroll = me().can_enroll_others and not shut
    return render_template(
        "center/offers.html",
        shut=shut,
        offers=reach.open_courses(me(), limit=12) if can_enroll else courses.taking(me(), now),
        can_enroll=can_enroll,
        title=me().unit_title,
        low=low(),
    )


def low() -> Portal | None:
    """The purse that this person pays from, when it runs low."""
    mine = purses.portal(me()) if me().can_enroll_others else None
    return mine if mine and mine.is_low else None
