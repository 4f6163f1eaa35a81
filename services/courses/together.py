"""Several waiting courses approved or returned together, each in a transaction of its own."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import Course, CourseClaim, CourseEvent, User, db
from services import deciding, jalali, labels, places, policy, submissions, trail
from services.access import Actor
from services.courses import checklist, holding, reading
from services.courses.checklist import Signed
from services.courses.saying import Said
from services.courses.steps import DECIDES, DECISIONS, SEPARATION, Action, decide, is_own_work, steps_for
from services.deciding import Decided, Outcome
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.text import persian_digits
from services.transaction import atomic

MOST = 50
_CLOCK = ("remind", "escalate")


@dataclass(frozen=True)
class Key:
    """A course as it was seen; without a version as the list names it."""

    course_id: int
    version: int | None = None


@dataclass(frozen=True)
class Chosen:
    """One of the chosen courses as it is now: whether it waits for the one who looks, and what bars a decision."""

    course: Course
    waits: bool
    bar: str
    is_short: bool
    last: CourseEvent | None


def require_reviewer(actor: Actor) -> None:
    """Refuse who decides on no course at this level."""
    if not actor.has(DECIDES[actor.level]):
        raise NotAllowed("تصمیم دربارهٔ چند پرونده با هم کار کسی است که دربارهٔ دوره‌ها تصمیم می‌گیرد. چیزی تغییر نکرد.")


def several(actor: Actor, ids: Sequence[int]) -> list[Chosen]:
    """Courses of the territory as they are now, in this order; two queries.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another territory's.
        DomainError: they are too many.
    """
    if len(ids) > MOST:
        raise DomainError(f"یک بار تا {persian_digits(MOST)} پرونده را انتخاب کنید. چیزی تغییر نکرد.")
    is_short = places.is_short(Course.workshop_id, Course.standard_id, Course.capacity_max)
    query = (
        select(Course, reading.visible_to(actor), policy.column(SEPARATION, Course.unit_id), is_short)
        .join(Course.unit)
        .where(Course.id.in_(ids))
        .options(
            contains_eager(Course.unit),
            joinedload(Course.claim).joinedload(CourseClaim.user).joinedload(User.person),
            selectinload(Course.events).joinedload(CourseEvent.actor).joinedload(User.person),
        )
        .execution_options(populate_existing=True)
    )
    found = {row[0].id: row for row in db.session.execute(query)}
    for each in ids:
        if each not in found:
            raise NotFound(reading.NO_SUCH_COURSE)
        if not found[each][1]:
            raise OutsideTerritory("course", each)
    return [_chosen(actor, course, parted, bool(short)) for course, _, parted, short in map(found.__getitem__, ids)]


def decide_all(
    actor: Actor, form_key: str, chosen: Collection[Key], *, approve: bool, reason: str, signed: Signed
) -> Sequence[Outcome[Key]]:
    """Approve or return each of them, in their order; of each what became of it.

    Raises:
        as `several`; DomainError: the checklist is not signed for an approval, or says nothing of equipment that is
            short; or no reason is said for a return.

    Source: docs/rules.md R-347.
    """
    found = several(actor, [key.course_id for key in chosen])
    if approve:
        is_short = any(each.is_short and each.waits for each in found)
        for name, text in checklist.lacking(signed, (policy.value("checklist_signed"), is_short)):
            raise DomainError(text, field=name)
    elif not reason.strip():
        raise DomainError("دلیل را بنویسید؛ همین متن برای مرکزها فرستاده می‌شود.", field="reason")
    action = Action.APPROVE if approve else Action.RETURN
    said = Said(reason=reason, signed=signed)
    said.why(action)  # what is wrong with it is wrong for all of them
    return deciding.each(chosen, lambda key: _decided(actor, form_key, key, action, said))


def over(actor: Actor, chosen: Chosen) -> str:
    """What was done last with a course, by whom and when, and what it is now."""
    course, last = chosen.course, chosen.last
    status = labels.STATUS[course.status]
    if last is None:
        return f"این دوره اکنون «{status}» است."
    when, is_mine = jalali.at(last.at), last.actor_id == actor.user_id
    did = (labels.ACTION_PAST_YOU if is_mine else labels.ACTION_PAST)[last.action]
    return f"{'خود شما' if is_mine else trail.name_of(last.actor)} {when} {did}؛ اکنون «{status}» است."


# -- Support -----------------------------------------------------------------------


def _chosen(actor: Actor, course: Course, parted: object, is_short: bool) -> Chosen:
    waits = any(step.action in DECISIONS for step in steps_for(course, actor))
    bar, held = "", holding.now_of(course)
    if waits and is_own_work(course, actor, course.events) and policy.found(SEPARATION, parted):
        bar = "این دوره را خود شما وارد یا ویرایش کرده‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است."
    elif waits and held is not None and held.user_id != actor.user_id:
        bar = f"{holding.said(held)}."
    return Chosen(course, waits, bar, is_short, _last(course.events))


def _last(events: Iterable[CourseEvent]) -> CourseEvent | None:
    return next((event for event in reversed(list(events)) if event.action not in _CLOCK), None)


def _decided(actor: Actor, form_key: str, key: Key, action: Action, said: Said) -> Decided[Course | None]:
    with atomic():
        own = submissions.for_choice(form_key, f"{action.value} {key.course_id}")
        if not submissions.once(own, actor.user_id, f"course:{key.course_id}"):
            return Decided(None, repeated=True)
        return Decided(decide(actor, key.course_id, action, said, version=key.version), repeated=False)
