"""Places, for a center that keeps its own, and for a province and HQ that look at them."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, routes, workshops
from blueprints.forms import tried
from blueprints.forms.places import (
    PlaceForm,
    SwitchForm,
    ask_about_postal_code,
    filled_place,
    place_values,
    sure_of,
)
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, Place, Unit, utcnow
from services import jalali, labels, places, submissions
from services.access import Level
from services.errors import DomainError
from services.late import LateSaving

SENT_BEFORE = notices.sent_before("مکان دیگری ساخته نشد")
MADE = "مکان ثبت شد. حالا کارگاه‌های آن را بنویسید تا دوره‌ها بتوانند آن را انتخاب کنند."


def register(bp: Blueprint, path: str, *, writes: bool = False) -> None:
    """Add the pages to a role's blueprint; those that change something only where places are kept."""
    routes.add(bp, path, (*LOOKING, *workshops.LOOKING))
    if writes:
        routes.add(bp, path, (*WRITING, *workshops.WRITING))


def place_list() -> str:
    words, kind = request.args.get("q", "")[:80], request.args.get("kind", "")
    kind = kind if kind in labels.PLACE_KIND or kind == "off" else ""
    unit_id, after = addresses.number(request.args.get("unit")), addresses.number(request.args.get("after"))
    page = places.listing(me(), kind, words, unit_id=unit_id, after=after)
    kept: dict[str, Any] = {"kind": kind or None, "q": words or None, "unit": unit_id}
    next_url = url_for(".place_list", **kept, after=page.after) if page.after else ""
    context = {"page": page, "kind": kind, "words": words, "unit_id": unit_id, "next_url": next_url}
    return render_template("places/list.html", keeps=places.may_keep(me()), several=_several(), **context)


def place_page(place_id: int) -> Response:
    return _page(place_id, SwitchForm(formdata=None))


def place_week(place_id: int) -> str:
    place, unit, _ = places.get(me(), place_id)
    rooms = [row for row, _ in places.workshops(place_id)]
    saturday = places.first_day(request.args.get("week", ""), jalali.tehran_today(utcnow()))
    days = places.week([room.id for room in rooms], saturday)
    used = {meeting.workshop_id for day in days for meeting in day.meetings}
    shown = [room for room in rooms if room.is_active or room.id in used]
    context = {"place": place, "unit": unit, "rooms": shown, "days": days}
    urls = workshops.weeks(saturday, ".place_week", place_id=place_id)
    return render_template("places/week.html", **context, **urls)


def place_new() -> Response:
    units = places.own_units(me())
    form = PlaceForm()
    form.for_new(units)
    form.offer(_counties(units))
    if form.validate_on_submit():
        made = _tried(form, lambda: _made(form))
        if made:
            kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", MADE)
            return notices.tell(go(url_for(".place_page", place_id=made.id)), kind, said)
    elif not form.is_submitted():
        form.gender.data = "mixed"
    return Response(render_template("places/new.html", form=form), 422 if form.is_submitted() else 200)


def place_edit(place_id: int) -> Response:
    place, unit, _ = places.get(me(), place_id)
    if not places.may_keep(me(), unit.id):
        return go(url_for(".place_page", place_id=place_id))
    return _edit_page(place, unit, filled_place(places.place_values(place), place.version))


def place_save(place_id: int) -> Response:
    places.changeable(me(), place_id)
    form = PlaceForm()
    version = addresses.version(form.version.data)
    form.for_edit()
    try:
        valid = form.validate()
        changed = _tried(form, lambda: (_edited(place_id, version, form),)) if valid else None
    except LateSaving as stale:
        place, unit, _ = places.get(me(), place_id)
        return _edit_page(place, unit, filled_place(stale.merged, place.version), 409, stale)
    if changed is None:
        place, unit, _ = places.get(me(), place_id)
        return _edit_page(place, unit, form, 422)
    said = notices.saved("مکان", changed=changed[0])
    return _back(place_id, said, is_done=changed[0])


def place_disable(place_id: int) -> Response:
    form = SwitchForm()
    try:
        done = places.switch(me(), place_id, on=False, reason=form.reason.data or "")
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _page(place_id, form, 422, getattr(error, "courses", ()))
    said = "مکان غیرفعال شد. دورهٔ تازه آن را نمی‌بیند؛ دوره‌های پیشین آن را نگه می‌دارند."
    return _back(place_id, said if done else "این مکان پیش‌تر غیرفعال شده بود.", is_done=done)


def place_enable(place_id: int) -> Response:
    done = places.switch(me(), place_id, on=True)
    return _back(place_id, "مکان فعال شد." if done else "این مکان فعال بود.", is_done=done)


# -- Support -----------------------------------------------------------------------


def _tried(form: PlaceForm, act: Callable[[], Any]) -> Any:
    """As `tried`; of an unusual postal code the form asks whether it is right."""

    def asking() -> Any:
        try:
            return act()
        except places.UnusualPostalCode as odd:
            ask_about_postal_code(form, str(odd))
            return None

    return tried(form, asking)


def _made(form: PlaceForm) -> places.Made:
    unit_id = form.unit.data if "unit" in form else None
    key = form.form_key.data or submissions.new_key()
    return places.create(me(), key, place_values(form), unit_id, sure_of=sure_of(form))


def _edited(place_id: int, version: int, form: PlaceForm) -> bool:
    return places.edit(me(), place_id, version, place_values(form), sure_of=sure_of(form))


def _counties(units: Sequence[Unit]) -> list[Any]:
    """Of every province in which this person keeps places."""
    return [county for unit in {unit.province_id: unit for unit in units}.values() for county in places.counties(unit)]


def _several() -> bool:
    """Whether a list has to say of which unit each place is."""
    return me().level is not Level.CENTER or len(me().units) > 1


def _page(place_id: int, form: SwitchForm, status: int = 200, courses: Sequence[Course] = ()) -> Response:
    place, unit, county = places.get(me(), place_id)
    context: dict[str, Any] = {"place": place, "unit": unit, "county": county, "form": form, "courses": courses}
    context |= {"rooms": places.workshops(place_id), "history": places.history(place), "several": _several()}
    return Response(render_template("places/page.html", keeps=places.may_keep(me(), unit.id), **context), status)


def _edit_page(
    place: Place, unit: Unit, form: PlaceForm, status: int = 200, stale: LateSaving | None = None
) -> Response:
    form.offer(places.counties(unit))
    context = {"place": place, "form": form, "stale": stale, "failed": status != 200}
    return Response(render_template("places/edit.html", **context), status)


def _back(place_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".place_page", place_id=place_id)), "ok" if is_done else "", said)


LOOKING: tuple[routes.Route, ...] = (
    ("", place_list, ("GET",)),
    ("/<int:place_id>", place_page, ("GET",)),
    ("/<int:place_id>/week", place_week, ("GET",)),
)
WRITING: tuple[routes.Route, ...] = (
    ("/new", place_new, ("GET", "POST")),
    ("/<int:place_id>/edit", place_edit, ("GET",)),
    ("/<int:place_id>/edit", place_save, ("POST",)),
    ("/<int:place_id>/disable", place_disable, ("POST",)),
    ("/<int:place_id>/enable", place_enable, ("POST",)),
)
