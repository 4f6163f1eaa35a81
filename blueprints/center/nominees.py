"""Whom an organization has named for a course of the center."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.center import bp
from blueprints.guards import me
from blueprints.htmx import go
from services import organizations
from services.organizations import sheet  # noqa: F401 (it adds its form of import)


@bp.get("/courses/<int:course_id>/nominees")
def course_nominees(course_id: int) -> str:
    course, rows = organizations.of_course(me(), course_id)
    may_name = organizations.may_name(me(), course)
    return render_template("organizations/nominees.html", course=course, rows=rows, may_name=may_name)


@bp.post("/courses/<int:course_id>/nominees/<int:nominee_id>/remove")
def course_nominee_remove(course_id: int, nominee_id: int) -> Response:
    done = organizations.remove(me(), course_id, nominee_id)
    said = "از فهرست معرفی‌شدگان برداشته شد." if done else "این نفر پیش‌تر از فهرست برداشته شده بود."
    return notices.tell(go(url_for(".course_nominees", course_id=course_id)), "ok" if done else "", said)
