"""What a count says beside the books, and the movements that make the books say the same."""

from dataclasses import dataclass

from models import EquipmentItem, MovementKind, StocktakeCount

K = MovementKind
Step = tuple[MovementKind, int, int]  # kind, pieces, and how many of them work; both as a person says them


@dataclass(frozen=True)
class Line:
    """An item of a count, with the count that stands: the last one, or None while nobody has counted it."""

    item: EquipmentItem
    count: StocktakeCount | None
    workshop_id: int

    @property
    def pieces(self) -> int:
        """How many pieces more than in the books when it was counted."""
        return self.count.quantity - self.count.book_quantity if self.count else 0

    @property
    def working(self) -> int:
        """How many serviceable ones more."""
        return self.count.serviceable - self.count.book_serviceable if self.count else 0

    @property
    def differs(self) -> bool:
        return bool(self.pieces or self.working)

    @property
    def words(self) -> list[tuple[MovementKind, int]]:
        """The movements that would put it right: kind, and how many pieces."""
        return [(kind, pieces) for kind, pieces, _ in steps(self.pieces, self.working)]

    @property
    def is_elsewhere(self) -> bool:
        """Whether it has left the workshop since; its books are then another's to put right."""
        return self.item.workshop_id != self.workshop_id


def steps(pieces: int, working: int) -> list[Step]:
    """The movements for so many pieces and so many serviceable ones more (or fewer) than in the books.

    Pieces come or go first, working ones as far as the difference has them; the rest was repaired or broken.

    Source: docs/rules.md R-173.
    """
    found: list[Step] = []
    whole = min(max(working, min(pieces, 0)), max(pieces, 0))  # of the pieces that came or went, those that work
    if pieces:
        found.append((K.FOUND if pieces > 0 else K.LOST, abs(pieces), abs(whole)))
    if rest := working - whole:
        found.append((K.REPAIRED if rest > 0 else K.BROKEN, abs(rest), abs(rest)))
    return found
