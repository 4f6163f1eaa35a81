"""Who has a waiting case in hand: for an hour, seen by the others, and taken over by them when they have to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from models import Course, CourseClaim, db, utcnow
from services import audit, policy, trail
from services.access import Actor
from services.courses import holding, reading
from services.courses.steps import DECISIONS, steps_for
from services.errors import NotAllowed
from services.sql import insert_once
from services.transaction import atomic


@dataclass(frozen=True)
class Claimed:
    """A case that is in one's hand now; `former` is the name of whoever had it until then."""

    course: Course
    former: str = ""


def claim(actor: Actor, course_id: int) -> Claimed:
    """Take a case in hand, over from a colleague where one has it; a second press changes only the hour.

    Raises:
        NotFound, OutsideTerritory: as `reading.get`.
        NotAllowed: it waits for somebody else.

    Source: docs/rules.md R-343.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _require_reviewer(actor, course)
        now = utcnow()
        until = now + timedelta(minutes=policy.value("claim_minutes", course.unit))
        values: dict[str, Any] = {
            "user_id": actor.user_id, "level": actor.level.value, "claimed_at": now, "until": until
        }  # fmt: skip
        held = holding.of(course_id, now)
        db.session.execute(insert_once(CourseClaim, course_id=course_id, **values))
        put = update(CourseClaim).where(CourseClaim.course_id == course_id).values(**values)
        db.session.execute(put.execution_options(synchronize_session=False))
        if held is None or held.user_id == actor.user_id:
            return Claimed(course)
        audit.record("claim_taken_over", "course", course_id, actor_id=actor.user_id, from_user=held.user_id)
        return Claimed(course, trail.name_of(held.user))


def release(actor: Actor, course_id: int) -> Course:
    """Let go of a case that one has in hand; of another's nothing is changed."""
    with atomic():
        course = reading.get(actor, course_id)
        _require_reviewer(actor, course)
        db.session.execute(
            delete(CourseClaim).where(CourseClaim.course_id == course_id, CourseClaim.user_id == actor.user_id)
        )
    return course


# -- Support -----------------------------------------------------------------------


def _require_reviewer(actor: Actor, course: Course) -> None:
    if not any(step.action in DECISIONS for step in steps_for(course, actor)):
        raise NotAllowed("این پرونده اکنون در انتظار شما نیست؛ چیزی تغییر نکرد.")
