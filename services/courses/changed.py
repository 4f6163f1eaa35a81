"""What has changed in a course since a level last approved it, or since it was sent back: old beside new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Course, CourseEvent
from services.courses import wording


@dataclass(frozen=True)
class Changed:
    """The fields that differ, as (name, old, new) in words, and since when."""

    since: str
    rows: list[tuple[str, str, str]]


def since_decision(course: Course) -> Changed | None:
    """What was edited after the last approval, else after the last return; None for a course in its first round.

    Source: docs/rules.md R-346.
    """
    events = course.events
    start, since = _start(events)
    if start is None:
        return None
    pairs = _folded(events[start:])
    names = wording.names_in([pairs])
    rows = [
        (wording.FIELD[name], wording.show(name, old, names), wording.show(name, new, names))
        for name, (old, new) in pairs.items()
    ]
    return Changed(since, rows)


# -- Support -----------------------------------------------------------------------


def _start(events: Sequence[CourseEvent]) -> tuple[int | None, str]:
    """After which event to look, and how it is called: the last of an earlier round."""
    undone = {event.changes["undone"][0] for event in events if event.action == "undo"}
    last_sent = max((n for n, each in enumerate(events) if each.action == "send"), default=0)
    stand = [(n, each) for n, each in enumerate(events[:last_sent]) if each.course_version not in undone]
    for actions, said in ((("approve",), "آخرین تأیید"), (("return", "reject"), "آخرین برگشت")):
        found = [n for n, each in stand if each.action in actions]
        if found:
            return found[-1], said
    return None, ""


def _folded(events: Sequence[CourseEvent]) -> dict[str, list[Any]]:
    """The first value before and the last after of every field that was edited; what came back to it is left out."""
    pairs: dict[str, list[Any]] = {}
    for event in events:
        for name, (old, new) in event.changes.items() if event.action == "edit" else ():
            if name in wording.FIELD:
                pairs[name] = [pairs[name][0] if name in pairs else old, new]
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
