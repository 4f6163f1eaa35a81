"""A row of the list of equipment: as it stands, and as a small form in its place."""

from typing import Any

from flask import Response, url_for

from blueprints import addresses, routes
from blueprints.equipment.items import back
from blueprints.forms import tried
from blueprints.forms.equipment_row import RowForm, row_late, row_of, row_sent
from blueprints.guards import me
from blueprints.htmx import go, render, wants_fragment
from models import EquipmentItem
from services import equipment, labels
from services.equipment import rows
from services.late import LateSaving
from services.servicing import LatePlan

SAVED, SAME = "ذخیره شد", "چیزی برای ذخیره نبود"


def item_row(item_id: int) -> Response:
    """The row alone, for htmx; anybody else gets the page of the item."""
    item = equipment.changeable(me(), item_id)
    return _row(item) if wants_fragment() else go(url_for(".item_page", item_id=item_id))


def row_form(item_id: int) -> Response:
    item = equipment.changeable(me(), item_id)
    return _form(item, row_of(item, equipment.values_of(item)))


def row_save(item_id: int) -> Response:
    item = equipment.changeable(me(), item_id)
    form = row_sent(item)
    if not form.validate():
        return _form(item, form, 422)
    try:
        changed = tried(form, lambda: (_saved(item, form),))
    except LateSaving as stale:
        return _form(stale.row, row_late(stale.row, stale.merged, form), 409, stale)
    except LatePlan as late:
        form.next_on.errors = [str(late)]
        return _form(item, form.show(equipment.get(me(), item_id)), 409)
    if changed is None:
        return _form(item, form, 422)
    said = SAVED if changed[0] else SAME
    if wants_fragment():
        return _row(equipment.get(me(), item_id), said)
    return back(item_id, f"{said}.", is_done=changed[0])


# -- Support -----------------------------------------------------------------------


def _saved(item: EquipmentItem, form: RowForm) -> bool:
    version, values = addresses.version(form.version.data), form.facts(equipment.values_of(item))
    return rows.save(me(), item.id, version, values, form.plans(item))


def _row(item: EquipmentItem, said: str = "") -> Response:
    context: dict[str, Any] = {"item": item, "keeps": True, "from_form": True, "said": said, "labels": labels}
    return render("equipment/_row.html", "equipment/_row.html", **context)


def _form(item: EquipmentItem, form: RowForm, status: int = 200, stale: LateSaving | None = None) -> Response:
    wrong = [field.name for field in form if field.errors]
    first = wrong[0] if wrong else "" if stale else "condition"
    context = {"item": item, "form": form, "stale": stale, "first": first, "failed": status != 200, "labels": labels}
    return render("equipment/row.html", "equipment/_row_form.html", status, **context)


ROUTES: tuple[routes.Route, ...] = (
    ("/<int:item_id>/row", item_row, ("GET",)),
    ("/<int:item_id>/row/edit", row_form, ("GET",)),
    ("/<int:item_id>/row/edit", row_save, ("POST",)),
)
