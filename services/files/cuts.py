"""Where a portrait of three by four lies in a picture, and how it is moved: numbers alone, no pixels."""

from dataclasses import asdict, dataclass
from typing import Any

WIDE, TALL = 3, 4
LEAST = 240  # pixels across that a card needs
STEP, CLOSER = 0.08, 0.85  # of the cut: how far it moves, and how much smaller it becomes
WORDS = ("up", "down", "left", "right", "closer", "farther", "turn", "again")


@dataclass(frozen=True)
class Cut:
    """Left, top and width in thousandths of the picture, after so many quarter turns to the right."""

    left: int
    top: int
    width: int
    turns: int = 0

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def whole(width: int, height: int, turns: int = 0) -> Cut:
    """The largest cut: from the middle of a wide picture, of a tall one from above it, where the face is."""
    across, down = turned(width, height, turns)
    wide = _widest(across, down)
    return _placed(wide, (across - wide) / 2, (down - _tall(wide)) / 4, (across, down), turns)


def turned(width: int, height: int, turns: int) -> tuple[int, int]:
    """The size of a picture after quarter turns."""
    return (height, width) if turns % 2 else (width, height)


def is_enough(width: int, height: int) -> bool:
    """Whether a portrait large enough for a card can be cut, however the picture is turned."""
    return max(_widest(width, height), _widest(height, width)) >= LEAST


def box(cut: Cut, across: int, down: int) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels of a turned picture."""
    width = max(1, min(_widest(across, down), round(cut.width * across / 1000)))
    height = min(down, round(_tall(width)))
    left = min(across - width, round(cut.left * across / 1000))
    return left, min(down - height, round(cut.top * down / 1000)), width, height


def moved(cut: Cut, word: str, width: int, height: int) -> Cut:
    """The cut after one press of a button, one of `WORDS`; it never leaves the picture.

    Args:
        width, height: of the picture before any turn.
    """
    if word in ("turn", "again"):
        return whole(width, height, (cut.turns + (word == "turn")) % 4)
    size = turned(width, height, cut.turns)
    left, top, wide, tall = box(cut, *size)
    if word in ("closer", "farther"):
        wider = _within(wide * CLOSER if word == "closer" else wide / CLOSER, size)
        return _placed(wider, left + (wide - wider) / 2, top + (tall - _tall(wider)) / 2, size, cut.turns)
    across = {"left": -STEP, "right": STEP}.get(word, 0) * wide
    down = {"up": -STEP, "down": STEP}.get(word, 0) * tall
    return _placed(wide, left + across, top + down, size, cut.turns)


def pointed(cut: Cut, spot: tuple[float, float], width: int, height: int) -> Cut:
    """The cut with a face in its upper half, of which a spot was pointed at.

    Args:
        spot: left and top as parts of the picture before any turn, 0 to 1.
    """
    across, down = size = turned(width, height, cut.turns)
    left, top = _turned_spot(spot, cut.turns)
    wide = box(cut, *size)[2]
    return _placed(wide, left * across - wide / 2, top * down - _tall(wide) * 0.45, size, cut.turns)


# -- Support -----------------------------------------------------------------------


def _turned_spot(spot: tuple[float, float], turns: int) -> tuple[float, float]:
    left, top = spot
    for _ in range(turns % 4):
        left, top = 1 - top, left
    return left, top


def _tall(wide: float) -> float:
    return wide * TALL / WIDE


def _widest(across: int, down: int) -> int:
    return min(across, down * WIDE // TALL)


def _within(wide: float, size: tuple[int, int]) -> float:
    most = _widest(*size)
    return min(max(wide, min(LEAST, most)), most)


def _placed(wide: float, left: float, top: float, size: tuple[int, int], turns: int) -> Cut:
    """The cut in thousandths, pushed back into the picture where it left it."""
    across, down = size
    left, top = min(max(left, 0), across - wide), min(max(top, 0), down - _tall(wide))
    return Cut(round(left * 1000 / across), round(top * 1000 / down), round(wide * 1000 / across), turns)
