"""The signed checklist: what everybody from the sender to the last level makes sure of, each by name and time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import false

from models import ChecklistSignature, Course, CourseEvent, db
from services import places, policy
from services.access import Actor
from services.text import persian_digits

# What has to be ensured before a course is defined (domain 2.2, item 1), in the order of the rule.
ITEMS = {
    "safety": "ایمنی",
    "health": "بهداشت",
    "gear": "وسایل حفاظت فردی",
    "space": "فضای آموزشی",
    "equipment": "تجهیزات استاندارد",
    "consumables": "مواد مصرفی کافی",
    "instructor": "مربی واجد شرایط",
}
NOTE = "note"
_SHORT = "تجهیزات کارگاه از استاندارد کمتر است؛ بنویسید کمبود چگونه جبران می‌شود"


@dataclass(frozen=True)
class Signed:
    """What a person has ticked, and what they say about a shortage of equipment."""

    items: tuple[str, ...] = ()
    note: str = ""


def columns(course: Course) -> tuple[Any, ...]:
    """SQL: whether the checklist has to be signed for a course, and whether its workshop lacks equipment."""
    is_short: Any = false()
    if course.workshop_id and course.standard_id and course.capacity_max:
        is_short = places.is_short(course.workshop_id, course.standard_id, course.capacity_max)
    return policy.column("checklist_signed", course.unit_id), is_short


def lacking(signed: Signed, asked: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """What keeps a checklist from counting, as (field, sentence); `asked` is what `columns` has brought.

    Source: docs/rules.md R-340, R-341.
    """
    is_asked, is_short = asked
    if not policy.found("checklist_signed", is_asked):
        return
    left = [name for name in ITEMS if name not in signed.items]
    if left:
        names = "، ".join(ITEMS[name] for name in left)
        yield f"sign_{left[0]}", f"چک‌لیست را امضا کنید؛ این‌ها نشان نخورده است: {names}"
    if is_short and not signed.note.strip():
        yield NOTE, _SHORT


def sign(actor: Actor, course_id: int, version: int, signed: Signed, away: int | None = None) -> None:
    """Put the signature under the version that was looked at; inside `atomic()`, once the step is ours.

    `away` is the person in whose place a deputy signs.
    """
    if not signed.items:
        return
    db.session.add(
        ChecklistSignature(
            signature_key=f"{course_id}-{version}-{actor.level.value}",
            course_id=course_id,
            actor_id=actor.user_id,
            on_behalf_of_id=away,
            level=actor.level.value,
            course_version=version,
            items=[name for name in ITEMS if name in signed.items],
            note=signed.note.strip()[:500],
        )
    )


def standing(events: Iterable[CourseEvent]) -> list[CourseEvent]:
    """The signed steps of the round that began with the last sending, oldest first.

    What was undone carries no signature any more, and what was sent again is signed anew.
    """
    found: list[CourseEvent] = []
    for event in events:
        if event.action == "send":
            found = []
        elif event.action == "undo":
            found = [each for each in found if each.course_version != event.changes["undone"][0]]
        if event.signature:
            found.append(event)
    return found


def said_of(items: Sequence[str]) -> str:
    """What was signed: all of it, or which parts."""
    if len(items) == len(ITEMS):
        return f"هر {persian_digits(len(ITEMS))} مورد"
    return "، ".join(ITEMS[name] for name in items)
