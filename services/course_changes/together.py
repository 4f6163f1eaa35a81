"""Several changes of approved courses approved or returned together, each in a transaction of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from models import ChangeState, Course, CourseChange, CourseEvent, User, db
from services import courses, deciding, jalali, labels, policy, text, trail
from services.access import Actor
from services.changes import Difference
from services.course_changes import reading
from services.course_changes.deciding import OWN, decide_once
from services.course_changes.steps import DECIDES
from services.course_changes.wording import ACTION_PAST, STATE
from services.courses import wording
from services.courses.steps import SEPARATION
from services.deciding import Outcome
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.text import persian_digits

MOST = 25
_MOVES = "کسانی که ثبت‌نام کرده‌اند با این تغییر از دوره می‌روند. آن را جدا باز کنید و ببینید به کجا می‌روند و چه برمی‌گردد."


@dataclass(frozen=True)
class Key:
    """A change as somebody has seen it; 0 is no version, as the list names it."""

    change_id: int
    version: int = 0


@dataclass(frozen=True)
class Chosen:
    """One of the chosen changes as it is now.

    `waits` for the one who looks; `bar` says why they do not decide it, `against` why they do not approve it among
    others. `last` is what was done with it last, where a level has passed it on.
    """

    change: CourseChange
    fields: Sequence[Difference]
    waits: bool
    bar: str = ""
    against: str = ""
    last: CourseEvent | None = None


def require_reviewer(actor: Actor) -> None:
    """Refuse who decides on no change at this level."""
    if not actor.has(DECIDES[actor.level]):
        raise NotAllowed("تصمیم دربارهٔ چند درخواست با هم کار کسی است که دربارهٔ دوره‌ها تصمیم می‌گیرد. چیزی تغییر نکرد.")


def several(actor: Actor, ids: Sequence[int]) -> list[Chosen]:
    """Changes of the territory as they are now, in this order; four queries.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another territory's.
        DomainError: they are too many.
    """
    if len(ids) > MOST:
        raise DomainError(f"یک بار تا {persian_digits(MOST)} درخواست را انتخاب کنید. چیزی تغییر نکرد.")
    query = (
        select(CourseChange, courses.visible_to(actor), policy.column(SEPARATION, Course.unit_id))
        .join(CourseChange.course)
        .where(CourseChange.id.in_(ids))
        .options(
            contains_eager(CourseChange.course).joinedload(Course.unit),
            contains_eager(CourseChange.course)
            .selectinload(Course.events)
            .joinedload(CourseEvent.actor)
            .joinedload(User.person),
            joinedload(CourseChange.decided_by).joinedload(User.person),
        )
        .execution_options(populate_existing=True)
    )
    found = {row[0].id: row for row in db.session.execute(query)}
    for each in ids:
        if each not in found:
            raise NotFound(reading.NO_SUCH)
        if not found[each][1]:
            raise OutsideTerritory("course_change", each)
    names = wording.names_in(row[0].wanted for row in found.values())
    return [_chosen(actor, change, names, parted) for change, _, parted in map(found.__getitem__, ids)]


def decide_all(
    actor: Actor, form_key: str, chosen: Collection[Key], *, approve: bool, reason: str
) -> Sequence[Outcome[Key]]:
    """Approve or return each of them, in their order; of each what became of it.

    Raises:
        as `several`; DomainError: no reason is said for a return.

    Source: docs/rules.md R-421.
    """
    found = {each.change.id: each for each in several(actor, [key.change_id for key in chosen])}
    if not approve and not text.clean(reason):
        raise DomainError("دلیل را بنویسید؛ همین متن برای مرکزها فرستاده می‌شود.", field="reason")
    action = "approve" if approve else "return"

    def decided(key: Key) -> deciding.Decided[CourseChange | None]:
        if approve and (against := found[key.change_id].against):
            raise DomainError(against)
        return decide_once(actor, form_key, key.change_id, key.version, action, reason)

    return deciding.each(chosen, decided)


def over(actor: Actor, chosen: Chosen) -> str:
    """What was done last with a change, by whom and when, and what it is now."""
    change, state = chosen.change, STATE[chosen.change.state][0]
    if change.state is ChangeState.WAITING:
        last, did = chosen.last, ACTION_PAST["waiting"]
        by, user, at = (last.actor_id, last.actor, last.at) if last else (None, None, None)
        state = f"{state} {labels.LEVEL[change.level]}" if change.level else state
    else:
        by, user, at, did = change.decided_by_id, change.decided_by, change.decided_at, ACTION_PAST[change.state]
    if at is None:
        return f"این درخواست اکنون «{state}» است و در انتظار شما نیست."
    is_mine = by == actor.user_id
    who = "خود شما" if is_mine else trail.name_of(user)
    return f"{who} {jalali.at(at)} {did[int(is_mine)]}؛ اکنون «{state}» است."


def ended_by(actor: Actor, chosen: Chosen, *, approve: bool) -> bool:
    """Whether this person has decided a change just so."""
    change, last = chosen.change, chosen.last
    if change.state is ChangeState.WAITING:
        return approve and last is not None and last.actor_id == actor.user_id
    return change.state == ("done" if approve else "returned") and change.decided_by_id == actor.user_id


# -- Support -----------------------------------------------------------------------


def _chosen(actor: Actor, change: CourseChange, names: wording.Names, parted: object) -> Chosen:
    waits = change.state is ChangeState.WAITING and reading.may_decide(actor, change)
    fields = [
        Difference(
            name, wording.FIELD.get(name, name), wording.show(name, old, names), wording.show(name, new, names), ""
        )
        for name, (old, new) in change.wanted.items()
    ]
    is_own = waits and change.asked_by_id == actor.user_id and policy.found(SEPARATION, parted)
    keep = reading.seats_after(change)
    leave = waits and keep is not None and change.course.taken > keep
    last = next((event for event in reversed(change.course.events) if event.action == "change_approve"), None)
    return Chosen(change, fields, waits, OWN if is_own else "", _MOVES if leave else "", last)
