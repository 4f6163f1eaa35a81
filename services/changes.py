"""Fields before and after: how events keep their values, and what a saving that came too late would have undone."""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

BOTH, THEIRS, MINE = "هر دو تغییر داده‌اید", "همکار شما تغییر داده است", "شما تغییر داده‌اید"

Changes = dict[str, Any]  # a field's name to its encoded value before and after


@dataclass(frozen=True)
class Difference:
    """One field whose stored value is not what was sent, in words."""

    field: str
    label: str
    stored: str
    sent: str
    whose: str


@dataclass(frozen=True)
class Pair:
    """The same before it is put into words: encoded values, and who changed the field."""

    field: str
    stored: Any
    sent: Any
    whose: str


def encode(value: Any) -> Any:
    """A value of a field as an event keeps it: text, number, None or a list of these. Rows are kept by id, so nothing
    personal.
    """
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, time, datetime)) else value


def between(row: Any, sent: Any) -> dict[str, list[Any]]:
    """What differs between a row and `sent`, a dataclass whose fields are columns of it: encoded, before and after."""
    pairs = ((each.name, getattr(row, each.name), getattr(sent, each.name)) for each in fields(sent))
    return {name: [encode(old), encode(new)] for name, old, new in pairs if old != new}


def as_it_is(value: Any) -> Any:
    return value


def compare(
    row: Any, sent: Any, since: Iterable[Changes], keep: Callable[[Any], Any] = as_it_is
) -> tuple[list[Pair], dict[str, Any]]:
    """Where a row and the values of a form differ, and what the sender had not touched, as it stands now.

    Args:
        sent: a dataclass whose fields are columns of the row.
        since: what others have changed after the form was opened, oldest first.
        keep: how events keep an encoded value, where that is not the value itself.
    """
    before: dict[str, Any] = {}
    for changes in since:
        for field, (old, _new) in changes.items():
            before.setdefault(field, old)
    pairs, untouched = [], {}
    for field in (each.name for each in fields(sent)):
        stored, mine = encode(getattr(row, field)), encode(getattr(sent, field))
        if stored == mine:
            continue
        if field in before and keep(mine) == before[field]:
            untouched[field] = getattr(row, field)
        whose = THEIRS if field in untouched else BOTH if field in before else MINE
        pairs.append(Pair(field, stored, mine, whose))
    return pairs, untouched
