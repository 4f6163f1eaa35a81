"""The public list of courses, and one course."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import clock
from blueprints.forms import public as forms
from blueprints.public import bp, moments, rows, words
from models import utcnow
from services import catalog, codes, labels
from services.waiting import reading


@bp.get("/courses")
def course_list() -> str:
    page = moments.kept(("courses", request.query_string.decode("latin-1")), _listing)
    return render_template("public/courses/list.html", **page)


def _listing() -> moments.Values:
    now = utcnow()
    asked = forms.read(request.args)
    choices = catalog.choices(asked.search, now)
    asked = asked.within(choices)
    found = catalog.find(asked.search, now, after=asked.after, before=asked.before, size=asked.size)
    content = moments.body(
        "public/courses/list_body.html",
        asked=asked,
        form=asked.form,
        choices=choices,
        chosen=words.chosen(asked.search, choices),
        found=found,
        pages=0 if found.is_capped else -(-found.total // asked.size),
        rows=rows.rendered(found.rows, now),
        shifts=labels.SHIFT.items(),
        cursor=forms.cursor,
    )
    return {"asked": asked, "failed": bool(asked.form.errors), "content": content}


@bp.get("/courses/<code>")
def course_page(code: str) -> AnyResponse | str | tuple[str, int]:
    plain = codes.read_course_code(code)
    page = moments.kept(("course", plain), lambda: _course(plain)) if plain else {}
    if not page:
        return render_template("public/courses/missing.html", code=code[:40], is_code=bool(plain)), 404
    if plain != code:
        return redirect(url_for(".course_page", code=plain), 301)
    return render_template("public/courses/page.html", words=words, **page)


def _course(code: str) -> moments.Values:
    course, now = catalog.course(code), utcnow()
    if course is None:
        return {}
    standing, fees = words.state(course, now), catalog.fees(now)
    content = moments.body(
        "public/courses/page_body.html",
        course=course,
        standing=standing,
        similar=rows.rendered(catalog.similar(course, now), now) if standing in words.CLOSED else [],
        fee=fees.rials(course.unit_kind, course.delivery),
        fee_varies=fees.vary(course.unit_kind, course.delivery),
        shows_instructor=catalog.shows_instructor(),
        now=now,
        crowd=reading.crowd(course.id, now) if standing == "full" else None,
        words=words,
        clock=clock,
        labels=labels,
    )
    return {"course": course, "content": content}


@bp.get("/dore/grid/student")
def old_address() -> AnyResponse:
    """The address printed on years of paper; its filters meant other codes, so they are dropped."""
    return redirect(url_for(".course_list"), 301)
