"""Finding an instructor for a standard at given hours: the same page for a center and for a province."""

from typing import Any

from flask import Blueprint, render_template, request

from blueprints import addresses
from blueprints.forms import fitting
from blueprints.forms.fitting import HoursForm
from blueprints.guards import me
from models import Course
from services import courses, labels, standards
from services.instructors import finding

DISTANCE = ("همین واحد", "همین شهرستان", "همین استان")


def register(bp: Blueprint, prefix: str) -> None:
    """Add the page to a role's blueprint."""
    bp.add_url_rule(f"{prefix}/find", view_func=instructor_find)


def instructor_find() -> str:
    """By `course`, whose standard and plan are taken, or by `standard`; `q` looks for a standard."""
    asked = addresses.number(request.args.get("course"))
    course = courses.get(me(), asked) if asked else None
    standard_id = (course.standard_id if course else addresses.number(request.args.get("standard"))) or 0
    words = request.args.get("q", "")[:80]
    context: dict[str, Any] = {"course": course, "words": words, "result": None, "standards": []}
    if not standard_id:
        context["standards"] = standards.search(words)[:10] if words else []
        return render_template("instructors/find.html", form=None, **context)
    form = _form(course)
    hours = form.hours() if form.validate() else None
    near = course.unit_id if course else None
    context["result"] = finding.search(me(), standard_id, hours, near=near, without=course.id if course else 0)
    return render_template("instructors/find.html", form=form, hours=hours, distance=DISTANCE, labels=labels, **context)


def _form(course: Course | None) -> HoursForm:
    """What was asked for, else the plan of the course."""
    asked = any(name.startswith(("first", "start", "end", "last", "weekdays")) for name in request.args)
    if course is None or asked:
        return HoursForm(request.args)
    return HoursForm(formdata=None, data=fitting.of_course(course))
