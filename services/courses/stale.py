"""A saving that came after somebody else's: what differs, field by field, and what a person has to choose."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from models import Course, CourseEvent, User, db
from services import jalali, labels, trail
from services.access import Actor
from services.changes import THEIRS, Difference, Pair, compare
from services.courses import wording
from services.courses.values import CourseValues
from services.errors import Conflict


class StaleEdit(Conflict):
    """Nothing was saved. `merged` is what was sent, with fields the sender had not touched as they stand now."""

    def __init__(self, message: str, course: Course, differences: list[Difference], merged: CourseValues) -> None:
        super().__init__(message)
        self.course = course
        self.differences = differences
        self.merged = merged


@dataclass(frozen=True)
class Late:
    """A saving that was based on an older version of a course: what has happened since, and what differs."""

    course: Course
    actor: Actor
    events: list[CourseEvent]
    pairs: list[Pair]
    merged: CourseValues

    def touches(self, names: Collection[str]) -> bool:
        """Whether any of these fields has been changed since."""
        return any(name in event.changes for event in self.events for name in names)

    @property
    def is_repeat(self) -> bool:
        """Whether all of it stands there, by the same person where it was worked out and not written."""
        is_own = all(event.actor_id == self.actor.user_id for event in self.events)
        return not self.pairs or (is_own and all(pair.whose == THEIRS for pair in self.pairs))

    def refusal(self) -> StaleEdit:
        names = wording.names_in({pair.field: [pair.stored, pair.sent]} for pair in self.pairs)
        differences = [wording.difference(pair, names) for pair in self.pairs]
        sentence = f"{_who_was_faster(self.events, self.actor)} نوشته‌های شما ذخیره نشد و در همین صفحه مانده است."
        return StaleEdit(sentence, self.course, differences, self.merged)


def late(course: Course, actor: Actor, version: int, sent: CourseValues, stored: CourseValues) -> Late:
    """What a saving of `sent` meets that was based on `version`; one query."""
    events = _since(course.id, version)
    written = (event.changes for event in events if event.action != "change_ask")  # which only asks for them
    pairs, untouched = compare(stored, sent, written)
    return Late(course, actor, events, pairs, replace(sent, **untouched))


def choice(course: Course, actor: Actor, version: int) -> Conflict:
    """The refusal of another standard that was chosen for `version` of a course that has moved on."""
    return Conflict(f"{_who_was_faster(_since(course.id, version), actor)} استاندارد عوض نشد.")


def is_sent_since(course: Course, version: int) -> bool:
    """Whether the course has been sent for approval after it had this version."""
    sent = (CourseEvent.course_id == course.id, CourseEvent.course_version > version, CourseEvent.action == "send")
    return bool(db.session.scalar(select(exists().where(*sent))))


def _since(course_id: int, version: int) -> list[CourseEvent]:
    query = (
        select(CourseEvent)
        .where(CourseEvent.course_id == course_id, CourseEvent.course_version > version)
        .order_by(CourseEvent.id)
        .options(joinedload(CourseEvent.actor).joinedload(User.person))
    )
    return list(db.session.scalars(query))


def _who_was_faster(events: list[CourseEvent], actor: Actor) -> str:
    if not events:
        return "این دوره در این میان تغییر کرده است."
    last = events[-1]
    when = jalali.clock(jalali.tehran(last.at).time())
    if last.actor_id == actor.user_id:
        return f"شما ساعت {when} در صفحهٔ دیگری این دوره را {labels.ACTION_PAST_YOU[last.action]}."
    who = trail.name_of(last.actor)
    return f"{who} ساعت {when} این دوره را {labels.ACTION_PAST[last.action]}."
