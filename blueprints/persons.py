"""Somebody enrolled, for the staff of the unit: what is known, another mobile on evidence, who answers for a child."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.guardians import GuardianForm
from blueprints.forms.persons import NewMobileForm, PostalCodeForm
from blueprints.guards import me
from blueprints.htmx import go
from models import StoredFile
from services import addresses as places
from services import enrolled, files, guardians, people, renumbering, submissions
from services.errors import Conflict

CHANGED = "شمارهٔ تازه ثبت شد و از شاهکار پرسیده می‌شود. به شمارهٔ پیشین، اگر به نام او بود، و به شمارهٔ تازه خبر می‌رسد."
PLACED = "کد پستی ثبت شد. نشانی آن از پست پرسیده می‌شود."
SAME_PLACE = "همین کد پستی ثبت است؛ چیزی تغییر نکرد."
NAMED = "سرپرست ثبت شد. شمارهٔ او با کد ملی خودش تطبیق داده می‌شود."
SAME = "همین سرپرست ثبت است؛ چیزی تغییر نکرد."


def register(bp: Blueprint) -> None:
    """Add them to the center's blueprint."""
    routes.add(bp, "/enrollments/<int:enrollment_id>", ROUTES)


def person_page(enrollment_id: int) -> str:
    sheet = enrolled.sheet(me(), enrollment_id)
    return render_template(
        "persons/page.html", sheet=sheet, name=people.shown_name(sheet.person), form=PostalCodeForm(None)
    )


# -- The mobile --------------------------------------------------------------------


def person_mobile(enrollment_id: int) -> Response:
    person = enrolled.changeable(me(), enrollment_id).person
    seen = {"seen": renumbering.seen_of(person.mobile)}
    return _mobile_page(enrollment_id, NewMobileForm(formdata=None, data=seen))


@uploads.accepts_file
def person_mobile_save(enrollment_id: int) -> Response:
    enrolled.changeable(me(), enrollment_id)
    form = NewMobileForm()
    if not form.validate():
        return _mobile_page(enrollment_id, form, 422)
    try:
        done = tried(form, lambda: (_renumber(enrollment_id, form),))
    except Conflict as late:
        return _late(".person_mobile", enrollment_id, late)
    if done is None:
        form.form_key.data = None  # what it has brought is kept under its key; another file needs another one
        return _mobile_page(enrollment_id, form, 422)
    here = go(url_for(".person_page", enrollment_id=enrollment_id))
    return notices.tell(here, "ok" if done[0] else "", CHANGED if done[0] else notices.sent_before())


def _renumber(enrollment_id: int, form: NewMobileForm) -> bool:
    return renumbering.change(me(), form.key(), enrollment_id, form.wanted(), brought(renumbering.place()))


def _mobile_page(enrollment_id: int, form: NewMobileForm, status: int = 200) -> Response:
    person = enrolled.changeable(me(), enrollment_id).person
    context = {"person": person, "name": people.shown_name(person), "id": enrollment_id}
    return Response(render_template("persons/mobile.html", form=form.prepare(), **context), status)


# -- The guardian ------------------------------------------------------------------


def person_guardian(enrollment_id: int) -> Response:
    made = enrolled.changeable(me(), enrollment_id)
    return _guardian_page(enrollment_id, GuardianForm.holding(guardians.standing(made.person_id)))


@uploads.accepts_file
def person_guardian_save(enrollment_id: int) -> Response:
    enrolled.changeable(me(), enrollment_id)
    form = GuardianForm()
    if not form.validate():
        return _guardian_page(enrollment_id, form, 422)
    try:
        done = tried(form, lambda: (_guard(enrollment_id, form),))
    except Conflict as late:
        return _late(".person_guardian", enrollment_id, late)
    if done is None:
        form.form_key.data = None
        return _guardian_page(enrollment_id, form, 422)
    here = go(url_for(".person_page", enrollment_id=enrollment_id))
    return notices.tell(here, "ok" if done[0] else "", NAMED if done[0] else SAME)


def _guard(enrollment_id: int, form: GuardianForm) -> bool:
    wanted = guardians.Change(form.guardian(), addresses.number(form.seen.data) or 0)
    return enrolled.name_guardian(me(), enrollment_id, wanted, brought(files.Place(enrolled.GUARDIAN)))


def _guardian_page(enrollment_id: int, form: GuardianForm, status: int = 200) -> Response:
    person = enrolled.changeable(me(), enrollment_id).person
    form.form_key.data = submissions.key_of(form.form_key.data)
    back = url_for(".person_page", enrollment_id=enrollment_id)
    context: dict[str, Any] = {"name": people.shown_name(person), "back": back}
    context |= {"is_minor": guardians.is_minor(person.birth_date), "of_age": guardians.age(), "is_staff": True}
    url = url_for(".person_guardian_save", enrollment_id=enrollment_id)
    return Response(render_template("persons/guardian.html", form=form, url=url, **context), status)


# -- The address -------------------------------------------------------------------


def person_address_save(enrollment_id: int) -> Response:
    made, form = enrolled.changeable(me(), enrollment_id), PostalCodeForm()
    here = go(url_for(".person_page", enrollment_id=enrollment_id))
    if not form.validate():
        return notices.tell(here, "bad", form.said)
    done = places.give(made.person_id, form.postal_code.data or "", people.CLERK, enrolled.by(me(), made))
    return notices.tell(here, "ok" if done else "", PLACED if done else SAME_PLACE)


# -- Support -----------------------------------------------------------------------


def brought(place: files.Place) -> StoredFile | None:
    """The file of this form, if there is one; it belongs to nothing until what it proves is written."""
    sent = request.files.get(uploads.FIELD)
    return uploads.take(me(), place) if sent and sent.filename else None


def _late(page: str, enrollment_id: int, late: Conflict) -> Response:
    return notices.tell(go(url_for(page, enrollment_id=enrollment_id)), "warn", str(late))


ROUTES: tuple[routes.Route, ...] = (
    ("/person", person_page, ("GET",)),
    ("/mobile", person_mobile, ("GET",)),
    ("/mobile", person_mobile_save, ("POST",)),
    ("/guardian", person_guardian, ("GET",)),
    ("/guardian", person_guardian_save, ("POST",)),
    ("/address", person_address_save, ("POST",)),
)
