"""Who is enrolled in a course of the center."""

from flask import render_template, request, url_for

from blueprints import addresses
from blueprints.center import bp
from blueprints.guards import me
from services.courses.reading import ENROLLABLE
from services.enrollment import reversal, transfer
from services.enrollment.roster import VIEWS, roster
from services.text import persian_digits
from services.waiting import reading


@bp.get("/courses/<int:course_id>/enrollments")
def course_enrollments(course_id: int) -> str:
    view = request.args.get("show", "")
    view = view if view in dict(VIEWS) else ""
    page = roster(me(), course_id, view, addresses.number(request.args.get("after")) or 0)
    tabs = [
        (
            f"{label} {persian_digits(page.counts[name])}",
            url_for(".course_enrollments", course_id=course_id, show=name or None),
            name == view,
        )
        for name, label in VIEWS
    ]
    can_move = view != "canceled" and transfer.may_move(me(), page.course)
    context = {"view": view, "tabs": tabs, "can_move": can_move, "line_length": reading.length(course_id)}
    context["can_end"] = view != "canceled" and reversal.may_end(me(), page.course)
    context["can_list"] = me().can_enroll_others and page.course.status in ENROLLABLE
    return render_template("center/enrollments.html", page=page, **context)
