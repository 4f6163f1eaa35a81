"""The jobs that import the good lines of a batch and that take an import back, a few rows in each transaction.

Those few are written together; where one of them is refused they are undone and written one by one.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from models import ImportBatch, ImportRow, ImportState, RowKind, RowState, db, utcnow
from services import audit, outbox
from services.errors import DomainError
from services.imports.columns import Value
from services.imports.forms import ImportForm, Scope, Stored, form_of
from services.imports.reading import difference
from services.outbox import Claim
from services.text import persian_digits
from services.transaction import atomic

CHUNK = 50
TURN_S = 2.0  # then others who are owed something have their turn

CHANGED_SINCE = "از زمان پیش‌نمایش کسی این را تغییر داده است؛ دوباره بفرستید تا تفاوت تازه را ببینید"
_TOUCHED = "این ورود برگردانده نشد و همه چیز همان‌گونه ماند، چون پس از آن تغییر کرده است: "
_CHANGED_AFTER = "پس از ورود تغییر کرده است و همان ماند"
_SHOWN = 5


# -- Applying ----------------------------------------------------------------------


def apply(claim: Claim, batch: ImportBatch) -> None:
    """Import for one turn; when lines are left, the row of the outbox is due again at once."""
    form, end = form_of(batch.form), time.monotonic() + TURN_S
    while _apply_some(claim, form, batch.id):
        if time.monotonic() > end:
            outbox.hold(claim, "more lines", seconds=0)
            return


def _apply_some(claim: Claim, form: ImportForm, batch_id: int) -> bool:
    """One transaction of lines; False when there were none left and the batch is closed.

    The claim is renewed in it: who has lost it, because a second worker was asked, undoes its whole transaction.
    """
    with atomic():
        outbox.renew(claim)
        batch = _locked(batch_id)
        rows = _rows(batch_id, RowState.WAITING)
        if rows:
            scope = _scope(batch)
            _settle(form, scope, rows, _found(form, scope, rows))
            batch.done_count += sum(row.state is RowState.DONE for row in rows)
            batch.failed_count += sum(row.state is RowState.FAILED for row in rows)
            return True
        batch.state, batch.applied_at = ImportState.DONE, utcnow()
        audit.record("import.done", "import_batch", batch_id, rows=batch.done_count, failed=batch.failed_count)
        outbox.done(claim)
    return False


def _found(form: ImportForm, scope: Scope, rows: Sequence[ImportRow]) -> dict[int, Stored]:
    """What is stored now for each line, locked."""
    of_sheet = [row for row in rows if row.kind is not RowKind.MISSING]
    stored = form.subject.find(scope, [row.data for row in of_sheet], [()] * len(of_sheet)) if of_sheet else []
    found = dict(zip((row.id for row in of_sheet), stored, strict=True))
    rest = [row for row in rows if row.kind is RowKind.MISSING]
    values = form.subject.look([row.subject_id for row in rest if row.subject_id]) if rest else {}
    return found | {row.id: Stored(row.subject_id, values.get(row.subject_id or 0, {})) for row in rest}


def _settle(form: ImportForm, scope: Scope, rows: Sequence[ImportRow], found: Mapping[int, Stored]) -> None:
    """Do what the preview has shown, or nothing: a line whose ground has moved since is left to the next sheet."""
    as_shown = [row for row in rows if _is_as_shown(row, found[row.id])]
    for row in rows:
        if row not in as_shown:
            _fail(form, row, found[row.id].errors.get(form.key[0], CHANGED_SINCE))

    def write(some: Sequence[ImportRow]) -> None:
        ids = form.subject.write(scope, [(row.subject_id, dict(row.after)) for row in some])
        for row, subject_id in zip(some, ids, strict=True):
            row.subject_id, row.state = subject_id, RowState.DONE

    for row, why in _refused(as_shown, write).items():
        _fail(form, row, why)


def _is_as_shown(row: ImportRow, stored: Stored) -> bool:
    if row.kind is RowKind.MISSING:
        return bool(stored.values) and row.before == {name: stored.values.get(name) for name in row.before}
    before, after = difference(stored, row.data)
    return not stored.errors and (stored.subject_id, before, after) == (row.subject_id, row.before, row.after)


def _refused(rows: Sequence[ImportRow], write: Callable[[Sequence[ImportRow]], None]) -> dict[ImportRow, str]:
    """Write some lines together, or each by itself where one of them is refused; the sentences of those that were."""
    if not rows:
        return {}
    try:
        with db.session.begin_nested():
            write(rows)
    except DomainError as error:
        if len(rows) == 1:
            return {rows[0]: str(error)}
        return {row: why for one in rows for row, why in _refused([one], write).items()}
    return {}


def _fail(form: ImportForm, row: ImportRow, why: str) -> None:
    row.state, row.errors = RowState.FAILED, {form.key[0]: why}


# -- Undoing -----------------------------------------------------------------------


def undo(claim: Claim, batch: ImportBatch) -> None:
    """Take an import back for one turn; the first turn looks whether all of it is as the import left it."""
    form, end = form_of(batch.form), time.monotonic() + TURN_S
    if batch.undone_count == 0 and (touched := _touched(claim, form, batch.id)):
        _leave(claim, batch.id, touched)
        return
    while _undo_some(claim, form, batch.id):
        if time.monotonic() > end:
            outbox.hold(claim, "more lines", seconds=0)
            return


def _touched(claim: Claim, form: ImportForm, batch_id: int) -> list[ImportRow]:
    """The imported lines whose rows somebody has changed or removed since."""
    last, found = 0, []
    while True:
        with atomic():
            outbox.renew(claim)
            rows = _rows(batch_id, RowState.DONE, after=last)
            now = form.subject.look([row.subject_id for row in rows if row.subject_id])
            found += [row for row in rows if not _is_as_left(row, now.get(row.subject_id or 0))]
        if not rows:
            return found
        last = rows[-1].id


def _is_as_left(row: ImportRow, values: Mapping[str, Value] | None) -> bool:
    """Whether a stored row still is what the import made it; what the sheet says and no row keeps does not count."""
    return values is not None and all(values[name] == value for name, value in row.after.items() if name in values)


def _leave(claim: Claim, batch_id: int, touched: list[ImportRow]) -> None:
    names = "؛ ".join(row.label for row in touched[:_SHOWN])
    more = f" و {persian_digits(len(touched) - _SHOWN)} مورد دیگر" if len(touched) > _SHOWN else ""
    with atomic():
        batch = _locked(batch_id)
        batch.state, batch.note = ImportState.DONE, f"{_TOUCHED}{names}{more}."[:600]
        outbox.done(claim)


def _undo_some(claim: Claim, form: ImportForm, batch_id: int) -> bool:
    with atomic():
        outbox.renew(claim)
        batch = _locked(batch_id)
        rows = _rows(batch_id, RowState.DONE)
        if rows:
            scope = _scope(batch)
            now = form.subject.look([row.subject_id for row in rows if row.subject_id])
            _take_back(form, scope, rows, now)
            batch.undone_count += sum(row.state is RowState.UNDONE for row in rows)
            batch.kept_count += sum(row.state is RowState.KEPT for row in rows)
            return True
        batch.state, batch.undone_at = ImportState.UNDONE, utcnow()
        audit.record("import.undone", "import_batch", batch_id, rows=batch.undone_count, kept=batch.kept_count)
        outbox.done(claim)
    return False


def _take_back(
    form: ImportForm, scope: Scope, rows: Sequence[ImportRow], now: Mapping[int, Mapping[str, Value]]
) -> None:
    """Some lines; what somebody has changed between the first look and now stays, and its line says so."""
    as_left = [row for row in rows if _is_as_left(row, now.get(row.subject_id or 0))]
    refused = {row: _CHANGED_AFTER for row in rows if row not in as_left}

    def take(some: Sequence[ImportRow]) -> None:
        if new := [row.subject_id for row in some if row.kind is RowKind.NEW and row.subject_id]:
            form.subject.remove(scope, new)
        if changed := [row for row in some if row.kind is not RowKind.NEW]:
            form.subject.write(scope, [(row.subject_id, dict(row.before)) for row in changed])
        for row in some:
            row.state = RowState.UNDONE

    for row, why in (refused | _refused(as_left, take)).items():
        row.state, row.errors = RowState.KEPT, {form.key[0]: why}


# -- Support -----------------------------------------------------------------------


def _locked(batch_id: int) -> ImportBatch:
    query = select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _rows(batch_id: int, state: RowState, after: int = 0) -> Sequence[ImportRow]:
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state == state, ImportRow.id > after)
    query = query.order_by(ImportRow.id).limit(CHUNK).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def _scope(batch: ImportBatch) -> Scope:
    whose = batch.undone_by_id if batch.state is ImportState.UNDOING else batch.applied_by_id
    return Scope(batch.unit_id, whose or batch.user_id, form_of(batch.form).level, batch.options)
