"""The titles in a sheet against the columns of its form, and one line against both."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services import text
from services.imports.columns import EMPTY, Cell, Column
from services.imports.forms import ImportForm, Values
from services.imports.safety import UnsafeSheet

KEPT = 500  # characters of what was written in a cell


@dataclass
class Line:
    """One line as it was understood: what was written, what it means, and what is wrong, by the name of the column."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def match(form: ImportForm, titles: Sequence[str]) -> tuple[dict[int, Column], list[str]]:
    """The place of each column in the sheet, and the titles that no column has; spelling and spaces do not count.

    Raises:
        UnsafeSheet: a column that is needed is not there, or one is there twice.
    """
    by_key = {text.key(column.title): column for column in form.columns}
    found: dict[int, Column] = {}
    unknown = []
    for at, title in enumerate(titles):
        column = by_key.get(text.key(title))
        if column is None:
            unknown += [title] if title else []
        elif column in found.values():
            raise UnsafeSheet(f"ستون «{column.title}» دو بار آمده است. یکی را پاک کنید و دوباره بفرستید.")
        else:
            found[at] = column
    lacking = [column.title for column in form.columns if column.is_required and column not in found.values()]
    if lacking:
        raise UnsafeSheet(f"این ستون‌ها در ردیف نخست پرونده نیست: {'، '.join(lacking)}. عنوان‌ها را از قالب بردارید.")
    return found, unknown


def understand(form: ImportForm, places: dict[int, Column], number: int, cells: Sequence[Cell]) -> Line:
    """One line of the sheet; what is stored for it is not looked at here."""
    line = Line(number)
    values: Values = {}
    for at, column in places.items():
        cell = cells[at] if at < len(cells) else EMPTY
        value, problem = column.read(cell)
        if cell.text:
            line.cells[column.name] = text.plain(cell.text)[:KEPT]
        if problem:
            line.errors[column.name] = problem
        values[column.name] = value
    line.values, more = form.prepare(values)
    line.errors = more | line.errors
    return line


def mark_repeated(form: ImportForm, lines: Sequence[Line]) -> None:
    """A natural key may stand in a sheet once; the later lines say where the first one is.

    Of cells that make no sense nobody can say whether they are the same.
    """
    wrong = {line.number: frozenset(line.errors) for line in lines}
    for names in (form.key, *form.unique):
        first: dict[tuple[str, ...], int] = {}
        for line in lines:
            if not wrong[line.number].isdisjoint(names):
                continue
            key = tuple(text.key(str(line.values.get(name) or "")) for name in names)
            earlier = first.setdefault(key, line.number)
            if earlier != line.number and key[-1]:
                where = text.persian_digits(earlier)
                line.errors.setdefault(names[-1], f"تکراری است؛ همین در ردیف {where} هم آمده است")
