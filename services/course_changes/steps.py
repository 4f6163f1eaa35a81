"""The way of a change through the levels of its course: one table of steps, and who was faster."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import ChangeState, Course, CourseEvent, CourseStatus, Role, User, db
from services import jalali, labels, trail
from services.access import Actor, Level

S = ChangeState
# Who decides about a change at each level of its route.
DECIDES = {Level.CENTER: Role.MANAGER, Level.PROVINCE: Role.REVIEWER, Level.HQ: Role.REVIEWER}


@dataclass(frozen=True)
class Step:
    """One row of the table. No target: the next level, or what was asked for is done."""

    source: ChangeState
    action: str
    target: ChangeState | None
    needs_reason: bool = False


# What can become of a change. Whoever decides does the first three, the unit that asked the last.
STEPS = (
    Step(S.WAITING, "approve", None),
    Step(S.WAITING, "return", S.RETURNED, needs_reason=True),
    Step(S.WAITING, "refuse", S.REFUSED, needs_reason=True),
    Step(S.WAITING, "withdraw", S.WITHDRAWN),
    Step(S.RETURNED, "withdraw", S.WITHDRAWN),
)


def step_of(state: ChangeState, action: str) -> Step | None:
    return next((step for step in STEPS if (step.source, step.action) == (state, action)), None)


def note(
    actor: Actor,
    course: Course,
    action: str,
    reason: str = "",
    changes: dict[str, Any] | None = None,
    *,
    source: CourseStatus | None = None,
    decided: bool = False,
) -> None:
    """The event of what happened to an approved course or to a change of it.

    Args:
        source: the state that it left, where it left one.
        decided: by whoever decides at that level, and not by the staff of its unit.
    """
    roles = (DECIDES[actor.level],) if decided else (Role.CLERK, Role.MANAGER)
    db.session.add(
        CourseEvent(
            course_id=course.id,
            actor_id=actor.user_id,
            on_behalf_of_id=actor.standing_in(course.unit_id, course.province_id, *roles),
            action=action,
            level=actor.level.value,
            source=(source or course.status).value,
            target=course.status.value,
            reason=reason,
            changes=changes or {},
            course_version=course.version,
        )
    )


def who_was_faster(course: Course, actor: Actor) -> str:
    """Who has done what to the course last, for a person whose page is older."""
    query = select(CourseEvent).where(CourseEvent.course_id == course.id).order_by(CourseEvent.id.desc()).limit(1)
    event = db.session.scalar(query.options(joinedload(CourseEvent.actor).joinedload(User.person)))
    rest = "صفحه را دوباره ببینید؛ چیزی ثبت نشد."
    if event is None:
        return f"این دوره در این میان تغییر کرد. {rest}"
    when = jalali.clock(jalali.tehran(event.at).time())
    if event.actor_id == actor.user_id:
        return f"شما ساعت {when} این دوره را در صفحهٔ دیگری {labels.ACTION_PAST_YOU[event.action]}. {rest}"
    return f"{trail.name_of(event.actor)} ساعت {when} این دوره را {labels.ACTION_PAST[event.action]}. {rest}"
