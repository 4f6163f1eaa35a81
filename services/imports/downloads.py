"""The workbooks that a form gives out: its empty template, and the lines that were not taken."""

from models import ImportBatch, ImportRow
from services.imports import batches
from services.imports.columns import describe
from services.imports.forms import ImportForm, form_of
from services.imports.workbook import workbook

DATA, HELP, PROBLEM = "داده", "راهنما", "ایراد"


def template(form: ImportForm) -> bytes:
    """An empty workbook with the titles of the columns, and a second sheet that explains them."""
    titles = [column.title for column in form.columns]
    explained = [[column.title, describe(column)] for column in form.columns]
    return workbook((DATA, [titles]), (HELP, [["ستون", "چه بنویسیم"], *explained]))


def bad_lines(batch: ImportBatch) -> bytes:
    """The lines that were not taken, as they were written and with what is wrong, to be mended and sent again."""
    form = form_of(batch.form)
    titles = [column.title for column in form.columns] + [PROBLEM]
    lines = [_line(form, row) for row in batches.bad_rows(batch)]
    return workbook((DATA, [titles, *lines]), bad_column=len(titles) - 1)


def _line(form: ImportForm, row: ImportRow) -> list[str]:
    problems = "؛ ".join(f"{title}: {why}" for _, title, why in form.problems(row.errors))
    return [str(row.cells.get(column.name, "")) for column in form.columns] + [problems]
