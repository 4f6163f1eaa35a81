"""A trainee goes into the waiting list of a full course, and out of it."""

from flask import Response, render_template, request, url_for

from blueprints import notices
from blueprints.forms.enrollment import OwnForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from blueprints.trainee.enroll import show
from services import submissions
from services.errors import DomainError
from services.waiting import joining, reading


@bp.post("/enroll/<code>/wait")
def wait_join(code: str) -> Response:
    """Into the line; whoever has a place keeps it."""
    form = OwnForm()
    if not form.validate():
        return show(code, form, 422)
    try:
        place = joining.join_self(trainee(), code, submissions.key_of(request.form.get("wait_key")))
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return show(code, form, refusal.status, refusal=refusal)
    rest = ". با خالی شدن جا پیامک می‌رسد و چیزی کسر نشد." if place.is_new else "؛ چیزی دوباره ثبت نشد."
    said = f"شما {place.said} هستید{rest}"
    return notices.tell(go(url_for(".enroll_ask", code=code)), "ok" if place.is_new else "", said)


@bp.get("/waiting/<int:entry_id>/leave")
def wait_leave_ask(entry_id: int) -> str:
    return render_template("trainee/wait_leave.html", waits=reading.own(trainee(), entry_id))


@bp.post("/waiting/<int:entry_id>/leave")
def wait_leave(entry_id: int) -> Response:
    done = joining.leave(trainee(), entry_id)
    said = (
        "از فهرست انتظار بیرون آمدید و نوبت به نفر بعد رسید."
        if done
        else "نوبت شما پیش‌تر پایان یافته بود؛ چیزی تغییر نکرد."
    )
    return notices.tell(go(url_for(".home")), "ok" if done else "", said)
