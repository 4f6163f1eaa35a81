"""The first job of a batch: reading its sheet, and saying for each line what it would change."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import case, func, insert, select

from gateways.file_store import NoSuchFile
from models import ImportBatch, ImportRow, ImportState, RowKind, RowState, db, utcnow
from services import outbox
from services.errors import DomainError
from services.imports import keep, safety, sheets
from services.imports.forms import ImportForm, Scope, Stored, Values, form_of
from services.imports.matching import Line, mark_repeated, match, understand
from services.imports.safety import UnsafeSheet
from services.outbox import Claim
from services.transaction import atomic

CHUNK = 50
Item = TypeVar("Item")

MOST_TRIES = 8  # a sheet that has ended as many processes is broken itself

_GONE = "پروندهٔ فرستاده‌شده پیدا نشد. دوباره بفرستید."


def read(claim: Claim, batch: ImportBatch) -> None:
    """Read a whole sheet, a few lines in each transaction; a job that was killed goes on where the last one ended."""
    form = form_of(batch.form)
    if claim.attempt > MOST_TRIES:
        _refuse(claim, batch, sheets.NOT_READ)
        return
    beat: Callable[[], object] = lambda: outbox.renew(claim)  # noqa: E731 (a name for the type)
    try:
        lines, note = _lines(form, batch, beat)
    except (UnsafeSheet, NoSuchFile) as error:
        _refuse(claim, batch, str(error) if isinstance(error, DomainError) else _GONE)
        return
    if form.takes:
        _hand_over(claim, batch, form, lines)
        return
    keys = {form.key_of(line.values) for line in lines}
    scope = Scope(batch.unit_id, batch.user_id, form.level, batch.options, keys)
    reached = db.session.scalar(select(func.max(ImportRow.number)).where(ImportRow.batch_id == batch.id)) or 0
    for some in chunks((line for line in lines if line.number > reached), CHUNK):
        with atomic():
            outbox.renew(claim)
            _add(batch, planned(form, scope, some))
    with atomic():
        outbox.renew(claim)
        _add_missing(form, scope, batch, lines[-1].number)
        _finish(batch, note)
        outbox.done(claim)


def _lines(form: ImportForm, batch: ImportBatch, beat: Callable[[], object]) -> tuple[list[Line], str]:
    data = keep.get(batch.file_key)
    most = form.most_rows or sheets.MOST_ROWS
    titles, raw = sheets.read(safety.shape_of(batch.file_name, data), data, beat, most)
    places, unknown = match(form, titles)
    lines = [understand(form, places, number, cells) for number, cells in raw]
    report = ""
    if form.gathers:
        lines, report = form.gathers(lines)
    if not form.takes:
        mark_repeated(form, lines)
    note = f"این ستون‌ها شناخته نشد و خوانده نشد: {'، '.join(unknown)}."[:600] if unknown else ""
    return lines, f"{report} {note}".strip()[:600]


def _hand_over(claim: Claim, batch: ImportBatch, form: ImportForm, lines: Sequence[Line]) -> None:
    """Give all lines to the form in one transaction; the sheet itself is then forgotten."""
    try:
        with atomic():
            outbox.renew(claim)
            row = db.session.get_one(ImportBatch, batch.id, populate_existing=True)
            if form.takes:
                form.takes(row, lines)
            row.row_count, row.bad_count = len(lines), sum(bool(line.errors) for line in lines)
            row.state, row.read_at = ImportState.DONE, utcnow()
            outbox.done(claim)
    except UnsafeSheet as error:
        _refuse(claim, batch, str(error))
    keep.drop(batch.file_key)


def planned(form: ImportForm, scope: Scope, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The rows to keep for some lines: kind, difference and errors; one look at what is stored for all of them."""
    found = form.subject.find(scope, [line.values for line in lines], [frozenset(line.errors) for line in lines])
    return [_planned(form, line, stored) for line, stored in zip(lines, found, strict=True)]


def _planned(form: ImportForm, line: Line, stored: Stored) -> dict[str, Any]:
    row = {"number": line.number, "label": form.label(line.values)[:200], "cells": line.cells, "data": line.values}
    errors = line.errors | {name: why for name, why in stored.errors.items() if name not in line.errors}
    if errors:
        return row | {"kind": RowKind.BAD, "errors": errors}
    before, after = difference(stored, line.values)
    if not after:
        return row | {"kind": RowKind.SAME, "subject_id": stored.subject_id}
    kind = RowKind.NEW if stored.subject_id is None else RowKind.CHANGED
    row |= {"kind": kind, "state": RowState.WAITING, "subject_id": stored.subject_id}
    return row | {"before": before, "after": after}


def difference(stored: Stored, values: Values) -> tuple[Values, Values]:
    """What would change: the stored and the new values of every name that differs."""
    wanted = values | dict(stored.implied)
    if stored.subject_id is None:
        return {}, wanted
    after = {name: value for name, value in wanted.items() if name in stored.values and stored.values[name] != value}
    return {name: stored.values[name] for name in after}, after


def _add(batch: ImportBatch, rows: Iterable[dict[str, Any]]) -> None:
    blank: dict[str, Any] = {"state": RowState.IDLE, "subject_id": None, "cells": {}, "data": {}, "errors": {}}
    blank |= {"before": {}, "after": {}, "batch_id": batch.id}
    full = [blank | row for row in rows]
    if full:
        db.session.execute(insert(ImportRow), full)


def _add_missing(form: ImportForm, scope: Scope, batch: ImportBatch, last: int) -> None:
    if not scope.options.get("whole"):
        return
    found = form.subject.missing(scope)
    base = {"kind": RowKind.MISSING, "state": RowState.WAITING}
    _add(
        batch,
        (
            base | {"number": number, "subject_id": subject_id, "label": label[:200], "before": before, "after": after}
            for number, (subject_id, label, before, after) in enumerate(found, last + 1)
        ),
    )


def _finish(batch: ImportBatch, note: str) -> None:
    in_sheet = func.sum(case((ImportRow.kind != RowKind.MISSING, 1), else_=0))
    bad = func.sum(case((ImportRow.kind == RowKind.BAD, 1), else_=0))
    todo = func.sum(case((ImportRow.state == RowState.WAITING, 1), else_=0))
    counted = db.session.execute(select(in_sheet, bad, todo).where(ImportRow.batch_id == batch.id)).one()
    row = db.session.get_one(ImportBatch, batch.id, populate_existing=True)
    row.row_count, row.bad_count, row.todo_count = (int(number or 0) for number in counted)
    row.state, row.note, row.read_at = ImportState.READY, note, utcnow()


def _refuse(claim: Claim, batch: ImportBatch, why: str) -> None:
    with atomic():
        row = db.session.get_one(ImportBatch, batch.id, populate_existing=True)
        row.state, row.note, row.read_at = ImportState.REFUSED, why[:600], utcnow()
        outbox.done(claim)


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    source = iter(items)
    while some := list(itertools.islice(source, size)):
        yield some
