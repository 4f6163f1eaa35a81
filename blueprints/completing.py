"""The end of a course: what its center says of each person, with a proposal from the attendance."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import notices, routes
from blueprints.forms import tried
from blueprints.forms.completion import CompletionForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Completion
from services.enrollment import completion
from services.errors import Conflict
from services.text import persian_digits


def register(bp: Blueprint) -> None:
    """Add the page to the center's blueprint."""
    routes.add(bp, "/classes/<int:course_id>/completion", ROUTES)


def completion_page(course_id: int) -> Response:
    return _page(course_id, CompletionForm(formdata=None))


def completion_save(course_id: int) -> Response:
    form = CompletionForm()
    seen, chosen = form.seen(), form.chosen(request.form)
    try:
        many = tried(form, lambda: completion.say(me(), course_id, seen, chosen, form.reason.data or ""))
    except Conflict as late:
        return _page(course_id, form, late.status, chosen, str(late))
    if many is None:
        return _page(course_id, form, 422, chosen)
    said = f"برای {persian_digits(many)} نفر ثبت شد." if many else "چیزی برای ثبت نبود."
    return notices.tell(go(url_for(".completion_page", course_id=course_id)), "ok" if many else "", said)


def _page(
    course_id: int,
    form: CompletionForm,
    status: int = 200,
    chosen: dict[int, Completion | None] | None = None,
    refused: str = "",
) -> Response:
    """`chosen` is what somebody had chosen when it was refused; it stays on the page."""
    sheet = completion.sheet(me(), course_id)
    if status != 422:  # what a late sender sees now is what stands
        form.standing.data = sheet.standing
    context = {"sheet": sheet, "form": form, "chosen": chosen or {}, "refused": refused, "words": completion.WORDS}
    context |= {"tones": completion.TONES, "history": completion.history(course_id)}
    return Response(render_template("attendance/completion.html", **context), status)


ROUTES: tuple[routes.Route, ...] = (("", completion_page, ("GET",)), ("", completion_save, ("POST",)))
