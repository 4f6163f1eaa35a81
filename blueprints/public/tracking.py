"""«پیگیری»: one's own enrollments by tracking code and a code on the mobile, for whoever does not sign in."""

from uuid import UUID

from flask import Response, render_template, request, url_for

from blueprints import cookies, notices
from blueprints.forms.public import MobileCodeForm, TrackingForm
from blueprints.htmx import go
from blueprints.public import bp
from models import Person, utcnow
from services import people, seals, submissions, tracking
from services.enrollment import lacks, slips, steps
from services.errors import DomainError
from services.waiting import reading

COOKIE = "doreh_track_"  # one for each page that is open, so that several tabs do not disturb each other
READABLE_S = int(tracking.READABLE.total_seconds())


@bp.get("/track")
def track_start() -> Response:
    return start(TrackingForm())


@bp.post("/track")
def track_ask() -> Response:
    form = TrackingForm(request.form)
    if not form.validate():
        return start(form, 422)
    try:
        key = tracking.ask(submissions.key_of(form.form_key.data), form.code.data or "", request.remote_addr or "")
    except DomainError as wait:
        form.code.errors = [str(wait)]
        return start(form, wait.status)
    return go(url_for(".track_page", key=UUID(key)))


@bp.get("/track/<uuid:key>")
def track_page(key: UUID) -> Response:
    """The code is asked for until this browser has typed it; then the enrollments are shown for a while."""
    person = tracking.person_of(str(key)) if _has_typed(key) else None
    return _show(person) if person else _ask(key, MobileCodeForm())


@bp.post("/track/<uuid:key>")
def track_prove(key: UUID) -> Response:
    form = MobileCodeForm(request.form)
    if not form.validate():
        return _ask(key, form, 422)
    try:
        tracking.prove(str(key), form.code.data or "")
    except DomainError as refusal:
        if not refusal.field:
            raise
        form.code.errors = [str(refusal)]
        return _ask(key, form, 422)
    response = go(url_for(".track_page", key=key))
    cookies.put(response, _cookie(key), seals.seal("track", str(key)), max_age=READABLE_S)
    return response


@bp.post("/track/<uuid:key>/close")
def track_close(key: UUID) -> Response:
    """For phones that several people use."""
    response = notices.tell(go(url_for(".track_start")), "ok", "پیگیری بسته شد و دیگر در این مرورگر دیده نمی‌شود.")
    cookies.clear(response, _cookie(key))
    return response


def start(form: TrackingForm, status: int = 200) -> Response:
    form.form_key.data = submissions.key_of(form.form_key.data)
    return Response(render_template("public/track.html", form=form), status)


def _ask(key: UUID, form: MobileCodeForm, status: int = 200) -> Response:
    is_open = tracking.is_open(str(key))
    return _private(render_template("public/track_code.html", form=form, is_open=is_open), status)


def _show(person: Person) -> Response:
    rows = [(row, steps.next_step(row)) for row in slips.of_person(person)]
    context = {"rows": rows, "lacks": lacks.of_person(person.id), "name": people.masked_name(person)}
    context["waiting"] = reading.of_person(person, utcnow())
    return _private(render_template("public/track_page.html", **context))


def _private(html: str, status: int = 200) -> Response:
    return Response(html, status, {"Cache-Control": "no-store"})


def _has_typed(key: UUID) -> bool:
    return seals.unseal("track", cookies.read(_cookie(key)), READABLE_S) == str(key)


def _cookie(key: UUID) -> str:
    return COOKIE + key.hex[:8]
