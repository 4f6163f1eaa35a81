"""Reading a sheet that `safety` has let through; runs in a job, because the library for workbooks is heavy."""

import csv
import datetime as dt
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from services import text
from services.imports.columns import EMPTY, Cell, CellKind
from services.imports.safety import Shape, UnsafeSheet

MOST_ROWS = 5_000
MOST_COLUMNS = 60
LAST_ROW = 1_048_576  # of the largest sheet that Excel knows
BEAT_EVERY = 5_000  # raw lines, most of them empty, between two signs of life

NOT_READ = "این پرونده خوانده نشد. آن را در اکسل باز کنید، دوباره ذخیره کنید و بفرستید."
_NOT_UTF8 = "نوشته‌های این پرونده UTF-8 نیست. آن را در اکسل با قالب «CSV UTF-8» یا xlsx ذخیره کنید."
_TOO_MANY = "این پرونده بیش از {most} ردیف دارد. آن را به چند پرونده تقسیم کنید."
_EMPTY = "این پرونده ردیفی ندارد. قالب را بگیرید و زیر عنوان ستون‌ها بنویسید."

Line = tuple[int, list[Cell]]  # the number of the line as the spreadsheet shows it, and its cells


def read(
    shape: Shape, data: bytes, beat: Callable[[], object] = lambda: None, most: int = MOST_ROWS
) -> tuple[list[str], list[Line]]:
    """The titles of the columns and the lines below them that hold anything; `beat` is called now and then.

    Raises:
        UnsafeSheet: it cannot be read, has no line, or too many.
    """
    raw = _workbook_lines(data) if shape is Shape.XLSX else _csv_lines(data)
    try:
        lines = _filled(raw, beat)
        titles = next(lines, None)
        if titles is None:
            raise UnsafeSheet(_EMPTY)
        found = list(itertools.islice(lines, most + 1))
    except UnsafeSheet:
        raise
    except (Exception, RecursionError) as error:  # a broken workbook fails in as many ways as the library has lines
        raise UnsafeSheet(NOT_READ) from error
    if len(found) > most:
        raise UnsafeSheet(_TOO_MANY.format(most=text.group_thousands(most)))
    if not found:
        raise UnsafeSheet(_EMPTY)
    return [text.clean(cell.text) for cell in titles[1]], found


def _filled(raw: Iterator[list[Cell]], beat: Callable[[], object]) -> Iterator[Line]:
    for number, cells in enumerate(raw, 1):
        if number > LAST_ROW:
            raise UnsafeSheet(NOT_READ)
        if number % BEAT_EVERY == 0:
            beat()
        while cells and cells[-1].is_empty:
            cells.pop()
        if cells:
            yield number, cells


# -- Workbooks ---------------------------------------------------------------------


def _workbook_lines(data: bytes) -> Iterator[list[Cell]]:
    """The lines of the first sheet, empty ones too. What the sheet says of its own size is not believed."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.cell.read_only import EMPTY_CELL  # type: ignore[import-untyped]

    # Formulas as they are written and not their last results: nobody has checked those.
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        gap: object = None
        for row in sheet.iter_rows(max_col=MOST_COLUMNS):
            # The lines between two that are there are one and the same object; there may be a million of them.
            if row is not gap and all(cell is EMPTY_CELL for cell in row):
                gap = row
            yield [] if row is gap else [_of_workbook(cell) for cell in row]
    finally:
        book.close()


def _of_workbook(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "f":
        return Cell(str(getattr(value, "text", value))[:200], CellKind.FORMULA)
    if cell.data_type == "e":
        return Cell(str(value), CellKind.ERROR)
    if isinstance(value, dt.datetime | dt.date):
        return Cell(value.isoformat(), CellKind.DATE)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 10**15
        return Cell(str(int(value) if whole else value), CellKind.NUMBER)
    return Cell(_unquoted(str(value)))


def _unquoted(written: str) -> str:
    """Without the apostrophe that `workbook` puts before what a spreadsheet could take for a formula."""
    return written[1:] if len(written) > 1 and written[0] == "'" and written[1] in "=+-@\t\r" else written


# -- CSV ---------------------------------------------------------------------------


def _csv_lines(data: bytes) -> Iterator[list[Cell]]:
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnsafeSheet(_NOT_UTF8) from error
    first = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    for row in reader:
        yield [_of_csv(written) for written in row[:MOST_COLUMNS]]


def _of_csv(written: str) -> Cell:
    # A program that opens this file would run it; whoever wrote it meant a formula.
    is_formula = written.lstrip().startswith("=")
    return Cell(written[:200], CellKind.FORMULA) if is_formula else Cell(_unquoted(written))
