"""What carries a course further: its short address, a poster for the wall, and the monthly booklet of a unit."""

import re

from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints.public import bp, moments, words
from models import utcnow
from services import catalog, codes, jalali, labels
from services.catalog import booklet
from services.catalog.booklet import Month
from services.label_sheets import qr

MONTH = re.compile("(1[34][0-9]{2})-(0[1-9]|1[0-2])")


@bp.get("/c/<code>")
@bp.get("/C/<code>")  # read from paper, or typed with the first letter large
def short_address(code: str) -> AnyResponse | tuple[str, int]:
    """So short that it fits on a poster and into an SMS; whether there is such a course its page says."""
    plain = codes.read_course_code(code)
    if not plain:
        return render_template("public/courses/missing.html", code=code[:40], is_code=False), 404
    return redirect(url_for(".course_page", code=plain), 301)


def short_of(code: str) -> str:
    return f"{current_app.config['BASE_URL'] or ''}/c/{code}"


@bp.get("/courses/<code>/poster")
def course_poster(code: str) -> AnyResponse | tuple[str, int]:
    plain = codes.read_course_code(code)
    page = moments.kept(("poster", plain), lambda: _poster(plain)) if plain else {}
    if not page:
        return render_template("public/courses/missing.html", code=code[:40], is_code=bool(plain)), 404
    if plain != code:
        return redirect(url_for(".course_poster", code=plain), 301)
    return Response(render_template("public/courses/poster.html", **page))


def _poster(code: str) -> moments.Values:
    course, now = catalog.course(code), utcnow()
    if course is None:
        return {}
    short = short_of(course.code)
    side, drawn = qr.path(short.upper())  # capitals make a coarser code, which more cameras read
    content = moments.body(
        "public/courses/poster_body.html",
        course=course,
        short=re.sub("^https?://", "", short),
        side=side,
        drawn=drawn,
        standing=words.state(course, now),
        fee=catalog.fees(now).rials(course.unit_kind, course.delivery),
        now=now,
        words=words,
        labels=labels,
    )
    return {"course": course, "content": content}


@bp.get("/units/<code>/booklet")
def unit_booklet(code: str) -> Response:
    asked = MONTH.fullmatch(request.args.get("month", ""))
    month = Month(int(asked[1]), int(asked[2])) if asked else booklet.month_of(jalali.tehran_today(utcnow()))
    page = moments.kept(("booklet", code[:12], month.text), lambda: _booklet(code[:12], month))
    if not page:
        return Response(render_template("public/unit_missing.html"), 404)
    return Response(render_template("public/booklet.html", month=month, **page))


def _booklet(code: str, month: Month) -> moments.Values:
    unit, now = booklet.unit(code), utcnow()
    if unit is None:
        return {}
    rows = booklet.starting(unit.id, month)
    today = catalog.fees(now)
    fees = sorted({today.rials(unit.kind, row.delivery) for row in rows} or {today.rials(unit.kind, None)})
    host = re.sub("^https?://", "", short_of(""))
    values = {"unit": unit, "month": month, "rows": rows, "fees": fees, "now": now, "host": host}
    return {"unit": unit, "content": moments.body("public/booklet_body.html", words=words, labels=labels, **values)}
