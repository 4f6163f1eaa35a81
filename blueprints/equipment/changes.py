"""What happened to pieces of an item: written down at once, or a request to the province."""

from flask import Response

from blueprints import notices, routes, uploads
from blueprints.equipment import papers
from blueprints.equipment.items import back
from blueprints.forms import tried
from blueprints.forms.equipment import ChangeForm
from blueprints.guards import me
from blueprints.htmx import render
from models import EquipmentItem, MovementKind
from services import equipment, labels
from services.equipment import Recorded, recording

WAITS = "درخواست به استان رفت و تا تصمیم آن موجودی تغییری نمی‌کند."
SENT_BEFORE = notices.sent_before()


def change_form(item_id: int, kind: str) -> Response:
    return _page(equipment.changeable(me(), item_id), MovementKind(kind), ChangeForm(formdata=None))


@uploads.accepts_file
def change_record(item_id: int, kind: str) -> Response:
    item, form, what = equipment.changeable(me(), item_id), ChangeForm(), MovementKind(kind)
    form.of(what)
    recorded = tried(form, lambda: _recorded(item, form, what)) if form.validate() else None
    if recorded is None:
        return _page(item, what, form, 422)
    if recorded.repeated:
        return back(item_id, SENT_BEFORE, is_done=False)
    return back(item_id, WAITS if recorded.waits else f"{labels.MOVEMENT[what]} ثبت شد.", is_done=True)


def request_withdraw(request_id: int) -> Response:
    item_id = recording.item_of(me(), request_id)
    done = recording.withdraw(me(), request_id)
    return back(item_id, "درخواست پس گرفته شد." if done else "این درخواست پیش‌تر پس گرفته شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------


def _recorded(item: EquipmentItem, form: ChangeForm, kind: MovementKind) -> Recorded:
    return recording.record(me(), form.key(), item.id, form.change(kind, papers.bring(form, item)))


def _page(item: EquipmentItem, kind: MovementKind, form: ChangeForm, status: int = 200) -> Response:
    context = {"item": item, "kind": kind.value, "form": form.of(kind), "failed": status != 200, "labels": labels}
    return render("equipment/change.html", "equipment/_change.html", status, **context)


_KINDS = ",".join(kind.value for kind in equipment.KINDS)
ROUTES: tuple[routes.Route, ...] = (
    (f"/<int:item_id>/<any({_KINDS}):kind>", change_form, ("GET",)),
    (f"/<int:item_id>/<any({_KINDS}):kind>", change_record, ("POST",)),
    ("/requests/<int:request_id>/withdraw", request_withdraw, ("POST",)),
)
