"""The way of a course through approval and life: one table of steps, and the only function that takes one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import joinedload

from models import (
    ApprovalRoute,
    Course,
    CourseEvent,
    CourseStatus,
    Role,
    Unit,
    UnitKind,
    User,
    db,
    utcnow,
)
from services import jalali, labels, policy, trail
from services.access import Actor, Level
from services.changes import encode
from services.courses import checklist, completeness, holding, reading, schedule, snapshots
from services.courses.checklist import Signed
from services.courses.saying import UNSIGNED, Said, Why
from services.errors import Conflict, DomainError, NotAllowed
from services.text import persian_digits
from services.transaction import atomic


class Action(StrEnum):
    SEND = "send"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    CANCEL = "cancel"
    DISCARD = "discard"
    OPEN = "open"
    CLOSE = "close"
    START = "start"
    FINISH = "finish"


S = CourseStatus
STAFF = frozenset({Role.CLERK, Role.MANAGER})
MANAGER = frozenset({Role.MANAGER})
REVIEWER = frozenset({Role.REVIEWER})
DECISIONS = (Action.APPROVE, Action.RETURN, Action.REJECT)
SEPARATION = "separation_of_duties"  # the rule by which nobody decides on their own work
SIGNED = (Action.SEND, Action.APPROVE)  # the steps under which the checklist is signed
REVIEW_OF = {
    Level.CENTER: S.CENTER_REVIEW,
    Level.PROVINCE: S.PROVINCE_REVIEW,
    Level.HQ: S.HQ_REVIEW,
}
# Who decides at each level.
DECIDES = {Level.CENTER: Role.MANAGER, Level.PROVINCE: Role.REVIEWER, Level.HQ: Role.REVIEWER}
DEFAULT_ROUTE = {UnitKind.ACADEMY: "province"}
USUAL_ROUTE = "center,province"


@dataclass(frozen=True)
class Step:
    """One row of the table. No target: the next level of the course's own route. No level: the clock."""

    source: CourseStatus
    action: Action
    target: CourseStatus | None
    level: Level | None
    roles: frozenset[Role]
    needs_reason: bool = False


# The whole workflow. Anything not listed here cannot happen.
STEPS = (
    Step(S.DRAFT, Action.SEND, None, Level.CENTER, STAFF),
    Step(S.DRAFT, Action.DISCARD, S.CANCELED, Level.CENTER, STAFF),
    Step(S.RETURNED, Action.SEND, None, Level.CENTER, STAFF),
    Step(S.RETURNED, Action.DISCARD, S.CANCELED, Level.CENTER, STAFF),
    Step(S.REJECTED, Action.SEND, None, Level.CENTER, STAFF),
    Step(S.REJECTED, Action.DISCARD, S.CANCELED, Level.CENTER, STAFF),
    Step(S.CENTER_REVIEW, Action.APPROVE, None, Level.CENTER, MANAGER),
    Step(S.CENTER_REVIEW, Action.RETURN, S.RETURNED, Level.CENTER, MANAGER, needs_reason=True),
    Step(S.CENTER_REVIEW, Action.REJECT, S.REJECTED, Level.CENTER, MANAGER, needs_reason=True),
    Step(S.PROVINCE_REVIEW, Action.APPROVE, None, Level.PROVINCE, REVIEWER),
    Step(S.PROVINCE_REVIEW, Action.RETURN, S.RETURNED, Level.PROVINCE, REVIEWER, needs_reason=True),
    Step(S.PROVINCE_REVIEW, Action.REJECT, S.REJECTED, Level.PROVINCE, REVIEWER, needs_reason=True),
    Step(S.HQ_REVIEW, Action.APPROVE, None, Level.HQ, REVIEWER),
    Step(S.HQ_REVIEW, Action.RETURN, S.RETURNED, Level.HQ, REVIEWER, needs_reason=True),
    Step(S.HQ_REVIEW, Action.REJECT, S.REJECTED, Level.HQ, REVIEWER, needs_reason=True),
    Step(S.APPROVED, Action.OPEN, S.OPEN, None, frozenset()),
    Step(S.OPEN, Action.CLOSE, S.CLOSED, None, frozenset()),
    Step(S.OPEN, Action.CLOSE, S.CLOSED, Level.CENTER, STAFF),
    Step(S.CLOSED, Action.START, S.RUNNING, Level.CENTER, STAFF),
    Step(S.CLOSED, Action.START, S.RUNNING, None, frozenset()),
    Step(S.RUNNING, Action.FINISH, S.FINISHED, Level.CENTER, STAFF),
    Step(S.RUNNING, Action.FINISH, S.FINISHED, None, frozenset()),
    Step(S.APPROVED, Action.CANCEL, S.CANCELED, Level.PROVINCE, REVIEWER, needs_reason=True),
    Step(S.OPEN, Action.CANCEL, S.CANCELED, Level.PROVINCE, REVIEWER, needs_reason=True),
    Step(S.CLOSED, Action.CANCEL, S.CANCELED, Level.PROVINCE, REVIEWER, needs_reason=True),
)


def steps_for(course: Course, actor: Actor) -> list[Step]:
    """The steps that `actor` may take on `course` now, in the order of the table."""
    return [
        step
        for step in STEPS
        if step.source is course.status
        and step.level is actor.level
        and actor.acting(*step.roles).covers(course.unit_id, course.province_id)
    ]


def is_own_work(course: Course, actor: Actor, events: Iterable[CourseEvent]) -> bool:
    """Whether this person entered the course, or edited it in the round that ended with its last sending.

    A deputy decides neither on that, nor on what the person has entered in whose place they decide.

    Source: docs/rules.md R-52, R-369.
    """
    away = actor.standing_in(course.unit_id, course.province_id, *MANAGER, *REVIEWER)
    who = {actor.user_id, away} - {None}
    if course.entered_by_id in who:
        return True
    mine, edited = False, False
    for event in events:
        if event.action == Action.SEND:
            mine, edited = edited, False
        elif event.action in ("create", "copy", "edit") and event.actor_id in who:
            edited = True
    return mine or edited


def advance(
    actor: Actor,
    course_id: int,
    action: Action,
    *,
    reason: str = "",
    reason_code: str = "",
    signed: Signed = UNSIGNED,
    version: int | None = None,
) -> Course:
    """`decide` for a step with which little is said.

    Args:
        reason: own words; `reason_code` the code of a saved reason, alone or with them.
        signed: the checklist, for sending and approving.
    """
    return decide(actor, course_id, action, Said(reason, reason_code, signed), version=version)


def decide(actor: Actor, course_id: int, action: Action, said: Said, *, version: int | None = None) -> Course:
    """Take one step; the only way a person changes the state of a course.

    Args:
        version: the version on the page that asked; a course changed since then is refused.

    Raises:
        OutsideTerritory, NotFound: as `reading.get`.
        Conflict: somebody was faster; the sentence says who and when.
        NotAllowed: the step is not open to this person now.
        Incomplete: a course is sent while something is missing.
        DomainError: the reason or the checklist is missing.
    """
    with atomic():
        course = reading.get(actor, course_id)
        if version is not None and version != course.version:
            raise Conflict(_who_was_faster(course, actor))
        take(actor, course, action, said)
    return course


def take(actor: Actor, course: Course, action: Action, said: Said) -> None:
    """One step of a course that has just been read inside `atomic()`; raises as `advance`."""
    step = next((s for s in steps_for(course, actor) if s.action is action), None)
    if step is None:
        raise NotAllowed(_why_not(course, action))
    why = said.why(action)
    _refuse_what_no_step_may(step, course, actor, why.text)
    if action is Action.SEND:
        completeness.hold(course)
    if action is Action.APPROVE:
        completeness.require_approvable(course, said.signed)
    days = completeness.require_complete(course, utcnow(), said.signed) if action is Action.SEND else []
    was_sent, seen, since = course.sent_at is not None, course.version, course.level_since
    if not _move(course, step):
        raise Conflict(_who_was_faster(course, actor))
    if action is Action.SEND:  # the meetings not before the row is ours: another sender would collide here
        if was_sent:
            schedule.forget_sessions(course)
        schedule.write_sessions(course, days)
    if action in SIGNED:
        checklist.sign(actor, course.id, seen, said.signed, _away(course, step, actor))
    _record(course, step, actor, since, said, why)


def _move(course: Course, step: Step) -> bool:
    """The conditional UPDATE; the course object then shows the new state. False: somebody was faster."""
    now = utcnow()
    values: dict[str, Any] = {}
    if step.action is Action.SEND:  # it gets its route and what its standard asks for, which stay with it
        values = {"levels": route_of(course, now), "sent_at": now, "standard_snapshot": snapshots.of_standard(course)}
    target = step.target or _next(values.get("levels", course.levels), step)
    conditions = [Course.id == course.id, Course.status == step.source, Course.version == course.version]
    if step.action is Action.CANCEL:
        conditions.append(Course.taken == 0)
    moved = db.session.scalar(
        update(Course)
        .where(*conditions)
        .values(status=target, version=Course.version + 1, level_since=now, **values)
        .returning(Course)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return moved is not None


def _away(course: Course, step: Step, actor: Actor) -> int | None:
    """In whose place a deputy takes the step."""
    return actor.standing_in(course.unit_id, course.province_id, *step.roles)


def _record(course: Course, step: Step, actor: Actor, since: datetime | None, said: Said, why: Why) -> None:
    """The event of a step; a decision keeps since when the course had waited, for who takes it back at once."""
    is_decision = step.action in DECISIONS
    db.session.add(
        CourseEvent(
            course_id=course.id,
            actor_id=actor.user_id,
            on_behalf_of_id=_away(course, step, actor),
            action=step.action.value,
            level=actor.level.value,
            source=step.source.value,
            target=course.status.value,
            reason=why.text,
            reason_text_id=why.saved_id,
            changes={"level_since": [encode(since), encode(course.level_since)]} if is_decision else {},
            comments=said.comments_for(step.action) or None,
            letter_number=said.letter and said.letter.number,
            letter_on=said.letter and said.letter.on,
            course_version=course.version,
        )
    )


# -- The route ---------------------------------------------------------------------


def route_of(course: Course, on: datetime) -> str:
    """The levels that a course passes: the newest row for its unit's kind, its setting before any setting.

    Source: docs/rules.md R-51.
    """
    unit = db.session.get_one(Unit, course.unit_id)
    query = (
        select(ApprovalRoute.levels)
        .where(
            ApprovalRoute.unit_kind == unit.kind.value,
            ApprovalRoute.setting.in_(("*", course.setting or "*")),
            ApprovalRoute.valid_from <= jalali.tehran_today(on),
        )
        .order_by(ApprovalRoute.setting == "*", ApprovalRoute.valid_from.desc())
        .limit(1)
    )
    return db.session.scalar(query) or DEFAULT_ROUTE.get(unit.kind, USUAL_ROUTE)


def first_level(course: Course) -> Level:
    """The level to which sending this course leads now."""
    return Level(route_of(course, utcnow()).split(",")[0])


def _next(levels: str | None, step: Step) -> CourseStatus:
    """Where sending or approving leads: the first level, or the one after the level that approves."""
    route = [Level(name) for name in (levels or USUAL_ROUTE).split(",")]
    place = 0
    if step.action is Action.APPROVE:
        # A level that is no longer on the route ends it only from its last place on.
        place = route.index(step.level) + 1 if step.level in route else len(route)
    return REVIEW_OF[route[place]] if place < len(route) else S.APPROVED


# -- Refusals ----------------------------------------------------------------------


def _refuse_what_no_step_may(step: Step, course: Course, actor: Actor, reason: str) -> None:
    if step.needs_reason and not reason.strip():
        raise DomainError("دلیل را بنویسید؛ همین متن برای مرکز فرستاده می‌شود.", field="reason")
    if step.action in DECISIONS and is_own_work(course, actor, events_of(course.id)) and is_separated(course.unit):
        raise NotAllowed(
            "این دوره را خود شما وارد یا ویرایش کرده‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. "
            "دوره همچنان در صف است و چیزی تغییر نکرد."
        )
    if step.action in DECISIONS:
        holding.require_free(actor, course)
    if step.action is Action.CANCEL and course.taken:
        raise DomainError(
            f"{persian_digits(course.taken)} نفر در این دوره ثبت‌نام دارند. از «لغو یا ادغام» در بالای "
            "صفحهٔ دوره بروید؛ آن‌جا اعتبار هر نفر برمی‌گردد یا به دورهٔ دیگری می‌رود. چیزی تغییر نکرد."
        )
    today = policy.today()
    if step.action is Action.START and course.start_on and today < course.start_on:
        raise DomainError(f"این دوره {jalali.long(course.start_on)} شروع می‌شود؛ پیش از آن آغاز نمی‌شود.")
    if step.action is Action.START and course.taken < (course.capacity_min or 0) and not reason.strip():
        raise DomainError(
            f"تعداد ثبت‌نام‌ها {persian_digits(course.taken)} نفر و کمتر از حداقل ظرفیت "
            f"({persian_digits(course.capacity_min)} نفر) است. برای شروع، دلیل را بنویسید.",
            field="reason",
        )
    if step.action is Action.FINISH and course.end_on and today < course.end_on and not reason.strip():
        raise DomainError(
            f"پایان این دوره {jalali.long(course.end_on)} است. برای پایان زودتر، دلیل را بنویسید.", field="reason"
        )


def is_separated(unit: Unit) -> bool:
    """Whether a unit's courses need another person for each decision."""
    return bool(policy.value(SEPARATION, unit))


def _why_not(course: Course, action: Action) -> str:
    status = labels.STATUS[course.status]
    levels = [s.level for s in STEPS if s.source is course.status and s.action is action]
    if levels:
        who = "سامانه" if levels[0] is None else labels.LEVEL[levels[0]]
        return f"این دوره «{status}» است و «{labels.ACTION[action]}» کار {who} با نقش دیگری است. چیزی تغییر نکرد."
    return f"این دوره اکنون «{status}» است و «{labels.ACTION[action]}» در این وضعیت ممکن نیست. چیزی تغییر نکرد."


def _who_was_faster(course: Course, actor: Actor) -> str:
    event = db.session.scalar(_newest_event(course))
    if event is None:
        return "این دوره در این میان تغییر کرد. صفحه را دوباره ببینید؛ چیزی ثبت نشد."
    when = jalali.clock(jalali.tehran(event.at).time())
    if event.actor_id == actor.user_id:
        did = labels.ACTION_PAST_YOU[event.action]
        return f"شما ساعت {when} این دوره را {did}. همان یک بار ثبت شد و چیزی دوباره ثبت نشد."
    who = trail.name_of(event.actor)
    did = labels.ACTION_PAST[event.action]
    return f"{who} ساعت {when} این دوره را {did}. آنچه شما فرستادید ثبت نشد؛ دوره را دوباره ببینید."


def sent_back(course: Course) -> CourseEvent | None:
    """The decision that returned or rejected a course, with who took it; None when it is not back."""
    if course.status not in (S.RETURNED, S.REJECTED):
        return None
    decisions = (Action.RETURN.value, Action.REJECT.value)
    return db.session.scalar(_newest_event(course).where(CourseEvent.action.in_(decisions)))


def _newest_event(course: Course) -> Select[CourseEvent]:
    told = CourseEvent.action.not_in(("remind", "escalate"))  # what the clock says about waiting changes nothing
    query = select(CourseEvent).where(CourseEvent.course_id == course.id, told)
    query = query.order_by(CourseEvent.id.desc()).limit(1)
    return query.options(joinedload(CourseEvent.actor).joinedload(User.person), joinedload(CourseEvent.reason_text))


def events_of(course_id: int) -> list[CourseEvent]:
    """The events of a course, oldest first."""
    query = select(CourseEvent).where(CourseEvent.course_id == course_id).order_by(CourseEvent.id)
    return list(db.session.scalars(query))
