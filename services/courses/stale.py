"""A saving that came after somebody else's: what differs, field by field, and what a person has to choose."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from models import Course, CourseEvent, User, db
from services import jalali, labels
from services.access import Actor
from services.courses import wording
from services.errors import Conflict

if TYPE_CHECKING:
    from services.courses.entry import CourseValues

BOTH, THEIRS, MINE = "هر دو تغییر داده‌اید", "همکار شما تغییر داده است", "شما تغییر داده‌اید"


@dataclass(frozen=True)
class Difference:
    """One field whose stored value is not what was sent, in words."""

    field: str
    label: str
    stored: str
    sent: str
    whose: str


class StaleEdit(Conflict):
    """Nothing was saved. `merged` is what was sent, with fields the sender had not touched as they stand now."""

    def __init__(self, message: str, course: Course, differences: list[Difference], merged: "CourseValues") -> None:
        super().__init__(message)
        self.course = course
        self.differences = differences
        self.merged = merged


def edit(course: Course, actor: Actor, version: int, sent: "CourseValues") -> StaleEdit:
    """The refusal of a saving that was based on `version` of a course that has moved on."""
    events = _since(course.id, version)
    before: dict[str, Any] = {}
    for event in events:
        for field, pair in event.changes.items():
            before.setdefault(field, pair[0])
    differing, untouched = [], {}
    for field in (f.name for f in fields(sent)):
        stored, mine = wording.encode(getattr(course, field)), wording.encode(getattr(sent, field))
        if stored == mine:
            continue
        if field in before and mine == before[field]:
            untouched[field] = getattr(course, field)
        whose = THEIRS if field in untouched else BOTH if field in before else MINE
        differing.append((field, stored, mine, whose))
    names = wording.names_in({field: [stored, mine]} for field, stored, mine, _ in differing)
    differences = [
        Difference(f, wording.FIELD[f], wording.show(f, stored, names), wording.show(f, mine, names), whose)
        for f, stored, mine, whose in differing
    ]
    sentence = f"{_who_was_faster(events, actor)} نوشته‌های شما ذخیره نشد و در همین صفحه مانده است."
    return StaleEdit(sentence, course, differences, replace(sent, **untouched))


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
    who = (last.actor.person.full_name or last.actor.username) if last.actor else "سامانه"
    return f"{who} ساعت {when} این دوره را {labels.ACTION_PAST[last.action]}."
