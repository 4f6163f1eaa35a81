"""One engine for every import: a sheet is sent, read by a job, shown with what it would change, imported, undone."""

from services.imports.batches import (
    PAGE,
    Sent,
    apply,
    bad_rows,
    counts,
    drop,
    get,
    is_busy,
    may,
    of_subject,
    recent,
    rows,
    send,
    twin,
    undo,
)
from services.imports.columns import Cell, CellKind, Column, Kind, Value, show_date, show_text
from services.imports.downloads import bad_lines, template
from services.imports.forms import ImportForm, Scope, Shown, Stored, Values, form_of, register
from services.imports.safety import MOST_BYTES, UnsafeSheet
from services.imports.telling import KIND, STATE, Told, progress, summary, told
from services.imports.workbook import MIME

__all__ = [
    "KIND",
    "MIME",
    "MOST_BYTES",
    "PAGE",
    "Cell",
    "CellKind",
    "Column",
    "ImportForm",
    "Kind",
    "STATE",
    "Scope",
    "Sent",
    "Shown",
    "Stored",
    "Told",
    "UnsafeSheet",
    "Value",
    "Values",
    "apply",
    "bad_lines",
    "bad_rows",
    "counts",
    "drop",
    "form_of",
    "get",
    "is_busy",
    "may",
    "of_subject",
    "progress",
    "recent",
    "register",
    "rows",
    "send",
    "show_date",
    "show_text",
    "summary",
    "template",
    "told",
    "twin",
    "undo",
]
