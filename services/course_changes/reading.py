"""Which changes of approved courses there are for whom, and one of them with what it would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, String, and_, cast, func, literal, select, true, tuple_
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import (
    ChangeKind,
    ChangeState,
    Course,
    CourseChange,
    Enrollment,
    EnrollmentStatus,
    Message,
    Role,
    Unit,
    User,
    Workshop,
    db,
    utcnow,
)
from services import courses, policy, territory
from services.access import Actor, Level
from services.changes import encode
from services.course_changes.steps import DECIDES
from services.course_changes.values import BEFORE, LIVE, TOLD, decode, lacking
from services.courses import Gap, wording
from services.courses.steps import is_separated
from services.enrollment import moving
from services.enrollment.moving import Leaving
from services.errors import DomainError

SIZE = 25
NO_SUCH = "این درخواست تغییر پیدا نشد. از فهرست تغییرها شروع کنید."
OPEN = (ChangeState.WAITING, ChangeState.RETURNED)
TABS = (("waiting", "در انتظار من"), ("open", "در جریان"), ("ended", "پایان‌یافته"))


@dataclass(frozen=True)
class Page:
    """One page of a list; `counts` has the number of every tab but the ended, `after` the next cursor or None."""

    rows: Sequence[CourseChange]
    counts: dict[str, int]
    after: tuple[datetime, int] | None


@dataclass(frozen=True)
class Field:
    """One field of a change, old beside new; `now` where the live version has moved on since it was asked for."""

    name: str
    label: str
    old: str
    new: str
    now: str | None = None


@dataclass(frozen=True)
class Look:
    """A change as somebody sees it before deciding."""

    change: CourseChange
    course: Course
    fields: Sequence[Field]
    gaps: Sequence[Gap]
    leaving: Leaving | None
    actions: Sequence[str]
    is_own: bool
    untold: int

    @property
    def checks(self) -> list[tuple[bool, str]]:
        """What keeps it from being carried out now, as automatic checks are shown."""
        return [(False, gap.text) for gap in self.gaps]


def get(actor: Actor, change_id: int, *, lock: bool = False) -> CourseChange:
    """One change of a course of the territory, as it is now.

    Raises:
        OutsideTerritory, NotFound: as `courses.get`.
    """
    query = select(CourseChange, courses.visible_to(actor)).join(Course, Course.id == CourseChange.course_id)
    query = query.where(CourseChange.id == change_id).options(
        contains_eager(CourseChange.course).joinedload(Course.unit).joinedload(Unit.province),
        joinedload(CourseChange.other_course).joinedload(Course.unit),
        joinedload(CourseChange.asked_by).joinedload(User.person),
        joinedload(CourseChange.decided_by).joinedload(User.person),
    )
    if lock:
        query = query.with_for_update(of=CourseChange)
    return territory.only(query, "course_change", change_id, NO_SUCH)


def standing(course_id: int) -> CourseChange | None:
    """The change of a course that is not decided yet."""
    query = select(CourseChange).where(CourseChange.course_id == course_id, CourseChange.state.in_(OPEN))
    return db.session.scalar(query.execution_options(populate_existing=True))


def asks(actor: Actor, course: Course) -> bool:
    """Whether this person may ask for a change of the course now."""
    return course.status in LIVE and course.unit_id in courses.reading.units_of_staff(actor)


def cancels(actor: Actor, course: Course) -> bool:
    """Whether this person may cancel or merge the course by themselves.

    Source: docs/rules.md R-54.
    """
    reviews = actor.level is Level.PROVINCE and actor.acting(Role.REVIEWER).covers(course.unit_id, course.province_id)
    return reviews and course.status in BEFORE


def may_decide(actor: Actor, change: CourseChange) -> bool:
    """Whether the change waits for a role that this person has, their own asking aside."""
    if change.state is not ChangeState.WAITING or change.level != actor.level.value or actor.level not in DECIDES:
        return False
    return actor.acting(DECIDES[actor.level]).covers(change.unit_id, change.province_id)


def tells(actor: Actor, change: CourseChange) -> bool:
    """Whether this person may let those enrolled know of the change: its unit, or who decides there."""
    if actor.level is Level.CENTER:
        return change.unit_id in courses.reading.units_of_staff(actor)
    return actor.acting(*DECIDES.values()).covers(change.unit_id, change.province_id)


def is_own(actor: Actor, change: CourseChange) -> bool:
    """Source: docs/rules.md R-52."""
    return change.asked_by_id == actor.user_id and is_separated(change.course.unit)


# -- Lists -----------------------------------------------------------------------------


def listing(actor: Actor, tab: str, after: tuple[datetime, int] | None = None) -> Page:
    """The changes of one tab, those waiting longest first, the ended ones newest first; two queries."""
    wheres = _wheres(actor)
    waits = (CourseChange.level_since, CourseChange.id)
    query = select(CourseChange).join(CourseChange.course).where(*wheres[tab])
    query = query.options(contains_eager(CourseChange.course).joinedload(Course.unit)).limit(SIZE + 1)
    if tab == "ended":
        query = query.order_by(CourseChange.id.desc())
        query = query.where(CourseChange.id < after[1]) if after else query
    else:
        query = query.order_by(*waits)
        query = query.where(tuple_(*waits) > after) if after else query
    rows = db.session.scalars(query).all()
    numbers = {name: _number(wheres[name]).label(f"n_{name}") for name in ("waiting", "open")}
    counted = db.session.execute(select(*numbers.values())).one()
    counts = {name: getattr(counted, f"n_{name}") for name in numbers}
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    return Page(rows[:SIZE], counts, (last.level_since or last.created_at, last.id) if last else None)


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """SQL: how many changes wait for this person, for the numbers of a home."""
    return {"changes": _number(_wheres(actor)["waiting"])}


def _wheres(actor: Actor) -> dict[str, tuple[Any, ...]]:
    here = _of(actor)
    mine = and_(here, CourseChange.level == actor.level.value, CourseChange.state == ChangeState.WAITING)
    return {
        "waiting": (mine,),
        "open": (here, CourseChange.state.in_(OPEN)),
        "ended": (here, CourseChange.state.not_in((*OPEN, ChangeState.DRAFT))),
    }


def _of(actor: Actor) -> Any:
    """The changes of the territory: every course that has one was sent once."""
    if actor.level is Level.CENTER:
        return CourseChange.unit_id.in_(actor.units)
    if actor.level is Level.HQ:
        return true()
    return CourseChange.province_id.in_(actor.provinces)


def _number(wheres: Sequence[Any]) -> ScalarSelect[int]:
    some = select(CourseChange.id).where(*wheres).limit(1000).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


# -- One change ------------------------------------------------------------------------


def look(actor: Actor, change_id: int) -> Look:
    """A change with what it would do now, and what this person may do.

    Raises:
        OutsideTerritory, NotFound: as `get`.
    """
    change = get(actor, change_id)
    course, is_open = change.course, change.state in OPEN
    wanted = wanted_of(change)
    deciding = may_decide(actor, change)
    own = deciding and is_own(actor, change)
    actions = ["approve", "return", "refuse"] if deciding and not own else []
    if is_open and course.unit_id in courses.reading.units_of_staff(actor):
        actions.append("withdraw")
    return Look(
        change=change,
        course=course,
        fields=_fields(change),
        gaps=lacking(course, wanted, utcnow()) if is_open and wanted and course.status in LIVE else [],
        leaving=leaving_of(change, course) if is_open and course.status in BEFORE else None,
        actions=actions,
        is_own=own,
        untold=_untold(change) if tells(actor, change) else 0,
    )


def wanted_of(change: CourseChange) -> dict[str, Any]:
    """The new values of an edit, as they are stored in a course."""
    return {name: decode(name, new) for name, (_, new) in change.wanted.items()}


def leaving_of(change: CourseChange, course: Course) -> Leaving | None:
    """Who would have to leave by this change, and where to; None when nobody has to."""
    keep = seats_after(change)
    if keep is None or course.taken <= keep:
        return None
    return moving.look(course, change.other_course, keep)


def seats_after(change: CourseChange) -> int | None:
    """How many seats a change leaves; None when it says nothing about them."""
    if change.kind is not ChangeKind.EDIT:
        return 0
    return wanted_of(change).get("capacity_max")


def _fields(change: CourseChange) -> list[Field]:
    names = wording.names_in([change.wanted])
    found = []
    for name, (old, new) in change.wanted.items():
        stored = encode(getattr(change.course, name))
        has_moved = change.state in OPEN and stored not in (old, new)
        now = wording.show(name, stored, wording.names_in([{name: [stored]}])) if has_moved else None
        label = wording.FIELD.get(name, name)
        found.append(Field(name, label, wording.show(name, old, names), wording.show(name, new, names), now))
    return found


def told_where(change: CourseChange) -> tuple[Any, ...]:
    """SQL: those still enrolled who had enrolled before the change was made, and have not been told of it."""
    key = literal(f"change:{change.id}:") + cast(Enrollment.id, String)
    told = select(Message.id).where(Message.cause_key == key).exists()
    return (
        Enrollment.course_id == change.course_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
        Enrollment.created_at < change.decided_at,
        ~told,
    )


def _untold(change: CourseChange) -> int:
    """How many are still to be told; a change of nothing that they must know needs no telling."""
    is_done = change.state is ChangeState.DONE and change.kind is ChangeKind.EDIT
    if not is_done or not set(TOLD) & set(change.wanted):
        return 0
    return db.session.scalar(select(func.count()).select_from(Enrollment).where(*told_where(change))) or 0


# -- Where people can go -----------------------------------------------------------------


def targets(course: Course, limit: int = 30) -> Sequence[Course]:
    """Courses of the same standard in the province that have not begun and have seats: near ones first.

    Source: docs/rules.md R-385.
    """
    other = aliased(Course)
    wanted = (
        other.province_id == course.province_id,
        other.standard_id == course.standard_id,
        other.status.in_(moving.TAKES),
        other.start_on > policy.today(),
        courses.has_room(other),
        other.id != course.id,
    )
    near = (other.unit_id != course.unit_id, other.county_id != course.county_id, other.start_on, other.id)
    query = select(other).where(*wanted).order_by(*near).limit(limit)
    return db.session.scalars(query.options(joinedload(other.unit))).all()


def target(course: Course, other_id: int | None) -> Course | None:
    """One of them, chosen; None when none is.

    Raises:
        DomainError: it is none of these.
    """
    if other_id is None:
        return None
    found = next((each for each in targets(course, 1000) if each.id == other_id), None)
    if found is None:
        raise DomainError("این دوره دیگر جای خالی ندارد یا لغو یا آغاز شده است؛ دورهٔ دیگری انتخاب کنید", field="other")
    return found


def room_title(workshop_id: int) -> str:
    """Where a course meets, for the message about it."""
    room = db.session.get(Workshop, workshop_id, options=[joinedload(Workshop.place)])
    return f"{room.place.title}، {room.title}" if room else ""
