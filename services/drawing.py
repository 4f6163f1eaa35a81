"""Documents drawn in a process of its own: `python -m <module>` reads what is asked as JSON and writes a PDF.

The libraries for documents and for joining Persian letters take memory that the processes that serve pages do not have,
so one is started for each document, and it ends with it.
"""

import functools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import DomainError
from services.label_sheets.qr import QUIET, runs

if TYPE_CHECKING:
    from fpdf import FPDF

ROOT = Path(__file__).resolve().parents[1]
FONT = ROOT / "services/label_sheets/font/Vazirmatn-Regular.ttf"
LONGEST_S, LONGEST_WAIT_S = 30, 5
FAILED = "پروندهٔ PDF آماده نشد. برگه را از همین صفحه چاپ کنید یا کمی بعد دوباره بخواهید."
_one = threading.Lock()  # one document at a time in each process that serves pages; who waits long is told so


def drawn(module: str, asked: dict[str, Any], longest_s: float = LONGEST_S) -> bytes:
    """The document that the module draws.

    Raises:
        DomainError: it took too long, or the drawing failed.
    """
    command = [sys.executable, "-m", module]
    if not _one.acquire(timeout=LONGEST_WAIT_S):
        raise DomainError(FAILED)
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            command, input=json.dumps(asked).encode(), cwd=ROOT, capture_output=True, timeout=longest_s, check=True
        )
    except subprocess.SubprocessError as error:
        raise DomainError(FAILED) from error
    finally:
        _one.release()
    return done.stdout


# -- In the process of its own -----------------------------------------------------


def document(title: str, **shape: Any) -> "FPDF":
    """An empty document that joins Persian letters and writes from right to left."""
    from fpdf import FPDF

    made = FPDF(unit="mm", **shape)
    made.set_title(title)
    made.set_lang("fa")
    made.set_auto_page_break(False)
    made.add_font("vazirmatn", fname=FONT)
    made.set_text_shaping(True, direction="rtl", script="arab", language="fas")
    return made


def lines(made: "FPDF", text: str, place: tuple[float, float, float], most: int, align: str = "R") -> float:
    """Write at most so many lines at left, top and width; where the next text begins."""
    left, top, width = place
    height = made.font_size * 1.5
    broken = _broken(made, text, made.font_size_pt, width)
    for number, line in enumerate(broken[:most], 1):
        made.set_xy(left, top)
        shown = f"{line.strip()}…" if number == most < len(broken) else line
        made.cell(width, height, shown, align=align)
        top += height
    return top


@functools.cache  # what all papers of a class say is broken once; the process ends with its document
def _broken(made: "FPDF", text: str, size: float, width: float) -> list[str]:
    """The lines of a text in letters of this size. Breaking costs most of a document; a short text needs none."""
    if made.get_string_width(text) < width - 2 * made.c_margin:
        return [text]
    shape: dict[str, Any] = {"w": width, "h": made.font_size * 1.5, "align": "R", "padding": 0}
    return list(made.multi_cell(text=text, dry_run=True, output="LINES", **shape))  # type: ignore[arg-type]


def square(made: "FPDF", address: str, left: float, top: float, size: float) -> None:
    """The QR code of an address, with the light edge that readers need."""
    side, dark = runs(address)
    one = size / (side + 2 * QUIET)
    for column, row, length in dark:
        # A hair longer and wider, or a thin light line shows between two dark squares.
        x, y = left + (column + QUIET) * one, top + (row + QUIET) * one
        made.rect(x, y, one * 1.02, length * one * 1.005, style="F")


def answer(draw: Callable[..., bytes]) -> None:
    """Read what is asked, and write what it draws."""
    sys.stdout.buffer.write(draw(**json.loads(sys.stdin.buffer.read())))
