"""The list of equipment, one item, and its facts."""

import re
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.equipment import papers
from blueprints.forms import tried
from blueprints.forms.equipment import (
    FileForm,
    ItemForm,
    ReasonForm,
    facts_of,
    facts_sent,
    first_stock,
    item_values,
    new_item,
)
from blueprints.guards import me
from blueprints.htmx import go, render
from models import Condition, EquipmentGroup, EquipmentItem
from services import equipment, files, labels, units
from services.access import Level
from services.equipment import Filter, documents, edits, history, move_lists
from services.late import LateSaving

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of an item
MADE = "قلم ثبت شد. حالا برچسب آن را چاپ کنید یا عکسش را بیفزایید."
SENT_BEFORE = notices.sent_before("قلم دیگری ساخته نشد")


def equipment_list(unit_id: int | None = None) -> str:
    """The equipment that this person keeps; for a province or HQ, that of one unit there."""
    unit = units.get(me(), unit_id) if unit_id else None
    unit_ids = (unit.id,) if unit else equipment.keeper(me())
    wanted, after = _wanted(), re.fullmatch(CURSOR, request.args.get("after", ""))
    page = equipment.listing(unit_ids, wanted, (after[1], int(after[2])) if after else None)
    return render_template(
        "equipment/list.html",
        unit=unit,
        keeps=unit is None,
        page=page,
        wanted=wanted,
        workshops=equipment.workshops(unit_ids),
        arriving=0 if unit else move_lists.arriving_count(me()),
        next_url=_next_url(page, unit_id),
        labels=labels,
    )


def item_new() -> Response:
    form = new_item(equipment.workshops(equipment.keeper(me())))
    made = tried(form, lambda: _made(form)) if form.validate_on_submit() else None
    if made:
        kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", MADE)
        return notices.tell(go(url_for(".item_page", item_id=made.item.id)), kind, said)
    return Response(render_template("equipment/new.html", form=form), 422 if form.is_submitted() else 200)


def item_page(item_id: int) -> Response:
    """For those who keep it, and without anything to press for a province and HQ."""
    return show(equipment.get(me(), item_id))


def item_edits(item_id: int) -> str:
    item = equipment.get(me(), item_id)
    past = edits.edits(item_id, addresses.number(request.args.get("before")))
    return render_template("equipment/edits.html", item=item, past=past)


def item_edit(item_id: int) -> Response:
    item = equipment.changeable(me(), item_id)
    return _edit_page(item, facts_of(item, equipment.values_of(item)))


def item_save(item_id: int) -> Response:
    item, form = equipment.changeable(me(), item_id), facts_sent()
    version = addresses.version(form.version.data)
    if not form.validate():
        return _edit_page(item, form, 422)
    try:
        changed = tried(form, lambda: (equipment.edit(me(), item_id, version, item_values(form)),))
    except LateSaving as stale:
        return _edit_page(stale.row, facts_of(stale.row, stale.merged), 409, stale)
    if changed is None:
        return _edit_page(item, form, 422)
    said = notices.saved("این قلم", changed=changed[0])
    return back(item_id, said, is_done=changed[0])


def item_aside(item_id: int) -> Response:
    item, form = equipment.changeable(me(), item_id), ReasonForm()
    done = tried(form, lambda: (equipment.put_aside(me(), item_id, form.reason.data or ""),))
    if done is None:
        return show(item, 422, aside=form)
    said = "قلم کنار گذاشته شد و دیگر در فهرست نیست." if done[0] else "این قلم پیش‌تر کنار گذاشته شده بود."
    return back(item_id, said, is_done=done[0])


def item_return(item_id: int) -> Response:
    done = equipment.bring_back(me(), item_id)
    return back(item_id, "قلم به فهرست برگشت." if done else "این قلم در فهرست بود.", is_done=done)


@uploads.accepts_file
def item_file(item_id: int) -> Response:
    item, form = equipment.changeable(me(), item_id), FileForm().prepare()
    taken = tried(form, lambda: uploads.take(me(), documents.place_of(item)))
    if taken is None:
        return show(item, 422, photo=form)
    return back(item_id, "پرونده رسید و پس از بررسی نشان داده می‌شود.", is_done=True)


def item_file_remove(item_id: int, key: str) -> Response:
    done = documents.remove(me(), item_id, key)
    return back(item_id, "پرونده برداشته شد." if done else "این پرونده پیش‌تر برداشته شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------

_ASKED = ("q", "group", "workshop", "condition", "show")


def _wanted() -> Filter:
    asked = request.args
    group, condition = asked.get("group", ""), asked.get("condition", "")
    return Filter(
        words=asked.get("q", "")[:80],
        group=EquipmentGroup(group) if group in set(EquipmentGroup) else None,
        workshop_id=addresses.number(asked.get("workshop")),
        condition=Condition(condition) if condition in set(Condition) else None,
        broken=asked.get("show") == "broken",
        aside=asked.get("show") == "aside",
    )


def _next_url(page: equipment.Page, unit_id: int | None) -> str:
    if not page.after:
        return ""
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name in _ASKED and value}
    return url_for(".equipment_list", unit_id=unit_id, **asked, after=f"{page.after[0]}_{page.after[1]}")


def _made(form: ItemForm) -> equipment.Made:
    return equipment.create(me(), form.key(), form.workshop.data or 0, item_values(form), first_stock(form))


def _edit_page(item: EquipmentItem, form: ItemForm, status: int = 200, stale: LateSaving | None = None) -> Response:
    context = {"item": item, "form": form, "stale": stale, "failed": status != 200}
    return Response(render_template("equipment/edit.html", **context), status)


def show(
    item: EquipmentItem, status: int = 200, *, aside: ReasonForm | None = None, photo: FileForm | None = None
) -> Response:
    """The page of an item; after a refusal with the form that was sent."""
    past = history.movements(item.id, addresses.number(request.args.get("before")))
    context = {
        "item": item,
        "past": past,
        "requests": history.requests(item.id),
        "moves": history.open_moves(item.id),
        "papers": files.of_owner(documents.OWNER, item.id),
        "why_refused": papers.why_refused,
        "aside": aside or ReasonForm(formdata=None),
        "photo": photo or FileForm(formdata=None).prepare(),
        "keeps": item.unit_id in equipment.units_of(me()),
        "unit": None if me().level is Level.CENTER else units.get(me(), item.unit_id),
        "kinds": equipment.KINDS,
        "change": history.change,
        "labels": labels,
        "failed": status != 200,
    }
    # Only the form of a photo is sent by htmx; whoever else asks gets the page.
    part = "equipment/_photo.html" if photo else "equipment/item.html"
    return render("equipment/item.html", part, status, **context)


def back(item_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".item_page", item_id=item_id)), "ok" if is_done else "", said)


ROUTES: tuple[routes.Route, ...] = (
    ("", equipment_list, ("GET",)),
    ("/new", item_new, ("GET", "POST")),
    ("/<int:item_id>", item_page, ("GET",)),
    ("/<int:item_id>/edits", item_edits, ("GET",)),
    ("/<int:item_id>/edit", item_edit, ("GET",)),
    ("/<int:item_id>/edit", item_save, ("POST",)),
    ("/<int:item_id>/aside", item_aside, ("POST",)),
    ("/<int:item_id>/return", item_return, ("POST",)),
    ("/<int:item_id>/files", item_file, ("POST",)),
    ("/<int:item_id>/files/<key>/remove", item_file_remove, ("POST",)),
)
