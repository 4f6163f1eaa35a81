"""QR codes as runs of dark squares, so that one is a short path in a page and a few rectangles in a document."""

from collections.abc import Iterator
from functools import lru_cache

QUIET = 4  # light squares around a code, without which readers do not find it

Run = tuple[int, int, int]  # column, first row, length downwards


@lru_cache(maxsize=32)  # every piece of an item has the same label
def runs(address: str) -> tuple[int, list[Run]]:
    """The squares along one side, and the dark runs, by columns from the right.

    In this order codes of addresses that differ at their ends begin alike, and a page of them packs well. An address
    in capitals fits a code of 25 squares; in small letters it would need 29.
    """
    import segno  # only here, because few processes ever draw one

    matrix = segno.make(address, micro=False, error="m", boost_error=False).matrix
    side = len(matrix)
    return side, [run for column in reversed(range(side)) for run in _in_column(matrix, column)]


def path(address: str) -> tuple[int, str]:
    """The side with the quiet zone, and the dark squares as strokes of an SVG path, each one square wide.

    Within a column each stroke begins so far below the end of the one before: of many codes these steps pack best.
    """
    side, dark = runs(address)
    data, at, end = "", None, 0
    for column, row, length in dark:
        data += f"m0 {row - end}v{length}" if column == at else f"M{column + QUIET} {row + QUIET}v{length}"
        at, end = column, row + length
    return side + 2 * QUIET, data


def _in_column(matrix: tuple[bytearray, ...], column: int) -> Iterator[Run]:
    row, side = 0, len(matrix)
    while row < side:
        end = row
        while end < side and matrix[end][column]:
            end += 1
        if end > row:
            yield column, row, end - row
        row = end + 1
