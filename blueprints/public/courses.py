"""The public list of courses, and one course."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints.forms import public as forms
from blueprints.public import bp, rows, words
from models import utcnow
from services import catalog, codes, labels


@bp.get("/courses")
def course_list() -> str:
    now = utcnow()
    asked = forms.read(request.args)
    choices = catalog.choices(asked.search, now)
    asked = asked.within(choices)
    found = catalog.find(asked.search, now, after=asked.after, before=asked.before, size=asked.size)
    return render_template(
        "public/courses/list.html",
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


@bp.get("/courses/<code>")
def course_page(code: str) -> AnyResponse | str | tuple[str, int]:
    now = utcnow()
    plain = codes.read_course_code(code)
    course = catalog.course(plain) if plain else None
    if course is None:
        return render_template("public/courses/missing.html", code=code[:40], is_code=bool(plain)), 404
    if plain != code:
        return redirect(url_for(".course_page", code=plain), 301)
    standing = words.state(course, now)
    return render_template(
        "public/courses/page.html",
        course=course,
        standing=standing,
        similar=rows.rendered(catalog.similar(course, now), now) if standing in words.CLOSED else [],
        fee=catalog.fee_rials(course.unit_kind, now),
        shows_instructor=catalog.shows_instructor(),
        now=now,
        words=words,
        labels=labels,
    )


@bp.get("/dore/grid/student")
def old_address() -> AnyResponse:
    """The address printed on years of paper; its filters meant other codes, so they are dropped."""
    return redirect(url_for(".course_list"), 301)
