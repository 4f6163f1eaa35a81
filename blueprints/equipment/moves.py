"""Moves of equipment between workshops: sending, receiving, giving back."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.equipment import papers
from blueprints.forms import tried
from blueprints.forms.equipment import ArrivalForm, MoveForm, ReturnForm
from blueprints.forms.keyed import KeyedForm
from blueprints.guards import me
from blueprints.htmx import go, render
from models import EquipmentItem, EquipmentTransfer, TransferState
from services import equipment, labels, submissions
from services.equipment import history, move_lists, targets, transfers
from services.equipment.transfers import Done
from services.text import persian_digits

TABS = {"in": "به سوی ما", "out": "فرستادهٔ ما", "asked": "درخواست‌ها", "done": "پایان‌یافته"}
EMPTY = {
    "in": "چیزی در راه این مرکز نیست.",
    "out": "چیزی نفرستاده‌اید که در راه یا در انتظار باشد. جابه‌جایی از صفحهٔ هر قلم آغاز می‌شود.",
    "asked": "درخواستی در انتظار استان نیست.",
    "done": "هنوز جابه‌جایی پایان‌یافته‌ای نیست.",
}
SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود؛ همان جابه‌جایی را می‌بینید و چیزی دوباره فرستاده نشد."
BEFORE = "پیش‌تر ثبت شد. همان یک بار است و چیزی دوباره ثبت نشد."
SENT = "از دفتر این کارگاه کم شد. وقتی رسید، گیرنده آن را در همین صفحه تحویل می‌گیرد."
WAITS = "درخواست به استان رفت. تا پذیرفته نشود چیزی جابه‌جا نمی‌شود."


def move_form(item_id: int) -> Response:
    return _form_page(equipment.changeable(me(), item_id), MoveForm(formdata=None))


@uploads.accepts_file
def move_send(item_id: int) -> Response:
    item, form = equipment.changeable(me(), item_id), MoveForm()
    form.to(())
    asked = tried(form, lambda: _asked(item, form)) if form.validate() else None
    if asked is None:
        return _form_page(item, form, 422)
    said = SENT_BEFORE if asked.repeated else WAITS if asked.transfer.state is TransferState.WAITING else SENT
    return _to_move(asked.transfer.id, said, is_done=not asked.repeated)


def move_list() -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "in"
    page = move_lists.listing(me(), tab, addresses.number(request.args.get("before")))
    counts = move_lists.counts(me())
    tabs = [(_tab(name, counts), url_for(".move_list", tab=name), name == tab) for name in TABS]
    next_url = url_for(".move_list", tab=tab, before=page.before) if page.before else ""
    context = {"tabs": tabs, "tab": tab, "next_url": next_url, "empty": EMPTY[tab], "labels": labels}
    return render_template("equipment/moves.html", rows=page.rows, mine=equipment.units_of(me()), **context)


def move_page(transfer_id: int) -> Response:
    return _page(transfers.get(me(), transfer_id))


def move_receive(transfer_id: int) -> Response:
    form = ArrivalForm()
    got = tried(form, lambda: _received(transfer_id, form)) if form.validate() else None
    if got is None:
        return _page(transfers.get(me(), transfer_id), 422, arrival=form)
    rest = got.transfer.pieces - (form.pieces.data or 0)
    unit = got.transfer.item.unit_of_count
    said = f" {persian_digits(rest)} {unit} که نرسید به دفتر فرستنده برگشت." if rest else ""
    return _settled(got, f"تحویل گرفته شد و به دفتر این کارگاه رفت.{said}")


def move_return(transfer_id: int) -> Response:
    form = ReturnForm()
    done = tried(form, lambda: transfers.give_back(me(), form.key(), transfer_id, form.why.data or ""))
    if done is None:
        return _page(transfers.get(me(), transfer_id), 422, back=form)
    return _settled(done, "برگشت ثبت شد و همه به دفتر فرستنده برگشت.")


def move_withdraw(transfer_id: int) -> Response:
    done = transfers.withdraw(me(), KeyedForm().key(), transfer_id)
    return _settled(done, "درخواست پس گرفته شد؛ چیزی جابه‌جا نمی‌شود.")


# -- Support -----------------------------------------------------------------------


def _target(item: EquipmentItem) -> int:
    """The unit whose workshops are offered: the own one until another is chosen."""
    return addresses.number(request.args.get("to")) or item.unit_id


def _asked(item: EquipmentItem, form: MoveForm) -> Done:
    return transfers.ask(me(), form.key(), item.id, form.move(papers.bring(form, item)))


def _received(transfer_id: int, form: ArrivalForm) -> Done:
    pieces: Any = form.pieces.data
    working: Any = form.working.data
    return transfers.receive(me(), form.key(), transfer_id, pieces, working, form.note.data or "")


def _form_page(item: EquipmentItem, form: MoveForm, status: int = 200) -> Response:
    units = targets.units(item)
    to = next((unit for unit in units if unit.id == _target(item)), units[0])
    form.to(targets.workshops(item, to.id))
    context = {"item": item, "form": form, "units": units, "to": to, "failed": status != 200, "labels": labels}
    return render("equipment/move_new.html", "equipment/_move.html", status, **context)


def _page(
    transfer: EquipmentTransfer,
    status: int = 200,
    *,
    arrival: ArrivalForm | None = None,
    back: ReturnForm | None = None,
) -> Response:
    sent = {"pieces": transfer.pieces, "working": transfer.working}
    mine = equipment.units_of(me())
    context = {
        "transfer": transfer,
        "rows": history.of_transfer(transfer.id),
        "people": history.people(transfer.asked_by_id, transfer.decided_by_id, transfer.settled_by_id),
        "units": history.unit_titles(transfer.from_unit_id, transfer.to_unit_id),
        "arrival": (arrival or ArrivalForm(formdata=None, data=sent)).prepare(),
        "back": (back or ReturnForm(formdata=None)).prepare(),
        "withdrawal_key": submissions.new_key(),
        "receives": transfer.to_unit_id in mine,
        "sends": transfer.from_unit_id in mine,
        "sees_item": equipment.sees(me(), transfer.item),
        "change": history.change,
        "labels": labels,
        "failed": status != 200,
    }
    return Response(render_template("equipment/move.html", **context), status)


def _tab(name: str, counts: dict[str, int]) -> str:
    return f"{TABS[name]} {persian_digits(counts[name])}" if counts.get(name) else TABS[name]


def _settled(done: Done, said: str) -> Response:
    return _to_move(done.transfer.id, BEFORE if done.repeated else said, is_done=not done.repeated)


def _to_move(transfer_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".move_page", transfer_id=transfer_id)), "ok" if is_done else "", said)


ROUTES: tuple[routes.Route, ...] = (
    ("/<int:item_id>/move", move_form, ("GET",)),
    ("/<int:item_id>/move", move_send, ("POST",)),
    ("/transfers", move_list, ("GET",)),
    ("/transfers/<int:transfer_id>", move_page, ("GET",)),
    ("/transfers/<int:transfer_id>/receive", move_receive, ("POST",)),
    ("/transfers/<int:transfer_id>/return", move_return, ("POST",)),
    ("/transfers/<int:transfer_id>/withdraw", move_withdraw, ("POST",)),
)
