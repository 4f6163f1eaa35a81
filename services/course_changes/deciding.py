"""A change goes the route of its course: each level approves, returns or refuses it, and the last carries it out."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from models import ChangeKind, ChangeState, Course, CourseChange, User, db, utcnow
from services import courses, jalali, labels, submissions, text, trail
from services.access import Actor, Level
from services.course_changes import applying, reading, steps
from services.course_changes.asking import LONGEST_REASON, Wish
from services.course_changes.steps import Step
from services.course_changes.wording import ACTION_PAST, STATE
from services.deciding import Decided
from services.enrollment import moving
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import add_once
from services.transaction import atomic, retried

OWN = (
    "این تغییر را خود شما درخواست کرده‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. درخواست همچنان در صف است و چیزی "
    "تغییر نکرد."
)


@retried
def decide(actor: Actor, change_id: int, version: int, action: str, reason: str = "") -> CourseChange:
    """Take one step of a change; with the last approval it is carried out in the same transaction.

    Raises:
        OutsideTerritory, NotFound: as `reading.get`.
        Conflict: somebody was faster; the sentence says who and when.
        NotAllowed: it waits for somebody else, or the actor has asked for it.
        DomainError: the reason is missing, or it cannot be carried out any more.

    Source: docs/rules.md R-382, R-383.
    """
    return moving.settled(lambda: _decide(actor, change_id, version, action, reason))


@retried
def decide_once(
    actor: Actor, form_key: str, change_id: int, version: int, action: str, reason: str
) -> Decided[CourseChange | None]:
    """`decide` by a form about several changes, which decides each of them once however often it is sent.

    Raises:
        as `decide`.
    """

    def work() -> Decided[CourseChange | None]:
        with atomic():
            own = submissions.for_choice(form_key, f"{action} change {change_id}")
            if not submissions.once(own, actor.user_id, f"change:{change_id}"):
                return Decided(None, repeated=True)
            return Decided(_decide(actor, change_id, version, action, reason), repeated=False)

    return moving.settled(work)


def _decide(actor: Actor, change_id: int, version: int, action: str, reason: str) -> CourseChange:
    with atomic():
        change = reading.get(actor, change_id, lock=True)
        if version != change.version:
            raise Conflict(_faster(change, actor))
        step = steps.step_of(change.state, action)
        if step is None:
            raise Conflict(f"این درخواست «{STATE[change.state][0]}» است. چیزی تغییر نکرد.")
        _require_allowed(actor, change, action)
        said = text.clean(reason)[:LONGEST_REASON]
        if step.needs_reason and not said:
            raise DomainError("دلیل را بنویسید؛ مرکز همین را می‌بیند", field="reason")
        following = _following(change) if action == "approve" else None
        _turn(actor, change, step, following, said)
        if action == "approve" and following is None:
            applying.carry_out(actor, change)
        else:
            steps.note(actor, change.course, f"change_{action}", said, decided=action != "withdraw")
    return change


@retried
def cancel(actor: Actor, form_key: str, course_id: int, wish: Wish) -> CourseChange:
    """Cancel or merge a course at once, as a province does; a repeat finds what the first press has made.

    Raises:
        NotAllowed: the actor is no reviewer there. Conflict: the course has changed since.
        DomainError: the reason is missing, or the course has begun.

    Source: docs/rules.md R-54.
    """
    return moving.settled(lambda: _cancel(actor, form_key, course_id, wish))


def _cancel(actor: Actor, form_key: str, course_id: int, wish: Wish) -> CourseChange:
    with atomic():
        course = courses.get(actor, course_id)
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return reading.get(actor, submissions.id_of(place, "change"))
        if not reading.cancels(actor, course):
            raise NotAllowed(
                f"این دوره «{labels.STATUS[course.status]}» است. لغو و ادغام پیش از شروع دوره و کار بررس استان است. "
                "چیزی تغییر نکرد."
            )
        if wish.version != course.version:
            raise Conflict(steps.who_was_faster(course, actor))
        reason = text.clean(wish.reason)[:LONGEST_REASON]
        if not reason:
            raise DomainError("دلیل را بنویسید؛ مرکز همین را می‌بیند", field="reason")
        _drop_standing(actor, course)
        change = _made(actor, course, wish, reason)
        applying.end(actor, change, course)
        submissions.finish(form_key, f"change:{change.id}")
    return change


# -- Support -----------------------------------------------------------------------


def _require_allowed(actor: Actor, change: CourseChange, action: str) -> None:
    if action == "withdraw":
        if change.unit_id not in courses.reading.units_of_staff(actor):
            raise NotAllowed("درخواست تغییر را کارشناس یا مدیر همان مرکز پس می‌گیرد. چیزی تغییر نکرد.")
        return
    if not reading.may_decide(actor, change):
        raise NotAllowed("این درخواست در انتظار تصمیم سطح یا نقش دیگری است. چیزی تغییر نکرد.")
    if reading.is_own(actor, change):
        raise NotAllowed(OWN)


def _following(change: CourseChange) -> Level | None:
    """The level after the one that approves; None at the end of the route."""
    route = [Level(name) for name in (change.levels or "").split(",") if name]
    place = route.index(Level(change.level)) + 1 if change.level in route else len(route)
    return route[place] if place < len(route) else None


def _turn(actor: Actor, change: CourseChange, step: Step, following: Level | None, said: str) -> None:
    now, target = utcnow(), step.target or (ChangeState.WAITING if following else ChangeState.DONE)
    values: dict[str, Any] = {"state": target, "decision": said or None, "version": CourseChange.version + 1}
    values |= {"level": following.value, "level_since": now} if following else {}
    values |= {} if following else {"decided_by_id": actor.user_id, "decided_at": now}
    turn = update(CourseChange).where(CourseChange.id == change.id, CourseChange.version == change.version)
    turn = turn.values(**values).execution_options(synchronize_session=False)
    db.session.execute(turn)  # the row is locked since it was read
    db.session.refresh(change)


def _drop_standing(actor: Actor, course: Course) -> None:
    """What was asked for a course that ends is over with it."""
    wanted = (CourseChange.course_id == course.id, CourseChange.state.in_(reading.OPEN))
    over = {"state": ChangeState.WITHDRAWN, "decision": "دوره لغو شد", "decided_by_id": actor.user_id}
    drop = update(CourseChange).where(*wanted).values(version=CourseChange.version + 1, decided_at=utcnow(), **over)
    db.session.execute(drop.execution_options(synchronize_session=False))


def _made(actor: Actor, course: Course, wish: Wish, reason: str) -> CourseChange:
    """The change that is asked for and decided in one breath."""
    other, now = reading.target(course, wish.other_id), utcnow()
    where = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    change_id = add_once(
        CourseChange,
        **where,
        kind=ChangeKind.MERGE if other else ChangeKind.CANCEL,
        wanted={},
        reason=reason,
        other_course_id=other.id if other else None,
        levels=Level.PROVINCE.value,
        level=Level.PROVINCE.value,
        level_since=now,
        asked_by_id=actor.user_id,
        decided_by_id=actor.user_id,
        decided_at=now,
        state=ChangeState.DONE,
        version=1,
        created_at=now,
    )
    return reading.get(actor, change_id or 0)


def _faster(change: CourseChange, actor: Actor) -> str:
    """Who has decided meanwhile, or where the change is now."""
    if change.decided_at is None or change.decided_by_id is None:
        state = f"در سطح {labels.LEVEL[change.level]}" if change.level else ""
        return f"این درخواست در این میان تغییر کرد و اکنون «{STATE[change.state][0]}» {state} است. چیزی ثبت نشد."
    when = jalali.clock(jalali.tehran(change.decided_at).time())
    if change.decided_by_id == actor.user_id:
        return f"شما ساعت {when} این درخواست را {ACTION_PAST[change.state][1]}. چیزی دوباره ثبت نشد."
    user = db.session.scalar(select(User).where(User.id == change.decided_by_id).options(joinedload(User.person)))
    return f"{trail.name_of(user)} ساعت {when} این درخواست را {ACTION_PAST[change.state][0]}. چیزی ثبت نشد."
