"""The courses of a province."""

from flask import render_template, request

from blueprints import addresses
from blueprints.cases import list_tabs
from blueprints.guards import me
from blueprints.province import bp
from services import courses


@bp.get("/courses")
def course_list() -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in {name for name, *_ in courses.tabs_for(me())} else "review"
    words = request.args.get("q", "")[:80]
    before = addresses.number(request.args.get("before"))
    page = courses.listing(me(), tab, words, before_id=before)
    return render_template("province/courses.html", page=page, tab=tab, tabs=list_tabs(page, tab, words), words=words)
