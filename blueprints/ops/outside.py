"""The outside systems: how they do, how they are spoken to, the files that go out and come back, answers by hand."""

import csv
import io
from functools import partial
from typing import Any

from flask import Response, current_app, g, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads, workbooks
from blueprints.forms import tried
from blueprints.forms.imports import SheetForm
from blueprints.forms.keyed import KeyedForm
from blueprints.forms.outside import DropForm, HandForm, ModeForm, hand_form
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.ops import bp
from models import ExchangeBatch, utcnow
from services import allowances, exchange, files, imports, letters, modes, outside, outside_hours, standing, text
from services.errors import Conflict
from services.exchange import System, by_hand, reading
from services.files import Place
from services.imports.workbook import safe, write
from services.text import persian_digits

NOTHING = "چیزی برای پرونده نبود: آنچه هست در دست کار است، در پروندهٔ دیگری است یا هنوز شرط رفتن را ندارد."


def outside_list() -> str:
    now = utcnow()
    context = {"modes": modes.every(), "titles": modes.TITLE, "usage": allowances.usage(), "now": now}
    context |= {"loads": {load.topic.value: load for load in letters.loads()}, "rates": outside_hours.rates(now)}
    context |= {
        "systems": standing.systems(current_app.config),
        "files": reading.in_files(),
        "payment": outside.PAYMENT,
    }
    return render_template("ops/outside.html", **context)


def outside_system(code: str) -> Response:
    return _system_page(code, ModeForm(formdata=None))


def outside_switch(code: str) -> Response:
    form = ModeForm()
    now, seen = modes.of(code), form.seen.data or ""
    values = (form.mode.data or "", form.reason.data or "", seen)
    try:
        done = tried(form, lambda: (modes.switch(me().user_id, code, *values),))
    except Conflict as late:
        return _system_page(code, form, 409, refused=str(late))
    if done is None:
        return _system_page(code, form, 422)
    word = modes.TITLE[modes.of(code).mode] if done[0] else modes.TITLE[now.mode]
    said = f"از این پس «{word}» است؛ همهٔ کارگرها همین حالا آن را می‌بینند." if done[0] else f"از پیش «{word}» بود."
    return notices.tell(go(url_for(".outside_system", code=code)), "ok" if done[0] else "", said)


def outside_gather(code: str) -> Response:
    batch_id = exchange.gather(me().user_id, code, KeyedForm().key())
    if batch_id is None:
        return notices.tell(go(url_for(".outside_system", code=code)), "", NOTHING)
    rows = persian_digits(exchange.get(batch_id).row_count)
    answer = go(url_for(".exchange_batch", batch_id=batch_id))
    return notices.tell(answer, "ok", f"{rows} ردیف در این دسته است. پرونده را بگیرید و به سامانه بدهید.")


# -- Files -------------------------------------------------------------------------


def exchange_batch(batch_id: int) -> Response:
    return _batch_page(exchange.get(batch_id), SheetForm(formdata=None), DropForm(formdata=None))


def exchange_file(batch_id: int) -> Response:
    """The file itself; taking it marks its rows as sent, so it is no GET."""
    batch = exchange.send(me().user_id, batch_id)
    lines = list(exchange.lines(batch))
    if request.form.get("as") != "csv":
        guide = [["ستون", "چه نوشته می‌شود"], *exchange.guide(batch.system)]
        return workbooks.sent(batch.number, lambda into: write(into, ("داده", lines), ("راهنما", guide)))
    into = io.StringIO()
    csv.writer(into).writerows([safe(str(cell)) for cell in line] for line in lines)
    response = Response("\ufeff" + into.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{batch.number}.csv"'
    return response


@partial(uploads.accepts_file, most=imports.MOST_BYTES)
def exchange_answer(batch_id: int) -> Response:
    batch, sheet = exchange.get(batch_id), SheetForm()
    name, data = sheet.sent(imports.MOST_BYTES)
    if not name:
        sheet.file.errors = ["پروندهٔ پاسخ را انتخاب کنید"]
        return _batch_page(batch, sheet, DropForm(formdata=None), 422)
    form = exchange.form_of(batch.system)
    sent = tried(sheet, lambda: imports.send(me(), form, sheet.key(), (name, data), exchange.options(batch)))
    if sent is None:
        return _batch_page(batch, sheet, DropForm(formdata=None), 422)
    return go(url_for(".import_batch", batch_id=sent.batch_id))


def exchange_drop(batch_id: int) -> Response:
    batch, form = exchange.get(batch_id), DropForm()
    version = addresses.number(form.version.data) or 0
    left = tried(form, lambda: (exchange.drop(me().user_id, batch_id, version, form.reason.data or ""),))
    if left is None:
        return _batch_page(batch, SheetForm(formdata=None), form, 422)
    said = f"دسته کنار گذاشته شد و {persian_digits(left[0])} ردیف دوباره در صف است."
    return notices.tell(go(url_for(".outside_system", code=batch.system)), "ok", said)


# -- By hand -----------------------------------------------------------------------


def outside_waiting(code: str) -> str:
    g.section = url_for(".outside_list")
    system = exchange.of(code)
    rows, after = by_hand.waiting(system, addresses.number(request.args.get("after")) or 0)
    context = {"system": system, "rows": rows, "mode": modes.of(code).mode, "recent": by_hand.recent(system)}
    next_url = url_for(".outside_waiting", code=code, after=after) if after else ""
    return render_template("ops/waiting.html", next_url=next_url, now=utcnow(), states=reading.ROW, **context)


def outside_answer(code: str, outbox_id: int) -> Response:
    system = exchange.of(code)
    return _hand_page(system, outbox_id, hand_form(system, formdata=None).prepare())


def outside_record(code: str, outbox_id: int) -> Response:
    system = exchange.of(code)
    form = hand_form(system)
    if tried(form, lambda: (_recorded(system, outbox_id, form),)) is None:
        return _hand_page(system, outbox_id, form, 422)
    return notices.tell(go(url_for(".outside_waiting", code=code)), "ok", "پاسخ ثبت شد و همین حالا اثر کرد.")


def _recorded(system: System, outbox_id: int, form: HandForm) -> int:
    by_hand.check(system, form.values(), has_document=form.has_file())
    document = uploads.take(me(), Place(by_hand.OWNER)) if form.has_file() else None
    return by_hand.record(me(), system, outbox_id, form.values(), document)


# -- Support -----------------------------------------------------------------------


def _system_page(code: str, form: ModeForm, status: int = 200, refused: str = "") -> Response:
    g.section = url_for(".outside_list")
    now = modes.of(code)
    kind = exchange.SYSTEMS.get(code)
    context: dict[str, Any] = {"code": code, "switch": now, "form": form.prepare(now), "refused": refused}
    context |= {"title": standing.title(code), "kind": kind, "titles": modes.TITLE, "lacks": modes.lacks_settings(code)}
    context |= {"batches": reading.batches(code) if kind else (), "states": reading.STATE}
    context |= {"waiting": by_hand.count(kind) if kind else 0, "gather": KeyedForm(formdata=None).prepare()}
    return Response(render_template("ops/system.html", **context), status)


def _batch_page(batch: ExchangeBatch, sheet: SheetForm, drop: DropForm, status: int = 200) -> Response:
    g.section = url_for(".outside_list")
    form = exchange.form_of(batch.system)
    sheet.prepare(form, [])
    drop.version.data = batch.version
    state, counts = request.args.get("state", ""), reading.counts(batch.id)
    rows, after = reading.rows(batch.id, state, addresses.number(request.args.get("after")) or 0)
    here: dict[str, Any] = {"batch_id": batch.id, "state": state or None}
    context: dict[str, Any] = {"batch": batch, "sheet": sheet, "drop": drop, "rows": rows, "states": reading.STATE}
    context |= {"row_states": reading.ROW, "title": standing.title(batch.system), "form_": form}
    context |= {"next_url": url_for(".exchange_batch", after=after, **here) if after else ""}
    context |= {"tabs": _tabs(batch, counts, state), "answers": exchange.answers(me(), batch), "imports": imports}
    return Response(render_template("ops/batch.html", **context), status)


def _tabs(batch: ExchangeBatch, counts: Any, state: str) -> list[tuple[str, str, bool]]:
    each = [("", "همه", batch.row_count), *((name, word, counts[name]) for name, (word, _) in reading.ROW.items())]
    return [
        (f"{word} {text.group_thousands(number)}", url_for(".exchange_batch", batch_id=batch.id, state=name or None),
         name == state)
        for name, word, number in each
        if number or not name
    ]  # fmt: skip


def _hand_page(system: System, outbox_id: int, form: HandForm, status: int = 200) -> Response:
    g.section = url_for(".outside_list")
    found = by_hand.one(system, outbox_id)
    most = files.most_bytes(by_hand.OWNER) // (1024 * 1024)
    return Response(render_template("ops/by_hand.html", system=system, found=found, form=form, most=most), status)


ROUTES: tuple[routes.Route, ...] = (
    ("", outside_list, ("GET",)),
    ("/<code>", outside_system, ("GET",)),
    ("/<code>", outside_switch, ("POST",)),
    ("/<code>/gather", outside_gather, ("POST",)),
    ("/<code>/waiting", outside_waiting, ("GET",)),
    ("/<code>/waiting/<int:outbox_id>", outside_answer, ("GET",)),
    ("/<code>/waiting/<int:outbox_id>", partial(uploads.accepts_file)(outside_record), ("POST",)),
    ("/batches/<int:batch_id>", exchange_batch, ("GET",)),
    ("/batches/<int:batch_id>/file", exchange_file, ("POST",)),
    ("/batches/<int:batch_id>/answer", exchange_answer, ("POST",)),
    ("/batches/<int:batch_id>/drop", exchange_drop, ("POST",)),
)
routes.add(bp, "/outside", ROUTES)
