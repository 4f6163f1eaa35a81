"""What a trainee says of their household after the national window: who answers for them, and where they live."""

from typing import Any

from flask import Response, render_template, url_for

from blueprints import addresses, notices
from blueprints.forms import tried
from blueprints.forms.guardians import GuardianForm
from blueprints.forms.persons import PostalCodeForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from services import addresses as places
from services import guardians, people, submissions
from services.errors import Conflict

PLACED = "کد پستی ثبت شد. نشانی آن از پست پرسیده می‌شود."
SAME_PLACE = "همین کد پستی ثبت است؛ چیزی تغییر نکرد."
DONE = "سرپرست ثبت شد. شمارهٔ او با کد ملی خودش تطبیق داده می‌شود."


@bp.get("/guardian")
def guardian_page() -> Response:
    return _page(GuardianForm.holding(guardians.standing(trainee().id)))


@bp.post("/guardian")
def guardian_save() -> Response:
    form = GuardianForm()
    if not form.validate():
        return _page(form, 422)
    wanted = guardians.Change(form.guardian(), addresses.number(form.seen.data) or 0)
    try:
        done = tried(form, lambda: (guardians.by_oneself(trainee().id, wanted),))
    except Conflict as late:
        return notices.tell(go(url_for(".guardian_page")), "warn", str(late))
    if done is None:
        return _page(form, 422)
    said = DONE if done[0] else "همین سرپرست ثبت است؛ چیزی تغییر نکرد."
    return notices.tell(go(url_for(".home")), "ok" if done[0] else "", said)


def _page(form: GuardianForm, status: int = 200) -> Response:
    name, is_minor = guardians.of_oneself(trainee().id)
    form.form_key.data = submissions.key_of(form.form_key.data)
    context: dict[str, Any] = {"name": name, "back": url_for(".home"), "is_staff": False}
    context |= {"is_minor": is_minor, "of_age": guardians.age()}
    return Response(
        render_template("persons/guardian.html", form=form, url=url_for(".guardian_save"), **context), status
    )


# -- Where they live ---------------------------------------------------------------


@bp.post("/address")
def address_save() -> Response:
    """The postal code, typed on the page of one's own data."""
    form = PostalCodeForm()
    here = go(url_for(".me_page"))
    if not form.validate():
        return notices.tell(here, "bad", form.said)
    done = places.give(trainee().id, form.postal_code.data or "", people.SELF)
    return notices.tell(here, "ok" if done else "", PLACED if done else SAME_PLACE)
