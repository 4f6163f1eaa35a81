"""Sending a sheet, looking through it, importing it and taking it back; the same pages at every level."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms.imports import SheetForm
from blueprints.guards import me
from blueprints.htmx import go, render
from models import ImportBatch, ImportState
from services import imports
from services.errors import DomainError, NotAllowed
from services.imports import ImportForm
from services.text import persian_digits

SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود؛ همان پرونده را می‌بینید."
TABS = (
    ("", "همه"), ("bad", "خطا"), ("new", "تازه"), ("changed", "تغییر"), ("missing", "از رده"), ("same", "بدون تغییر"),
    ("failed", "ثبت‌نشده"), ("kept", "برنگشته"),
)  # fmt: skip
STARTED = "ثبت آغاز شد. می‌توانید این صفحه را ترک کنید؛ کار ادامه پیدا می‌کند."
UNDOING = "برگرداندن آغاز شد. می‌توانید این صفحه را ترک کنید؛ کار ادامه پیدا می‌کند."


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, ROUTES)


def register_batches(bp: Blueprint, path: str) -> None:
    """Only the pages of a sheet that was sent: its subject has a page of its own that sends it, and takes none back."""
    routes.add(bp, path, (each for each in ROUTES if each[0].startswith("/batches/") and each[1] is not import_undo))


def import_form(form_code: str) -> Response:
    return _form_page(_form(form_code), SheetForm(formdata=None))


@partial(uploads.accepts_file, most=imports.MOST_BYTES)
def import_send(form_code: str) -> Response:
    form, sheet = _form(form_code), SheetForm()
    name, data = sheet.sent(imports.MOST_BYTES)
    if not name:
        sheet.file.errors = ["پروندهٔ اکسل یا CSV را انتخاب کنید"]
        return _form_page(form, sheet, 422)
    try:
        sent = imports.send(me(), form, sheet.key(), (name, data), sheet.options(form))
    except DomainError as refused:
        if refused.field not in ("file", "unit"):
            raise
        sheet[refused.field].errors = [str(refused)]
        return _form_page(form, sheet, refused.status)
    response = go(url_for(".import_batch", batch_id=sent.batch_id))
    return notices.tell(response, "", SENT_BEFORE) if sent.repeated else response


def import_template(form_code: str) -> Response:
    form = _form(form_code)
    return _workbook(imports.template(form), f"{form.code}.xlsx")


def import_batch(batch_id: int) -> Response:
    batch = imports.get(me(), batch_id)
    form = imports.form_of(batch.form)
    g.section = form.home
    if form.lands and batch.state == ImportState.DONE:
        return go(form.lands(batch))
    found = imports.counts(batch) if batch.read_at else {}
    tab = request.args.get("tab", "")
    rows = imports.rows(batch, tab, addresses.number(request.args.get("after")) or 0) if batch.read_at else []
    following = url_for(".import_batch", batch_id=batch_id, tab=tab, after=rows[imports.PAGE - 1].id)\
        if len(rows) > imports.PAGE else ""  # fmt: skip
    context = {
        "batch": batch,
        "form_": form,
        "tabs": _tabs(batch, found, tab),
        "rows": [imports.told(form, row) for row in rows[: imports.PAGE]],
        "next_url": following,
        "twin": imports.twin(batch) if batch.state == ImportState.READY else None,
        "imports": imports,
    }
    return Response(render_template("imports/batch.html", **context))


def import_progress(batch_id: int) -> Response:
    """A part of the page while a job is at work; when it has ended the whole page is asked for again."""
    batch = imports.get(me(), batch_id)
    response = render("imports/_progress.html", "imports/_progress.html", batch=batch, imports=imports)
    if not imports.is_busy(batch):
        response.headers["HX-Refresh"] = "true"
    return response


def import_apply(batch_id: int) -> Response:
    imports.apply(me(), batch_id)
    return notices.tell(go(url_for(".import_batch", batch_id=batch_id)), "ok", STARTED)


def import_undo(batch_id: int) -> Response:
    imports.undo(me(), batch_id)
    return notices.tell(go(url_for(".import_batch", batch_id=batch_id)), "ok", UNDOING)


def import_drop(batch_id: int) -> Response:
    batch = imports.get(me(), batch_id)
    form = imports.form_of(batch.form)
    back = form.sent_from(batch) if form.sent_from else url_for(".import_form", form_code=form.code)
    imports.drop(me(), batch_id)
    return notices.tell(go(back), "ok", "پرونده کنار گذاشته شد و چیزی ثبت نشد.")


def import_bad(batch_id: int) -> Response:
    batch = imports.get(me(), batch_id)
    return _workbook(imports.bad_lines(batch), f"{batch.form}-{batch.id}-errors.xlsx")


# -- Support -----------------------------------------------------------------------


def _form(code: str) -> ImportForm:
    form = imports.form_of(code)
    if not imports.may(me(), form):
        raise NotAllowed(f"{form.title} با نقش شما نیست.")
    return form


def _form_page(form: ImportForm, sheet: SheetForm, status: int = 200) -> Response:
    g.section = form.home
    sheet.prepare(form, imports.units(me(), form))
    context = {"form_": form, "form": sheet, "recent": imports.recent(me(), form), "imports": imports}
    return render("imports/form.html", "imports/_form.html", status, **context)


def _tabs(batch: ImportBatch, found: dict[Any, int], tab: str) -> list[tuple[str, str, bool]]:
    numbers = {str(kind): count for kind, count in found.items()}
    numbers |= {"": sum(found.values()), "failed": batch.failed_count, "kept": batch.kept_count}
    return [
        (
            f"{label} {persian_digits(numbers[name])}",
            url_for(".import_batch", batch_id=batch.id, tab=name or None),
            name == tab,
        )
        for name, label in TABS
        if numbers.get(name)
    ]


def _workbook(data: bytes, name: str) -> Response:
    response = Response(data, mimetype=imports.MIME)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ROUTES: tuple[routes.Route, ...] = (
    ("/<form_code>", import_form, ("GET",)),
    ("/<form_code>", import_send, ("POST",)),
    ("/<form_code>/template.xlsx", import_template, ("GET",)),
    ("/batches/<int:batch_id>", import_batch, ("GET",)),
    ("/batches/<int:batch_id>/progress", import_progress, ("GET",)),
    ("/batches/<int:batch_id>/apply", import_apply, ("POST",)),
    ("/batches/<int:batch_id>/undo", import_undo, ("POST",)),
    ("/batches/<int:batch_id>/drop", import_drop, ("POST",)),
    ("/batches/<int:batch_id>/bad.xlsx", import_bad, ("GET",)),
)
