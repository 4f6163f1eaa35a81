"""Who may go to the exam, with what each still lacks: of a center and of a province."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, routes, workbooks
from blueprints.guards import me
from services.enrollment import exam, exam_sheets
from services.enrollment.exam import Wanted
from services.text import digits


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "/exam", ROUTES)


def exam_list() -> str:
    wanted = _wanted()
    found = exam.page(me(), wanted, addresses.number(request.args.get("before")))
    tabs = [(label, _url(wanted, view=name), name == wanted.view) for name, label in exam.VIEWS]
    context: dict[str, Any] = {"page": found, "wanted": wanted, "tabs": tabs, "lacks": exam.LACKS}
    context["older"] = _url(wanted, before=str(found.after)) if found.after else ""
    context["sheet"] = url_for(".exam_sheet", **_values(wanted))
    return render_template("exam.html", **context)


def exam_sheet() -> Response:
    wanted = _wanted()
    return workbooks.sent("exam", lambda into: exam_sheets.write(into, me(), wanted))


def _wanted() -> Wanted:
    view, lack = request.args.get("view", ""), request.args.get("lack", "")
    view = view if view in dict(exam.VIEWS) else exam.READY
    lack = lack if view == exam.LACKING and lack in exam.LACKS else ""
    return Wanted(view, lack, digits(request.args.get("course", ""))[:20].strip())


def _values(wanted: Wanted, **over: str) -> dict[str, Any]:
    values = {"view": wanted.view, "lack": wanted.lack, "course": wanted.course} | over
    return {name: value for name, value in values.items() if value}


def _url(wanted: Wanted, **over: str) -> str:
    return url_for(".exam_list", **_values(wanted, **over))


ROUTES: tuple[routes.Route, ...] = (("", exam_list, ("GET",)), (".xlsx", exam_sheet, ("GET",)))
