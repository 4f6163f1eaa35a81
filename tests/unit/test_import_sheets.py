"""What is refused before it is opened, and what is read out of the rest; no database stands behind these."""

import openpyxl
import pytest

from services.imports import safety, sheets
from services.imports.columns import CellKind
from services.imports.safety import Shape, UnsafeSheet
from tests import sheets as made

BOMB = made.archive(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"0" * 20_000_000})
MANY = made.archive(**{f"part{n}": b"x" for n in range(201)})
LIST = "".join(f"<Default Extension='{n:08x}'/>" for n in range(80_000))  # packs by less than a hundredfold
RENAMED = made.archive(**{"letter.docx": b"x"})


def shape(name: str, data: bytes) -> Shape:
    return safety.shape_of(name, data)


def read(data: bytes, name: str = "a.xlsx"):
    return sheets.read(shape(name, data), data)


@pytest.mark.parametrize(("name", "data", "why"), [
    ("a.xlsx", b"", "خالی است"),
    ("a.xlsx", b"PK" + b"0" * safety.MOST_BYTES, "۲ مگابایت"),
    ("a.xlsx", RENAMED, "اکسل سالمی نیست"),
    ("a.xlsx", b"PK\3\4 broken", "اکسل سالمی نیست"),
    ("a.xlsx", b"code,title\n", "پسوند نام"),
    ("a.csv", made.xlsx(made.line()), "پسوند نام"),
    ("a.csv", b"code\0title", "پسوند نام"),
    ("a.pdf", b"%PDF-1.7", "فقط پروندهٔ xlsx یا csv"),
    ("a.xls", b"\xd0\xcf\x11\xe0", "قالب قدیمی"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0", "گذرواژه"),
    ("a.xlsm", made.xlsx(made.line()), "فقط پروندهٔ xlsx یا csv"),
    ("a.xlsx", made.with_part("xl/vbaProject.bin", b"x"), "ماکرو"),
    ("a.xlsx", made.with_part("[Content_Types].xml", "sheet.macroEnabled.main+xml"), "ماکرو"),
    ("a.xlsx", made.with_part("[Content_Types].xml", LIST), "بزرگ می‌شود"),
    ("a.xlsx", made.with_part("xl/styles.xml", LIST), "بزرگ می‌شود"),
    ("a.xlsx", made.with_part("xl/sharedStrings.xml", LIST * 6), "بزرگ می‌شود"),
    ("a.xlsx", made.with_part("xl/externalLinks/externalLink1.xml", "x"), "پیوند"),
    ("a.xlsx", made.with_part("xl/connections.xml", "x"), "منبع دادهٔ بیرونی"),
    ("a.xlsx", made.with_part("xl/embeddings/a.bin", "x"), "چیز دیگری"),
    ("a.xlsx", BOMB, "بزرگ می‌شود"), ("a.xlsx", MANY, "بزرگ می‌شود"),
], ids=lambda value: value if isinstance(value, str) else "data")  # fmt: skip
def test_what_no_sheet_should_be_is_refused_unopened(name, data, why):
    with pytest.raises(UnsafeSheet, match=why):
        shape(name, data)


def test_a_good_workbook_and_a_good_text_pass():
    assert shape("استانداردها.XLSX", made.xlsx(made.line())) is Shape.XLSX
    assert shape("a.csv", made.text(made.line())) is Shape.CSV


def test_numbers_dates_formulas_and_errors_are_told_apart():
    import datetime as dt

    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c", "d", "e"])
    book.active.append([7212.0, dt.datetime(2020, 1, 2), "=1+1", "#REF!", "متن"])  # noqa: DTZ001 (Excel has no zones)
    _, ((number, cells),) = read(made.saved(book))
    kinds = [CellKind.NUMBER, CellKind.DATE, CellKind.FORMULA, CellKind.ERROR, CellKind.TEXT]
    assert (number, [cell.kind for cell in cells]) == (2, kinds)
    assert [cell.text for cell in cells][0] == "7212"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [True, False])
def test_text_is_read_in_each_dialect_with_and_without_a_mark(delimiter, bom):
    titles, lines = read(made.text(["0012", "الف"], titles=["کد", "نام"], delimiter=delimiter, bom=bom), "a.csv")
    assert titles == ["کد", "نام"]
    assert [cell.text for cell in lines[0][1]] == ["0012", "الف"]


def test_text_that_is_not_utf8_says_how_to_save_it():
    with pytest.raises(UnsafeSheet, match="CSV UTF-8"):
        read(made.text(["1", "سلام"], titles=["رمز", "نام"], encoding="cp1256"), "a.csv")


def test_a_formula_in_text_is_a_formula():
    _, ((_, cells),) = read(made.text(['=HYPERLINK("http://x")'], titles=["کد"]), "a.csv")
    assert cells[0].kind is CellKind.FORMULA


def test_more_lines_than_we_take_are_refused():
    with pytest.raises(UnsafeSheet, match="۵٬۰۰۰ ردیف"):
        read(made.text(*[[str(n)] for n in range(sheets.MOST_ROWS + 1)], titles=["کد"]), "a.csv")


def test_as_many_lines_as_we_take_are_read():
    _, lines = read(made.text(*[[str(n)] for n in range(sheets.MOST_ROWS)], titles=["کد"]), "a.csv")
    assert len(lines) == sheets.MOST_ROWS


def sheet_of(*rows: str, before: str = "") -> bytes:
    return made.with_part("xl/worksheets/sheet1.xml", made.rows_xml(*rows, before=before))


def test_a_sheet_that_claims_a_million_rows_gives_the_lines_that_it_has():
    claim = made.rows_xml(made.row_xml(1, "کد"), made.row_xml(2, "الف"), made.row_xml(1_048_576, "ب"))
    claim = claim.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    _, lines = read(made.with_part("xl/worksheets/sheet1.xml", claim))
    assert [number for number, _ in lines] == [2, 1_048_576]


@pytest.mark.parametrize("number", [1_048_577, 10**15])
def test_a_row_beyond_what_a_sheet_can_have_is_refused_at_once(number):
    with pytest.raises(UnsafeSheet, match="خوانده نشد"):
        read(sheet_of(made.row_xml(1, "کد"), made.row_xml(number, "الف")))


def test_entities_are_not_followed():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(UnsafeSheet, match="خوانده نشد"):
        read(sheet_of(made.row_xml(1, "کد"), made.row_xml(2, "&b;"), before=laughs))


@pytest.mark.parametrize("rows", [(), (made.row_xml(1, "کد"),), (made.row_xml(1, "کد"), made.row_xml(2, " "))])
def test_a_sheet_without_lines_says_so(rows):
    with pytest.raises(UnsafeSheet, match="ردیفی ندارد"):
        read(sheet_of(*rows))


def test_a_broken_part_is_a_sentence_and_no_failure():
    with pytest.raises(UnsafeSheet, match="خوانده نشد"):
        read(made.with_part("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row"))
