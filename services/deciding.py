"""What becomes of cases that are decided: of one, and of several together by the same rule."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.errors import DomainError

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Decided(Generic[T]):
    """Where a decision has led, and whether the same form had decided it before."""

    what: T
    repeated: bool


@dataclass(frozen=True)
class Outcome(Generic[K]):
    """What became of one of several cases: it was decided, by this form before or now, or why it was not."""

    key: K
    repeated: bool
    why: DomainError | None


def each(keys: Iterable[K], decide: Callable[[K], Decided[Any]]) -> list[Outcome[K]]:
    """Decide cases in this order; of each what became of it.

    Every case has a transaction of its own: one that is refused stops no other, and two people who decide the same
    ones in any order hold one case at a time and never wait for each other in a ring. A form whose answer was lost
    goes on where it stopped when it is sent again.
    """
    return [tried(key, decide) for key in keys]


def tried(key: K, decide: Callable[[K], Decided[Any]]) -> Outcome[K]:
    try:
        done = decide(key)
    except DomainError as refused:
        return Outcome(key, repeated=False, why=refused)
    return Outcome(key, done.repeated, None)
