"""Papers of enrollments as a PDF, drawn in a process of its own: `python -m services.papers.document`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services import drawing
from services.drawing import lines, square
from services.errors import DomainError

if TYPE_CHECKING:
    from fpdf import FPDF

    from services.papers.lists import TablePaper
    from services.papers.slip import SlipPaper

A5, A4 = (148.0, 210.0), (210.0, 297.0)
EDGE, CODE = 10.0, 34.0  # of a page, and of the square with the code, in millimeters
TITLE, LARGE, TEXT, SMALL = 16, 20, 10.5, 8.5  # sizes of letters, in points
LABEL = 26.0  # width of the names of facts
GRAY, INK, LINE, PALE = 90, 0, 140, 200
_HEAD = "سازمان آموزش فنی و حرفه‌ای کشور، سامانهٔ ثبت‌نام «دوره»"
NOTHING = "چیزی برای چاپ نیست. فهرست را دوباره ببینید."


def slips(papers: Sequence["SlipPaper"]) -> bytes:
    """Slips and receipts on A5, one on each page.

    Raises:
        DomainError: there is none, it took too long, or the drawing failed.
    """
    return _drawn(papers[0].title if papers else "", slips=[each.asked() for each in papers])


def tables(title: str, papers: Sequence["TablePaper"]) -> bytes:
    """Tables on A4, each from a page of its own on; raises as `slips`."""
    return _drawn(title, tables=[each.asked() for each in papers])


def _drawn(title: str, **sheets: list[dict[str, Any]]) -> bytes:
    if not any(sheets.values()):
        raise DomainError(NOTHING)
    return drawing.drawn("services.papers.document", {"title": title, **sheets})


# -- In the process of its own -----------------------------------------------------


def draw(title: str, slips: Sequence[dict[str, Any]] = (), tables: Sequence[dict[str, Any]] = ()) -> bytes:
    """The document."""
    made = drawing.document(title, format=A5)
    for each in slips:
        made.add_page(format=A5)
        _slip(made, each)
    for each in tables:
        _table(made, each)
    return bytes(made.output())


def _slip(made: "FPDF", slip: dict[str, Any]) -> None:
    """The head with the code on the left, the facts, and what is to be done."""
    width = A5[0] - 2 * EDGE
    beside = (EDGE + CODE + 2, width - CODE - 2)
    square(made, slip["address"], EDGE - 3, EDGE - 3, CODE + 3)
    at = _said(made, _HEAD, SMALL, GRAY, (beside[0], EDGE, beside[1]))
    at = _said(made, slip["title"], TITLE, INK, (beside[0], at, beside[1]))
    state = slip["state"] + (f"، {slip['mark']}" if slip["mark"] else "")
    at = _said(made, state, TEXT, INK, (beside[0], at, beside[1]))
    at = _said(made, f"{slip['number']}: {slip['tracking']}", 14, INK, (beside[0], at, beside[1]))
    at = max(at, EDGE + CODE) + 2
    made.set_draw_color(PALE)
    made.line(EDGE, at, A5[0] - EDGE, at)
    at += 2
    for name, value in slip["rows"]:
        _said(made, name, TEXT, GRAY, (A5[0] - EDGE - LABEL, at, LABEL))
        at = _said(made, value, TEXT, INK, (EDGE, at, width - LABEL), most=2) + 0.8
    made.line(EDGE, at + 1, A5[0] - EDGE, at + 1)
    at += 3
    for note in slip["notes"]:
        at = _said(made, note, TEXT, INK, (EDGE, at, width), most=4) + 1
    _said(made, slip["check"], SMALL, GRAY, (EDGE, A5[1] - EDGE - 5, width))


def _table(made: "FPDF", table: dict[str, Any]) -> None:
    """A table over as many pages as it takes, its head on each."""
    page = A4[::-1] if table["is_wide"] else A4
    left, bottom = list(table["rows"]), page[1] - EDGE - 10
    number = 0
    while left or not number:
        number += 1
        made.add_page(orientation="L" if table["is_wide"] else "P", format=A4)
        at = _said(made, table["title"], TITLE, INK, (EDGE, EDGE, page[0] - 2 * EDGE))
        at = _said(made, table["sub"], TEXT, GRAY, (EDGE, at, page[0] - 2 * EDGE)) + 2
        made.set_draw_color(LINE)
        at = _row(made, table, [head for head, _ in table["heads"]], (page[0] - EDGE, at), GRAY)
        while left and at + table["line"] <= bottom:
            at = _row(made, table, left.pop(0), (page[0] - EDGE, at), INK)
    _said(made, table["note"], SMALL, GRAY, (EDGE, at + 2, page[0] - 2 * EDGE))


def _row(made: "FPDF", table: dict[str, Any], cells: list[str], place: tuple[float, float], color: int) -> float:
    """One row from the right on; where the next one begins."""
    right, top = place
    made.set_text_color(color)
    for number, (text, (_, width)) in enumerate(zip(cells, table["heads"], strict=True)):
        right -= width
        made.rect(right, top, width, table["line"])
        made.set_font("vazirmatn", size=_fitting(made, text, width - 2))
        made.set_xy(right, top)
        made.cell(width, table["line"], text, align="C" if number in table["centered"] or color == GRAY else "R")
    return float(top + table["line"])


def _fitting(made: "FPDF", text: str, width: float) -> float:
    """The size of letters in which a text fits its cell."""
    size = 9.5
    made.set_font("vazirmatn", size=size)
    wide = made.get_string_width(text)
    return size if wide <= width else max(5.0, size * width / wide)


def _said(made: "FPDF", text: str, size: float, color: int, place: tuple[float, float, float], most: int = 3) -> float:
    made.set_font("vazirmatn", size=size)
    made.set_text_color(color)
    return lines(made, text, place, most)


if __name__ == "__main__":
    drawing.answer(draw)
