"""A decision taken back at once by whoever took it, while nothing has followed from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update

from models import Course, CourseEvent, CourseStatus, Enrollment, db, utcnow
from services import policy
from services.access import Actor
from services.courses import reading
from services.courses.steps import DECIDES, DECISIONS
from services.errors import Conflict, DomainError, NotAllowed
from services.text import persian_digits
from services.transaction import atomic

UNDO = "undo"
_TAKEN = [action.value for action in DECISIONS]


@dataclass(frozen=True)
class Undoable:
    """The decision that may still be taken back, and for how many seconds."""

    course_id: int
    code: str
    version: int
    seconds: int


def undoable(actor: Actor, course_id: int, now: datetime) -> Undoable | None:
    """The newest decision on a course, when this person has just taken it and nothing followed; one query or two."""
    row = _last(actor, course_id)
    if row is None:
        return None
    left = _seconds() - (now - row.at).total_seconds()
    return Undoable(course_id, row.code, row.course_version, int(left)) if left > 0 else None


def undo(actor: Actor, course_id: int, version: int) -> Course:
    """Bring a course back to where it waited, as long as it had waited; one event says so.

    Args:
        version: the version that the decision had made.

    Raises:
        NotFound, OutsideTerritory: as `reading.get`; NotAllowed: who decides nothing takes nothing back.
        Conflict: something has followed, or it was another's decision.
        DomainError: it is too late.

    Source: docs/rules.md R-345.
    """
    with atomic():
        course = reading.get(actor, course_id)
        if not actor.has(DECIDES[actor.level]):
            raise NotAllowed("برگرداندن تصمیم کار کسی است که آن را گرفته است. چیزی تغییر نکرد.")
        row = _last(actor, course_id)
        if row is None or row.course_version != version:
            raise Conflict("پس از این تصمیم کار دیگری روی دوره شده است؛ تصمیم برنمی‌گردد و چیزی تغییر نکرد.")
        if (utcnow() - row.at).total_seconds() > _seconds():
            raise DomainError(
                f"برگرداندن تا {persian_digits(_seconds())} ثانیه ممکن بود و آن زمان گذشت؛ تصمیم ثبت‌شده می‌ماند."
            )
        _back(actor, course, row)
    return course


# -- Support -----------------------------------------------------------------------


def _seconds() -> int:
    return int(policy.value("undo_seconds"))


def _last(actor: Actor, course_id: int) -> Any:
    """The decision that made the present version of a course, if it was this person's at this level."""
    query = select(CourseEvent, CourseEvent.at, CourseEvent.course_version, Course.code)
    query = query.join(Course, Course.id == CourseEvent.course_id).where(
        Course.id == course_id,
        CourseEvent.course_version == Course.version,
        CourseEvent.target == Course.status,
        CourseEvent.action.in_(_TAKEN),
        CourseEvent.actor_id == actor.user_id,
        CourseEvent.level == actor.level.value,
    )
    row: Any = db.session.execute(query).first()
    return row


def _back(actor: Actor, course: Course, row: Any) -> None:
    event: CourseEvent = row[0]
    # Whoever enrolls at this moment takes a seat of the same row: one of the two is first, the other finds it changed.
    nothing_followed = (Course.taken == 0, ~exists().where(Enrollment.course_id == Course.id))
    since = datetime.fromisoformat(event.changes["level_since"][0])
    moved = db.session.scalar(
        update(Course)
        .where(Course.id == course.id, Course.version == event.course_version, *nothing_followed)
        .values(status=CourseStatus(event.source), version=Course.version + 1, level_since=since)
        .returning(Course)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is None:
        raise Conflict("در این دوره ثبت‌نام شده است؛ تصمیم برنمی‌گردد و چیزی تغییر نکرد.")
    db.session.add(
        CourseEvent(
            course_id=course.id,
            actor_id=actor.user_id,
            on_behalf_of_id=event.on_behalf_of_id,
            action=UNDO,
            level=actor.level.value,
            source=event.target,
            target=event.source,
            changes={"undone": [event.course_version, None]},
            course_version=course.version,
        )
    )
