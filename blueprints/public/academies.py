"""The page of an academy: what its license allows, until when, and which of its courses take people."""

from flask import Response, render_template

from blueprints.public import bp, rows, words
from models import utcnow
from services import catalog, labels, licenses
from services.catalog import Search
from services.licenses import wording

COURSES = 10


@bp.get("/academies/<code>")
def academy_page(code: str) -> Response:
    found, now = licenses.academy(code[:12]), utcnow()
    if found is None:
        return Response(render_template("public/academy_missing.html"), 404)
    courses = catalog.find(Search(unit=found.unit.code), now, size=COURSES)
    context = {"academy": found, "more": courses.total > COURSES, "rows": rows.rendered(courses.rows, now)}
    return Response(render_template("public/academy.html", wording=wording, labels=labels, words=words, **context))
