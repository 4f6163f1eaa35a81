"""Counts of workshops: opened, counted on phones with or without a line, and closed by the manager."""

import re
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.stocktakes import CloseForm, CountForm, DropForm, OpenForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Stocktake, StocktakeState
from services import labels, property_labels
from services.equipment import reading as equipment
from services.errors import Conflict, DomainError
from services.stocktakes import closing, counting, reading, remaining
from services.stocktakes.counting import Counted
from services.stocktakes.differences import Line
from services.stocktakes.remaining import Cursor
from services.text import persian_digits

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of an item
# Only here may a page ask for the camera; the browser still asks the person.
CAMERA = "camera=(self), geolocation=(), microphone=(), payment=()"
SENT = "شمارش به مدیر فرستاده شد. تا او آن را نبیند دفتر تغییری نمی‌کند."
REOPENED = "شمارش دوباره باز است. آنچه شمرده شده بود مانده است."
DROPPED = "شمارش کنار گذاشته شد و دفتر همان‌گونه ماند."


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, ROUTES)


def stocktake_list() -> Response:
    return _list_page(OpenForm(formdata=None))


def stocktake_open() -> Response:
    form = OpenForm()
    if not form.workshop.data:
        form.workshop.errors = ["کارگاه را انتخاب کنید"]
        return _list_page(form, 422)
    opened = tried(form, lambda: counting.open_count(me(), form.workshop.data))
    if opened is None:
        return _list_page(form, 422)
    stocktake, is_new = opened
    response = go(url_for(".stocktake_count", stocktake_id=stocktake.id))
    return response if is_new else notices.tell(response, "", "این کارگاه شمارش باز دارد؛ همان را می‌بینید.")


def stocktake_page(stocktake_id: int) -> Response:
    return _page(stocktake_id, CloseForm(formdata=None), DropForm(formdata=None))


def stocktake_count(stocktake_id: int) -> Response:
    form = CountForm(formdata=None)
    form.label.data = request.args.get("label", "")[:120]
    return _count_page(stocktake_id, form)


def stocktake_record(stocktake_id: int) -> Response:
    form = CountForm()
    form.validate()
    wrong = next((str(field.errors[0]) for field in form if field.errors), "")
    count = form.count(is_missing=request.form.get("do") == "missing")
    if request.accept_mimetypes.best == "application/json":
        return _told(wrong, lambda: counting.record(me(), stocktake_id, count))
    counted = None if wrong else tried(form, lambda: counting.record(me(), stocktake_id, count))
    if counted is None:
        return _count_page(stocktake_id, form, 422)
    response = go(url_for(".stocktake_count", stocktake_id=stocktake_id, after=_written(_after())))
    return notices.tell(response, "ok", _said(counted))


def stocktake_items(stocktake_id: int) -> Response:
    """A part of the page of counting: every item, for the script to know those that stand on no page before it."""
    items = remaining.everything(reading.countable(me(), stocktake_id))
    return Response(render_template("stocktakes/_items.html", items=items, label_of=property_labels.label))


def stocktake_send(stocktake_id: int) -> Response:
    done = closing.send(me(), stocktake_id)
    return _back(stocktake_id, SENT if done else "این شمارش پیش‌تر فرستاده شده بود.", is_done=done)


def stocktake_reopen(stocktake_id: int) -> Response:
    done = closing.reopen(me(), stocktake_id)
    return _back(stocktake_id, REOPENED if done else "این شمارش باز است.", is_done=done)


def stocktake_close(stocktake_id: int) -> Response:
    form, drop = CloseForm(), DropForm(formdata=None)
    seen, rest = addresses.number(form.seen.data) or 0, bool(form.leave_rest.data)
    done = tried(form, lambda: (closing.close(me(), stocktake_id, seen, leave_rest=rest),))
    if done is None:
        return _page(stocktake_id, form, drop, 422)
    if done[0] is None:
        return _back(stocktake_id, "این شمارش پیش‌تر بسته شده بود.", is_done=False)
    waiting = f" {persian_digits(done[0])} تغییر بالاتر از حد است و در انتظار استان." if done[0] else ""
    return _back(stocktake_id, f"شمارش بسته شد و تفاوت‌ها به دفتر رفت.{waiting}", is_done=True)


def stocktake_drop(stocktake_id: int) -> Response:
    form = DropForm()
    done = tried(form, lambda: (closing.drop(me(), stocktake_id, form.reason.data or ""),))
    if done is None:
        return _page(stocktake_id, CloseForm(formdata=None), form, 422)
    return _back(stocktake_id, DROPPED if done[0] else "این شمارش پیش‌تر کنار گذاشته شده بود.", is_done=done[0])


# -- Support -----------------------------------------------------------------------


def _list_page(form: OpenForm, status: int = 200) -> Response:
    form.offer(list(equipment.workshops(equipment.keeper(me()))))
    page = reading.ended(me(), addresses.number(request.args.get("after")))
    next_url = url_for(".stocktake_list", after=page.after) if page.after else ""
    context = {"opened": reading.open_ones(me()), "page": page, "next_url": next_url}
    return Response(render_template("stocktakes/list.html", form=form, **context), status)


def _page(stocktake_id: int, form: CloseForm, drop: DropForm, status: int = 200) -> Response:
    ended = reading.whole(reading.get(me(), stocktake_id))
    form.seen.data = str(ended.last)
    stocktake = ended.stocktake
    closes = reading.closes(me(), stocktake)
    drops = closes or stocktake.opened_by_id == me().user_id
    may = {"closes": closes, "drops": drops and stocktake.state in reading.OPEN}
    lines, after = remaining.differences(ended.different, _after())
    context = {"ended": ended, "names": _names(stocktake, lines), "stocktake": stocktake, "form": form, "drop": drop}
    context |= {"lines": lines, "at": _written(_after()), "following": _written(after), "failed": status != 200}
    context["blocked"] = [line for line in ended.different if closing.blocked(line)]
    return Response(render_template("stocktakes/page.html", why=closing.blocked, **context, **may), status)


def _names(stocktake: Stocktake, lines: Sequence[Line]) -> dict[int, str]:
    """What those on the page are called, by the ids of the users."""
    people = [stocktake.opened_by_id, stocktake.counted_by_id, stocktake.closed_by_id]
    return reading.names([*people, *(line.count.counted_by_id for line in lines if line.count)])


def _count_page(stocktake_id: int, form: CountForm, status: int = 200) -> Response:
    stocktake = reading.countable(me(), stocktake_id)
    if stocktake.state is not StocktakeState.OPEN:
        return go(url_for(".stocktake_page", stocktake_id=stocktake_id))
    form.offer_key()
    page = remaining.page(stocktake, _after())
    found = remaining.item(stocktake, property_labels.item_id(form.label.data))
    named = f"{found.name}، شمارش به {found.unit_of_count}" if found else ""
    context = {"stocktake": stocktake, "page": page, "named": named, "form": form}
    context |= {"at": _written(_after()), "following": _written(page.after)}
    response = Response(render_template("stocktakes/count.html", label_of=property_labels.label, **context), status)
    response.headers["Permissions-Policy"] = CAMERA
    return response


def _after() -> Cursor | None:
    """Where the list on the page begins."""
    at = re.fullmatch(CURSOR, request.args.get("after", ""))
    return (at[1], int(at[2])) if at else None


def _written(after: Cursor | None) -> str | None:
    return f"{after[0]}_{after[1]}" if after else None


def _told(wrong: str, act: Callable[[], Counted]) -> Response:
    """A count that the script sent: what became of it, in a sentence. What another sending may mend is not caught."""
    try:
        if wrong:
            raise DomainError(wrong)
        said, status = _said(act()), 200
    except DomainError as error:
        if error.status not in (DomainError.status, Conflict.status):
            raise
        said, status = str(error), error.status
    response = jsonify(said=said)
    response.status_code = status
    return response


def _said(counted: Counted) -> str:
    if counted.quantity == 0:
        return f"«{counted.item.name}»: پیدا نشد"
    pieces = labels.pieces(counted.quantity, counted.item.unit_of_count)
    return f"«{counted.item.name}»: {pieces}، {persian_digits(counted.serviceable)} سالم"


def _back(stocktake_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".stocktake_page", stocktake_id=stocktake_id)), "ok" if is_done else "", said)


ROUTES: tuple[routes.Route, ...] = (
    ("", stocktake_list, ("GET",)),
    ("", stocktake_open, ("POST",)),
    ("/<int:stocktake_id>", stocktake_page, ("GET",)),
    ("/<int:stocktake_id>/count", stocktake_count, ("GET",)),
    ("/<int:stocktake_id>/count", stocktake_record, ("POST",)),
    ("/<int:stocktake_id>/items", stocktake_items, ("GET",)),
    ("/<int:stocktake_id>/send", stocktake_send, ("POST",)),
    ("/<int:stocktake_id>/reopen", stocktake_reopen, ("POST",)),
    ("/<int:stocktake_id>/close", stocktake_close, ("POST",)),
    ("/<int:stocktake_id>/drop", stocktake_drop, ("POST",)),
)
