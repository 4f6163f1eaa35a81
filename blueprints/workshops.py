"""Workshops of a place: what stands in them, who is there when, which standards they can host."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.places import SwitchForm, WorkshopForm, filled_workshop
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, utcnow
from services import jalali, places, standards, submissions
from services.errors import DomainError
from services.late import LateSaving
from services.places import Room, lacking

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a standard
SENT_BEFORE = notices.sent_before("کارگاه دیگری ساخته نشد")
MADE = "کارگاه ثبت شد. حالا استانداردهایی را که می‌تواند برگزار کند انتخاب کنید."
IS_OUT = "این کارگاه غیرفعال شد. دورهٔ تازه آن را نمی‌بیند؛ دوره‌های پیشین آن را نگه می‌دارند."


def workshop_page(workshop_id: int) -> Response:
    return _page(workshop_id, SwitchForm(formdata=None))


def workshop_new(place_id: int) -> Response:
    place = places.changeable(me(), place_id)
    form = WorkshopForm()
    form.for_new()
    form.offer(places.teachers(place.unit_id))
    if form.validate_on_submit():
        key = form.form_key.data or submissions.new_key()
        made = tried(form, lambda: places.create_workshop(me(), place_id, key, form.values()))
        if made:
            kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", MADE)
            return notices.tell(go(url_for(".workshop_page", workshop_id=made.id)), kind, said)
    elif not form.is_submitted():
        form.has_power.data = True
    page = render_template("places/workshop_new.html", form=form, place=place)
    return Response(page, 422 if form.is_submitted() else 200)


def workshop_edit(workshop_id: int) -> Response:
    room = places.room(me(), workshop_id)
    if not places.may_keep(me(), room.unit.id):
        return go(url_for(".workshop_page", workshop_id=workshop_id))
    return _edit_page(room, filled_workshop(places.workshop_values(room.workshop), room.workshop.version))


def workshop_save(workshop_id: int) -> Response:
    room = places.changeable_room(me(), workshop_id)
    form = WorkshopForm()
    version = addresses.version(form.version.data)
    form.for_edit()
    if not form.validate():
        return _edit_page(room, form, 422)
    try:
        done = places.edit_workshop(me(), workshop_id, version, form.values())
    except LateSaving as stale:
        room = places.room(me(), workshop_id)
        return _edit_page(room, filled_workshop(stale.merged, room.workshop.version), 409, stale)
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _edit_page(room, form, 422, courses=getattr(error, "courses", ()))
    said = notices.saved("کارگاه", changed=done)
    return _back(workshop_id, said, is_done=done)


def workshop_disable(workshop_id: int) -> Response:
    form = SwitchForm()
    try:
        done = places.switch_workshop(me(), workshop_id, on=False, reason=form.reason.data or "")
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _page(workshop_id, form, 422, getattr(error, "courses", ()))
    return _back(workshop_id, IS_OUT if done else "این کارگاه پیش‌تر غیرفعال شده بود.", is_done=done)


def workshop_enable(workshop_id: int) -> Response:
    done = places.switch_workshop(me(), workshop_id, on=True)
    return _back(workshop_id, "کارگاه فعال شد." if done else "این کارگاه فعال بود.", is_done=done)


# -- Standards ---------------------------------------------------------------------


def workshop_standards(workshop_id: int) -> Response:
    room = places.room(me(), workshop_id)
    if not places.may_keep(me(), room.unit.id):
        return go(url_for(".workshop_page", workshop_id=workshop_id))
    return _standards_page(room)


def workshop_standard_add(workshop_id: int) -> Response:
    standard_id = addresses.number(request.form.get("standard")) or 0
    try:
        done = places.add_standard(me(), workshop_id, standard_id)
    except DomainError as error:
        if error.status != 422:
            raise
        return _standards_page(places.room(me(), workshop_id), error)
    url = url_for(".workshop_standards", workshop_id=workshop_id, q=request.form.get("q", "")[:80] or None)
    said = "استاندارد به کارگاه افزوده شد." if done else "این استاندارد پیش‌تر افزوده شده بود."
    return notices.tell(go(url), "ok" if done else "", said)


def workshop_standard_remove(workshop_id: int, standard_id: int) -> Response:
    try:
        done = places.remove_standard(me(), workshop_id, standard_id)
    except DomainError as error:
        if error.status != 422:
            raise
        return _standards_page(places.room(me(), workshop_id), error)
    said = "استاندارد از کارگاه برداشته شد." if done else "این استاندارد پیش‌تر برداشته شده بود."
    answer = go(url_for(".workshop_standards", workshop_id=workshop_id))
    return notices.tell(answer, "ok" if done else "", said)


# -- Support -----------------------------------------------------------------------


def _page(workshop_id: int, form: SwitchForm, status: int = 200, courses: Sequence[Course] = ()) -> Response:
    room = places.room(me(), workshop_id)
    saturday = places.first_day(request.args.get("week", ""), jalali.tehran_today(utcnow()))
    context: dict[str, Any] = {"room": room, "form": form, "courses": courses, "history": places.history(room.workshop)}
    context |= {"hosted": places.hosted(workshop_id), "short": lacking.counts(workshop_id)}
    context |= {"days": places.week([workshop_id], saturday), "keeps": places.may_keep(me(), room.unit.id)}
    context |= weeks(saturday, ".workshop_page", workshop_id=workshop_id)
    return Response(render_template("places/workshop.html", **context), status)


def weeks(saturday: date, endpoint: str, **values: Any) -> dict[str, str]:
    """The addresses of the week before and after one, for a page with a table of a week."""
    urls = {}
    for name, step in (("before_url", -7), ("after_url", 7)):
        week = (saturday + timedelta(days=step)).isoformat()
        urls[name] = url_for(endpoint, **values, week=week, _anchor="week")
    return urls


def _edit_page(
    room: Room,
    form: WorkshopForm,
    status: int = 200,
    stale: LateSaving | None = None,
    courses: Sequence[Course] = (),
) -> Response:
    form.offer(places.teachers(room.unit.id))
    context: dict[str, Any] = {"room": room, "form": form, "stale": stale, "failed": status != 200, "courses": courses}
    return Response(render_template("places/workshop_edit.html", **context), status)


def _standards_page(room: Room, refused: DomainError | None = None) -> Response:
    words, at = request.values.get("q", "")[:80], re.fullmatch(CURSOR, request.values.get("after", ""))
    found = standards.search(words, after=(at[1], int(at[2])) if at else None) if words.strip() else []
    following = f"{found[24].title_sort}_{found[24].id}" if len(found) > 25 else ""
    context: dict[str, Any] = {
        "room": room,
        "hosted": places.hosted(room.workshop.id),
        "found": found[:25],
        "words": words,
    }
    context |= {"next_after": following, "refused": refused, "courses": getattr(refused, "courses", ())}
    return Response(render_template("places/standards.html", **context), refused.status if refused else 200)


def _back(workshop_id: int, said: str, *, is_done: bool) -> Response:
    answer = go(url_for(".workshop_page", workshop_id=workshop_id))
    return notices.tell(answer, "ok" if is_done else "", said)


LOOKING: tuple[routes.Route, ...] = (("/workshops/<int:workshop_id>", workshop_page, ("GET",)),)
_ONE = "/workshops/<int:workshop_id>"
WRITING: tuple[routes.Route, ...] = (
    ("/<int:place_id>/workshops/new", workshop_new, ("GET", "POST")),
    (f"{_ONE}/edit", workshop_edit, ("GET",)),
    (f"{_ONE}/edit", workshop_save, ("POST",)),
    (f"{_ONE}/disable", workshop_disable, ("POST",)),
    (f"{_ONE}/enable", workshop_enable, ("POST",)),
    (f"{_ONE}/standards", workshop_standards, ("GET",)),
    (f"{_ONE}/standards", workshop_standard_add, ("POST",)),
    (f"{_ONE}/standards/<int:standard_id>/remove", workshop_standard_remove, ("POST",)),
)
