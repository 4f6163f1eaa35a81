"""What the page of a batch says about it and about each of its lines."""

from dataclasses import dataclass

from models import ImportBatch, ImportRow, ImportState, RowKind, RowState
from services.imports.forms import ImportForm
from services.text import persian_digits

STATE = {
    ImportState.READING: ("در حال خواندن", "info"),
    ImportState.REFUSED: ("خوانده نشد", "bad"),
    ImportState.READY: ("در انتظار تصمیم", "warn"),
    ImportState.APPLYING: ("در حال ثبت", "info"),
    ImportState.DONE: ("ثبت شد", "ok"),
    ImportState.UNDOING: ("در حال برگرداندن", "info"),
    ImportState.UNDONE: ("برگردانده شد", ""),
    ImportState.DROPPED: ("کنار گذاشته شد", ""),
}
KIND = {
    RowKind.BAD: ("خطا", "bad"),
    RowKind.NEW: ("تازه", "ok"),
    RowKind.CHANGED: ("تغییر", "info"),
    RowKind.SAME: ("بدون تغییر", ""),
    RowKind.MISSING: ("از رده", "warn"),
}
OUTCOME = {
    RowState.FAILED: ("ثبت نشد", "bad"),
    RowState.UNDONE: ("برگردانده شد", ""),
    RowState.KEPT: ("برگردانده نشد", "warn"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: the title of its column, the sentence, and what was written."""

    column: str
    why: str
    written: str


@dataclass(frozen=True)
class Told:
    """One line as the page shows it."""

    number: str
    label: str
    tag: tuple[str, str]
    problems: tuple[Problem, ...]
    changes: tuple[tuple[str, str, str], ...]


def told(form: ImportForm, row: ImportRow) -> Told:
    """A line in words: its errors above what was written, and each change as it was and as it becomes."""
    problems = tuple(
        Problem(title, why, str(row.cells.get(name, ""))) for name, title, why in form.problems(row.errors)
    )
    changes = tuple(
        (one.label, one.show(row.before[one.name]), one.show(row.after[one.name]))
        for one in form.shown
        if one.name in row.before and one.name in row.after
    )
    number = "" if row.kind is RowKind.MISSING else persian_digits(row.number)
    return Told(number, row.label, OUTCOME.get(row.state) or KIND[row.kind], problems, changes)


def summary(batch: ImportBatch) -> str:
    """«۴۷ ردیف درست، ۳ ردیف خطا»."""
    good, bad = persian_digits(batch.row_count - batch.bad_count), persian_digits(batch.bad_count)
    return f"{good} ردیف درست، {bad} ردیف خطا" if batch.bad_count else f"{good} ردیف، همه درست"


def progress(batch: ImportBatch) -> tuple[str, int, int]:
    """What a job is doing to a batch, how far it has come, and of how many lines; of none while it reads."""
    if batch.state is ImportState.APPLYING:
        return "ثبت ردیف‌ها", batch.done_count + batch.failed_count, batch.todo_count
    if batch.state is ImportState.UNDOING:
        return "برگرداندن ردیف‌ها", batch.undone_count + batch.kept_count, batch.done_count
    return "خواندن پرونده", 0, 0
