"""A sent sheet from its arrival to its end, as the people at the screen see it and decide on it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import ImportBatch, ImportRow, ImportState, RowKind, RowState, Unit, User, db
from services import audit, outbox, submissions, text
from services.access import Actor
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.imports import keep, safety
from services.imports.forms import ImportForm, form_of
from services.outbox import Topic
from services.transaction import atomic, retried

PAGE = 50
RECENT = 10

_BUSY = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)
_FINISHED = (ImportState.READY, ImportState.REFUSED)


@dataclass(frozen=True)
class Sent:
    """The answer to a sheet: its batch, and whether the same form had been sent before."""

    batch_id: int
    repeated: bool


# -- Looking -----------------------------------------------------------------------


def may(actor: Actor, form: ImportForm) -> bool:
    return bool(form.units(actor))


def units(actor: Actor, form: ImportForm) -> Sequence[Unit]:
    """The units for which this person may import, by title."""
    query = select(Unit).where(Unit.id.in_(form.units(actor))).order_by(Unit.title_sort)
    return db.session.scalars(query).all()


def get(actor: Actor, batch_id: int) -> ImportBatch:
    """One batch of the actor's units.

    Raises:
        NotFound: there is none. OutsideTerritory: it is another unit's. NotAllowed: not with these roles.
    """
    loading = (
        joinedload(ImportBatch.unit).load_only(Unit.title),
        joinedload(ImportBatch.user).joinedload(User.person),
        joinedload(ImportBatch.applied_by).joinedload(User.person),
    )
    query = select(ImportBatch).where(ImportBatch.id == batch_id).options(*loading)
    batch = db.session.scalar(query.execution_options(populate_existing=True))
    if batch is None:
        raise NotFound("چنین ورودی نیست. از فهرست ورودهای اخیر آغاز کنید.")
    if batch.level != actor.level or batch.unit_id not in actor.units:
        raise OutsideTerritory("import_batch", batch_id)
    form = form_of(batch.form)
    if batch.unit_id not in form.units(actor):
        raise NotAllowed(f"{form.title} با نقش شما نیست.")
    return batch


def recent(actor: Actor, form: ImportForm, limit: int = RECENT) -> Sequence[ImportBatch]:
    """The newest batches of a form in the actor's units, newest first."""
    query = (
        select(ImportBatch)
        .where(
            ImportBatch.unit_id.in_(actor.units),
            ImportBatch.form == form.code,
            ImportBatch.state != ImportState.DROPPED,
        )
        .options(joinedload(ImportBatch.user).joinedload(User.person))
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def counts(batch: ImportBatch) -> dict[RowKind, int]:
    """How many lines there are of each kind."""
    query = select(ImportRow.kind, func.count()).where(ImportRow.batch_id == batch.id).group_by(ImportRow.kind)
    found = dict(iter(db.session.execute(query)))
    return {kind: found.get(kind, 0) for kind in RowKind}


def rows(batch: ImportBatch, tab: str = "", after: int = 0, size: int = PAGE) -> Sequence[ImportRow]:
    """Lines in the order of the sheet: of one kind, those that failed, or all; up to `size` + 1 of them."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.id > after)
    if tab in set(RowKind):
        query = query.where(ImportRow.kind == tab)
    elif tab in (RowState.FAILED, RowState.KEPT):
        query = query.where(ImportRow.state == tab)
    return db.session.scalars(query.order_by(ImportRow.id).limit(size + 1)).all()


def bad_rows(batch: ImportBatch) -> Sequence[ImportRow]:
    """Every line that was not taken: wrong ones, and those that could not be applied."""
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id, (ImportRow.kind == RowKind.BAD) | (ImportRow.state == RowState.FAILED)
    )
    return db.session.scalars(query.order_by(ImportRow.id)).all()


def twin(batch: ImportBatch) -> ImportBatch | None:
    """An earlier batch of the same file that was imported and not undone."""
    query = select(ImportBatch).where(
        ImportBatch.sha256 == batch.sha256,
        ImportBatch.form == batch.form,
        ImportBatch.unit_id == batch.unit_id,
        ImportBatch.id < batch.id,
        ImportBatch.state == ImportState.DONE,
    )
    return db.session.scalar(query.order_by(ImportBatch.id.desc()).limit(1))


def of_subject(form_code: str, subject_id: int, limit: int = 10) -> Sequence[ImportRow]:
    """The lines that have changed one stored row, newest first."""
    query = (
        select(ImportRow)
        .join(ImportRow.batch)
        .where(ImportRow.subject_id == subject_id, ImportBatch.form == form_code, ImportRow.state == RowState.DONE)
        .options(joinedload(ImportRow.batch).joinedload(ImportBatch.applied_by).joinedload(User.person))
        .order_by(ImportRow.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


# -- Deciding ----------------------------------------------------------------------


@retried
def send(actor: Actor, form: ImportForm, key: str, file: tuple[str, bytes], options: dict[str, Any]) -> Sent:
    """Take a sheet and let a job read it; the same form sent again finds its first batch.

    Args:
        options: what was chosen beside the file; `unit` is the unit, where this person has several.

    Raises:
        UnsafeSheet: the file is none that we would open. NotAllowed: not with these roles.
        DomainError: the unit was not chosen.
    """
    unit_id = _unit(actor, form, options)
    name, data = file
    safety.shape_of(name, data)
    file_key = keep.put(data)
    try:
        with atomic():
            if earlier := submissions.begin(key, actor.user_id):
                keep.drop(file_key)
                return Sent(submissions.id_of(earlier, "import"), repeated=True)
            batch = _new(actor, form, unit_id, name, data)
            batch.file_key, batch.options = file_key, options
            db.session.add(batch)
            db.session.flush()
            submissions.finish(key, f"import:{batch.id}")
            audit.record("import.send", "import_batch", batch.id, actor_id=actor.user_id, form=form.code)
            outbox.owe(Topic.IMPORT, batch.id, f"import:{batch.id}:read")
    except BaseException:
        keep.drop(file_key)
        raise
    return Sent(batch.id, repeated=False)


def _unit(actor: Actor, form: ImportForm, options: dict[str, Any]) -> int:
    units = form.units(actor)
    if not units:
        raise NotAllowed(f"{form.title} با نقش شما نیست.")
    chosen = units[0] if len(units) == 1 else options.get("unit")
    if chosen not in units:
        raise DomainError("واحدی را که این پرونده برای آن است انتخاب کنید", field="unit")
    return int(chosen or 0)


def _new(actor: Actor, form: ImportForm, unit_id: int, name: str, data: bytes) -> ImportBatch:
    shown = text.clean(name.replace("\\", "/").rpartition("/")[2])[-200:]
    return ImportBatch(
        unit_id=unit_id,
        user_id=actor.user_id,
        form=form.code,
        level=form.level.value,
        file_name=shown or "sheet",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
    )


def apply(actor: Actor, batch_id: int) -> None:
    """Let a job import the good lines.

    Raises:
        Conflict: somebody else did, or it is not at that point.
    """
    batch = get(actor, batch_id)
    if not batch.todo_count:
        raise DomainError("چیزی برای ثبت نیست: هیچ ردیف درستی با آنچه ثبت است تفاوت ندارد.")
    with atomic():
        _step(batch, ImportState.READY, ImportState.APPLYING, applied_by_id=actor.user_id)
        audit.record("import.apply", "import_batch", batch_id, actor_id=actor.user_id, rows=batch.todo_count)
        outbox.owe(Topic.IMPORT, batch_id, f"import:{batch_id}:apply")


def undo(actor: Actor, batch_id: int) -> None:
    """Let a job take the whole import back; it does so only while nobody has changed any of its rows since.

    Raises:
        Conflict: it is not imported, or somebody else is undoing it.
    """
    batch = get(actor, batch_id)
    if form_of(batch.form).is_final:
        raise DomainError("آنچه از این پرونده ثبت شده است برنمی‌گردد.")
    with atomic():
        _step(batch, ImportState.DONE, ImportState.UNDOING, undone_by_id=actor.user_id, note="")
        tries = len(outbox.states_of(Topic.IMPORT, batch_id))
        audit.record("import.undo", "import_batch", batch_id, actor_id=actor.user_id, rows=batch.done_count)
        outbox.owe(Topic.IMPORT, batch_id, f"import:{batch_id}:undo:{tries}")


def drop(actor: Actor, batch_id: int) -> None:
    """Put a sheet aside that was read and not imported.

    Raises:
        Conflict: it is being imported, or was.
    """
    batch = get(actor, batch_id)
    with atomic():
        _step(batch, batch.state if batch.state in _FINISHED else ImportState.READY, ImportState.DROPPED)
        audit.record("import.drop", "import_batch", batch_id, actor_id=actor.user_id)
    keep.drop(batch.file_key)


def is_busy(batch: ImportBatch) -> bool:
    return batch.state in _BUSY


def _step(batch: ImportBatch, source: ImportState, target: ImportState, **values: Any) -> None:
    moved = db.session.scalar(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state == source)
        .values(state=target, **values)
        .returning(ImportBatch.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Conflict("کسی دیگر همین حالا دربارهٔ این پرونده تصمیم گرفت. صفحه را دوباره بخوانید.")
