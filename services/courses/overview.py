"""A draft as a list of tasks: its parts, what each still lacks, and what differs from the course it is a copy of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models import Course, db
from services.access import Actor
from services.changes import Difference, Pair, encode
from services.courses import completeness, wording
from services.courses.completeness import Gap
from services.courses.conflicts import Clash
from services.courses.values import FIELDS, PARTS, CourseValues, part_of, values_of

TITLE = {
    "standard": "استاندارد آموزش",
    "time": "زمان و محل",
    "workshop": "کارگاه و تجهیزات",
    "teacher": "مربی",
    "terms": "کارآموزان، متقاضی و شهریه",
    "send": "بررسی و ارسال",
}


@dataclass(frozen=True)
class Copied:
    """The course that a draft was copied from, and by field what differs (`stored` is the former's)."""

    former: Course | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One part of a draft: what is missing in words, what is written, and in how many fields a copy differs."""

    part: str
    title: str
    gaps: Sequence[Gap]
    facts: Sequence[tuple[str, str]] = ()
    differences: int = 0


@dataclass(frozen=True)
class Overview:
    """All parts in their order; `rest` is what is missing and belongs to none of them, `clashes` what is refused or
    warned of.
    """

    tasks: Sequence[Task]
    gaps: Sequence[Gap]
    rest: Sequence[Gap]
    clashes: Sequence[Clash]
    copied: Copied


def overview(actor: Actor, course: Course, now: datetime) -> Overview:
    """Everything for the list of tasks of a draft.

    Source: docs/rules.md R-300.
    """
    seen, values = completeness.look(actor, course, now), values_of(course)
    former = _former(course)
    before = values_of(former) if former else None
    names = _names(course, *(each for each in (values, before) if each))
    copied = Copied(former, _differences(before, values, names)) if before else Copied()
    written = _facts(course, values, names)
    tasks = [
        Task(
            part,
            TITLE[part],
            gaps_in(seen.gaps, part),
            [fact for name, fact in written.items() if part_of(name) == part],
            sum(1 for name in copied.differences if part_of(name) == part),
        )
        for part in ("standard", *PARTS)
    ]
    return Overview(tasks, seen.gaps, gaps_in(seen.gaps, "send"), seen.clashes, copied)


def gaps_in(gaps: Iterable[Gap], part: str) -> list[Gap]:
    """What is missing in one part of the form."""
    return [gap for gap in gaps if part_of(gap.field) == part]


def copied(course: Course, values: CourseValues) -> Copied:
    """Where a draft comes from; without a query for one that is no copy.

    Source: docs/rules.md R-305.
    """
    former = _former(course)
    if former is None:
        return Copied()
    before = values_of(former)
    return Copied(former, _differences(before, values, _names(course, values, before)))


def _former(course: Course) -> Course | None:
    return db.session.get(Course, course.copied_from_id) if course.copied_from_id else None


def _names(course: Course, *all_values: CourseValues) -> wording.Names:
    """The names of everything that these values mention, by one query."""
    changes = [{name: [encode(getattr(values, name))] for name in FIELDS} for values in all_values]
    return wording.names_in(changes)


def _differences(before: CourseValues, values: CourseValues, names: wording.Names) -> dict[str, Difference]:
    pairs = {name: [encode(getattr(each, name)) for each in (before, values)] for name in FIELDS}
    return {
        name: wording.difference(Pair(name, old, new, ""), names) for name, (old, new) in pairs.items() if old != new
    }


def _facts(course: Course, values: CourseValues, names: wording.Names) -> dict[str, tuple[str, str]]:
    """Everything that is written, by field, as label and text."""
    found = {"standard_id": (wording.FIELD["standard_id"], course.title or "")}
    for name in FIELDS:
        raw = encode(getattr(values, name))
        if raw not in (None, 0, []):
            found[name] = (wording.FIELD[name], wording.show(name, raw, names))
    if values.workshop_id:
        found.pop("place_id", None)  # its place is in its name
    return found
