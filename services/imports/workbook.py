"""Writing a workbook without a library: text and whole numbers, from right to left, nothing that could be a formula.

The web process makes templates, lists of bad lines and reports with it, and so never loads a library for workbooks.
Lines are written as they come, so a long list takes no more memory than a short one.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO
from xml.sax.saxutils import escape

from services.text import group_thousands, plain

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_000  # characters in a cell
_TEXT, _BOLD, _BAD, _NUMBER = 1, 2, 3, 4  # places in the list of cell formats
_AT_ONCE = 200  # lines that are packed together

Line = Sequence[str | int]  # a number is a cell that a spreadsheet can add up; codes are text
Sheet = tuple[str, Iterable[Line]]  # its name, and its lines with the titles first

_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="3"><font><sz val="11"/><name val="Tahoma"/></font>'
    '<font><b/><sz val="11"/><name val="Tahoma"/></font>'
    '<font><color rgb="FFB01C16"/><sz val="11"/><name val="Tahoma"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/>'
    + "".join(f'<xf numFmtId="49" fontId="{font}" applyNumberFormat="1" applyFont="1"/>' for font in range(3))
    + '<xf numFmtId="3" fontId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def safe(written: str) -> str:
    """Text that no spreadsheet takes for a formula, not even after it went through a CSV file."""
    if not written.isprintable():  # the slow way, for the few that hold what is not printed
        written = plain(written.replace("\n", " "))
    written = written[:_LONGEST]
    return f"'{written}" if written.startswith(_RISKY) else written


def workbook(*sheets: Sheet, bad_column: int | None = None) -> bytes:
    """The bytes of an xlsx file; the cells of column `bad_column` are red."""
    into = io.BytesIO()
    write(into, *sheets, bad_column=bad_column)
    return into.getvalue()


def write(into: IO[bytes], *sheets: Sheet, bad_column: int | None = None) -> None:
    """The same into an open file, for lines that are many."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book([name for name, _ in sheets]),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)] + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
    }
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, _HEAD + content)
        for number, (_, lines) in enumerate(sheets, 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                part.writelines(piece.encode() for piece in _sheet(lines, bad_column))


def capped(titles: Line, lines: Iterable[Line], most: int, advice: str = "") -> Iterator[Line]:
    """The lines of a sheet that takes so many; of more it says in a last line that they are not in it, with advice.

    Args:
        lines: read as they are written; one more than `most` is enough to know that there are more.
    """
    yield titles
    for written, line in enumerate(lines):
        if written == most:
            yield (f"این پرونده بیش از {group_thousands(most)} ردیف نمی‌گیرد و بقیه در آن نیست. {advice}".strip(),)
            return
        yield line


def _content_types(sheets: int) -> str:
    overrides = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    overrides += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in range(1, sheets + 1)]
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    named = "".join(f'<Override PartName="{part}" ContentType="{_PART}.{kind}+xml"/>' for part, kind in overrides)
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{rels}{xml}{named}</Types>'


def _relations(targets: list[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _book(names: list[str]) -> str:
    sheets = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{sheets}</sheets></workbook>'


def _sheet(lines: Iterable[Line], bad_column: int | None) -> Iterator[str]:
    rest = iter(lines)
    titles = next(rest, ())
    view = '<sheetViews><sheetView rightToLeft="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    view += 'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    # Every cell of the columns is text, those that are still empty too: else the next program eats leading zeros.
    width = max(len(titles), 1)
    columns = f'<cols><col min="1" max="{width}" width="18" style="{_TEXT}" customWidth="1"/></cols>'
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}{columns}<sheetData>'
    numbered = enumerate(chain([titles], rest), 1)
    while some := list(islice(numbered, _AT_ONCE)):
        yield "".join(_row(number, line, bad_column) for number, line in some)
    yield "</sheetData></worksheet>"


def _row(number: int, line: Line, bad_column: int | None) -> str:
    cells = []
    for at, written in enumerate(line):
        if isinstance(written, int):
            cells.append(f'<c r="{_letters(at)}{number}" s="{_NUMBER}"><v>{written}</v></c>')
        elif written:
            style = _BOLD if number == 1 else _BAD if at == bad_column else _TEXT
            shown = f'<is><t xml:space="preserve">{escape(safe(written))}</t></is>'
            cells.append(f'<c r="{_letters(at)}{number}" s="{style}" t="inlineStr">{shown}</c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(at: int) -> str:
    """0 as A, 25 as Z, 26 as AA."""
    first, last = divmod(at, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
