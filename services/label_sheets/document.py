"""Sheets of labels as a PDF, drawn in a process of its own: `python -m services.label_sheets.document`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from services import drawing
from services.drawing import lines, square
from services.errors import DomainError
from services.property_labels import spaced
from services.text import persian_digits

if TYPE_CHECKING:
    from fpdf import FPDF

    from services.label_sheets.choosing import Label

COLUMNS, PLACES = 3, 24
WIDTH, HEIGHT, EDGE = 70.0, 297 / 8, 4.0  # of a label and of the margin that printers leave, in millimeters
SQUARE, GAP = 27.0, 1.0
NAME, NUMBER, WHERE = 10, 13, 7.5  # sizes of letters, in points
LONGEST_S = drawing.LONGEST_S


def pdf(every: list["Label"], first: int) -> bytes:
    """The sheets of these labels, the first of them in place `first` (from 1).

    Raises:
        DomainError: there is none, it took too long, or the drawing failed.
    """
    if not every:
        raise DomainError("برچسبی برای چاپ نیست. قلم‌ها را دوباره انتخاب کنید.")
    asked = {"every": [asdict(label) for label in every], "first": first}
    return drawing.drawn("services.label_sheets.document", asked, LONGEST_S)


# -- In the process of its own -----------------------------------------------------


def draw(every: list[dict[str, str]], first: int) -> bytes:
    """The document."""
    document = drawing.document("برچسب تجهیزات", format="A4")
    for place, label in enumerate(every, first - 1):
        if place % PLACES == 0 or document.page == 0:
            document.add_page()
        row, column = divmod(place % PLACES, COLUMNS)
        _label(document, label, document.w - (column + 1) * WIDTH, row * HEIGHT)  # columns begin on the right
    return bytes(document.output())


def _label(document: "FPDF", label: dict[str, str], left: float, top: float) -> None:
    """One label: the code on the right, beside it what people read."""
    square(document, label["address"], left + WIDTH - EDGE - SQUARE, top + (HEIGHT - SQUARE) / 2, SQUARE)
    width = WIDTH - 2 * EDGE - SQUARE - GAP
    at = top + EDGE + 1
    for size, text, most in (
        (NAME, label["name"], 2),
        (NUMBER, f"\u2066{persian_digits(spaced(label['number']))}\u2069", 1),
        (WHERE, label["workshop"], 1),
        (WHERE, label["unit"], 2),
    ):
        document.set_font("vazirmatn", size=size)
        at = lines(document, text, (left + EDGE, at, width), most)


if __name__ == "__main__":
    drawing.answer(draw)
