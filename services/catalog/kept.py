"""Values that every visitor asks for and that change a few times a year, kept in the process for a minute."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from models import db

T = TypeVar("T")
SECONDS = 60

_kept: dict[tuple[Any, ...], tuple[float, Any]] = {}


def for_a_minute(name: tuple[Any, ...], load: Callable[[], T]) -> T:
    """The value kept under this name for this database, loaded anew after a minute."""
    key = (db.engine.url, *name)
    kept = _kept.get(key)
    if kept is None or kept[0] < time.monotonic():
        kept = _kept[key] = (time.monotonic() + SECONDS, load())
    value: T = kept[1]
    return value


def is_noted(name: tuple[Any, ...]) -> bool:
    """Whether this was noted in the last minute."""
    return _kept.get((db.engine.url, *name), (0.0,))[0] > time.monotonic()


def note(name: tuple[Any, ...]) -> None:
    """Note for a minute that something is so."""
    _kept[(db.engine.url, *name)] = (time.monotonic() + SECONDS, True)


def forget() -> None:
    """Drop what is kept, for whoever has just changed it in this process."""
    _kept.clear()
