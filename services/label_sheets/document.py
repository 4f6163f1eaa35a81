"""Sheets of labels as a PDF, drawn in a process of its own: `python -m services.label_sheets.document`.

The libraries for documents and for joining Persian letters take memory that the processes that serve pages do not have,
so one is started for each document, and it ends with it.
"""

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import DomainError
from services.label_sheets.qr import QUIET, runs
from services.property_labels import spaced
from services.text import persian_digits

if TYPE_CHECKING:
    from fpdf import FPDF

    from services.label_sheets.choosing import Label

ROOT = Path(__file__).resolve().parents[2]
FONT = Path(__file__).parent / "font" / "Vazirmatn-Regular.ttf"
COLUMNS, PLACES = 3, 24
WIDTH, HEIGHT, EDGE = 70.0, 297 / 8, 4.0  # of a label and of the margin that printers leave, in millimeters
SQUARE, GAP = 27.0, 1.0
NAME, NUMBER, WHERE = 10, 13, 7.5  # sizes of letters, in points
LONGEST_S, LONGEST_WAIT_S = 30, 5
_one = threading.Lock()  # one document at a time in each process that serves pages; who waits long is told so
_FAILED = "پروندهٔ PDF آماده نشد. برگه را از همین صفحه چاپ کنید یا کمی بعد دوباره بخواهید."


def pdf(every: list["Label"], first: int) -> bytes:
    """The sheets of these labels, the first of them in place `first` (from 1).

    Raises:
        DomainError: there is none, it took too long, or the drawing failed.
    """
    if not every:
        raise DomainError("برچسبی برای چاپ نیست. قلم‌ها را دوباره انتخاب کنید.")
    asked = json.dumps({"labels": [asdict(label) for label in every], "first": first})
    command = [sys.executable, "-m", "services.label_sheets.document"]
    if not _one.acquire(timeout=LONGEST_WAIT_S):
        raise DomainError(_FAILED)
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            command, input=asked.encode(), cwd=ROOT, capture_output=True, timeout=LONGEST_S, check=True
        )
    except subprocess.SubprocessError as error:
        raise DomainError(_FAILED) from error
    finally:
        _one.release()
    return done.stdout


# -- In the process of its own -----------------------------------------------------


def draw(every: list[dict[str, str]], first: int) -> bytes:
    """The document."""
    from fpdf import FPDF

    document = FPDF(unit="mm", format="A4")
    document.set_title("برچسب تجهیزات")
    document.set_lang("fa")
    document.set_auto_page_break(False)
    document.add_font("vazirmatn", fname=FONT)
    document.set_text_shaping(True, direction="rtl", script="arab", language="fas")
    for place, label in enumerate(every, first - 1):
        if place % PLACES == 0 or document.page == 0:
            document.add_page()
        row, column = divmod(place % PLACES, COLUMNS)
        _label(document, label, document.w - (column + 1) * WIDTH, row * HEIGHT)  # columns begin on the right
    return bytes(document.output())


def _label(document: "FPDF", label: dict[str, str], left: float, top: float) -> None:
    """One label: the code on the right, beside it what people read."""
    _square(document, label["address"], left + WIDTH - EDGE - SQUARE, top + (HEIGHT - SQUARE) / 2)
    width = WIDTH - 2 * EDGE - SQUARE - GAP
    at = top + EDGE + 1
    for size, text, most in (
        (NAME, label["name"], 2),
        (NUMBER, f"\u2066{persian_digits(spaced(label['number']))}\u2069", 1),
        (WHERE, label["workshop"], 1),
        (WHERE, label["unit"], 2),
    ):
        document.set_font("vazirmatn", size=size)
        at = _lines(document, text, (left + EDGE, at, width), most)


def _lines(document: "FPDF", text: str, place: tuple[float, float, float], most: int) -> float:
    """Write at most so many lines; where the next text begins."""
    left, top, width = place
    height = document.font_size * 1.5
    shape: dict[str, Any] = {"w": width, "h": height, "align": "R", "padding": 0}
    lines: Any = document.multi_cell(text=text, dry_run=True, output="LINES", **shape)
    for number, line in enumerate(lines[:most], 1):
        document.set_xy(left, top)
        shown = f"{line.strip()}…" if number == most < len(lines) else line
        document.cell(width, height, shown, align="R")
        top += height
    return top


def _square(document: "FPDF", address: str, left: float, top: float) -> None:
    side, dark = runs(address)
    one = SQUARE / (side + 2 * QUIET)
    for column, row, length in dark:
        # A hair longer and wider, or a thin light line shows between two dark squares.
        x, y = left + (column + QUIET) * one, top + (row + QUIET) * one
        document.rect(x, y, one * 1.02, length * one * 1.005, style="F")


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(draw(asked["labels"], asked["first"]))


if __name__ == "__main__":
    main()
