"""Sheets for the tests of imports: good ones as people make them, and such as nobody should send."""

import csv
import io
import warnings
import zipfile

import openpyxl

from services.standards import sheet

TITLES = [column.title for column in sheet.FORM.columns]
NAMES = [column.name for column in sheet.FORM.columns]


def line(number: int = 1, **over) -> list[object]:
    """The cells of one standard, in the order of the organization's columns."""
    values = {
        "field": "جوشکاری",
        "title": f"جوشکار {number}",
        "code": f"7212{number:011d}",
        "old_code": "0-32/13/2/1",
        "theory_hours": "40",
        "theory_rest": "30",
        "practice_hours": "80",
        "instructor_requirement": "کارشناسی مکانیک",
        "compiled_on": "1398/07/01",
        "kind": "شغل",
        "min_education": "دیپلم",
    }
    values |= over
    return [values.get(name, "") for name in NAMES]


def xlsx(*lines, titles=TITLES, as_numbers=()) -> bytes:
    """A workbook as Excel would write it: text cells, and numbers where a name of a column is in `as_numbers`."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(titles))
    for each in lines:
        page.append([int(v) if NAMES[at : at + 1] and NAMES[at] in as_numbers else v for at, v in enumerate(each)])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def text(*lines, titles=TITLES, delimiter=",", bom=False, encoding="utf-8") -> bytes:
    into = io.StringIO(newline="")
    csv.writer(into, delimiter=delimiter).writerows([list(titles), *lines])
    return (("\ufeff" if bom else "") + into.getvalue()).encode(encoding)


def with_part(name: str, content: bytes | str, base: bytes | None = None) -> bytes:
    """A good workbook with one more part in its archive, or another content for a part that is there."""
    into = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or xlsx(line()))) as old,
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry.filename))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            new.writestr(name, content)
    return into.getvalue()


def archive(**parts: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return into.getvalue()


def rows_xml(*rows: str, before: str = "") -> str:
    """A sheet written by hand, to claim what no program would write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{main}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def row_xml(number: int, *cells: str) -> str:
    return f'<row r="{number}">' + "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for at, cell in enumerate(cells)
    ) + "</row>"  # fmt: skip
