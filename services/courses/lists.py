"""Lists of courses for staff: the unit's and the province's list, the queues of decision, and the numbers of a home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, and_, false, func, select, tuple_
from sqlalchemy.orm import joinedload

from models import Course, CourseClaim, CourseEvent, CourseStatus, Person, Unit, User, db, utcnow
from services import jalali
from services.access import Actor, Level
from services.courses import deadlines, holding
from services.courses.reading import enrollable, visible_to
from services.courses.steps import DECISIONS, REVIEW_OF

SIZE = 25
COUNT_LIMIT = 1000  # nobody reads the number beyond
S = CourseStatus
STARTING = (S.APPROVED, S.OPEN, S.CLOSED, S.RUNNING)
UNDER_REVIEW = (S.CENTER_REVIEW, S.PROVINCE_REVIEW, S.HQ_REVIEW)
# Tabs of the list: key, label, states, none for any. Drafts are their unit's own affair.
TABS = (
    ("draft", "پیش‌نویس", (S.DRAFT,)),
    ("review", "نزد بررسی‌کنندگان", UNDER_REVIEW),
    ("returned", "برگشت‌خورده و ردشده", (S.RETURNED, S.REJECTED)),
    ("open", "تأییدشده و ثبت‌نام", (S.APPROVED, S.OPEN, S.CLOSED)),
    ("running", "در حال اجرا", (S.RUNNING,)),
    ("finished", "پایان‌یافته و لغوشده", (S.FINISHED, S.CANCELED)),
    ("all", "همه", ()),
)
QUEUE_TABS = (
    ("waiting", "در انتظار من"),
    ("due", "مهلت امروز"),
    ("came_up", "رسیده از سطح پایین"),
    ("returned", "برگشت‌خورده"),
    ("decided", "تصمیم‌های امروز من"),
)


@dataclass(frozen=True)
class Page:
    """One page of a queue; `counts` has the number of every tab, `after` the cursor of the next page or None.

    `rules` are the days of each level.
    """

    rows: Sequence[Any]
    counts: dict[str, int]
    after: tuple[Any, int] | None
    rules: Mapping[str, deadlines.Days] = field(default_factory=dict)


def tabs_for(actor: Actor) -> list[tuple[str, str, tuple[CourseStatus, ...]]]:
    return [tab for tab in TABS if actor.level is Level.CENTER or tab[0] != "draft"]


# -- Queues ------------------------------------------------------------------------


def queue_tabs(actor: Actor) -> list[tuple[str, str]]:
    """The tabs of a queue; to the lowest level nothing comes up."""
    return [tab for tab in QUEUE_TABS if tab[0] != "came_up" or actor.level in deadlines.BELOW]


def queue(actor: Actor, tab: str, now: datetime, *, after: tuple[datetime, int] | None = None) -> Page:
    """The cases of one tab of a queue, those waiting longest first; two queries, or three when the tab is empty."""
    rules = deadlines.known()
    wheres = _queue_wheres(actor, now, rules)
    numbers = {name: counted(where).label(f"n_{name}") for name, where in wheres.items()}
    query = _cases(now, *numbers.values()).where(*wheres[tab]).order_by(Course.level_since, Course.id).limit(SIZE + 1)
    if after:
        query = query.where(tuple_(Course.level_since, Course.id) > after)
    rows: Sequence[Row[Any]] = db.session.execute(query).all()
    told = rows[0] if rows else db.session.execute(select(*numbers.values())).one()
    counts = {name: getattr(told, f"n_{name}") for name in numbers}
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    return Page(rows[:SIZE], counts, (last.level_since, last.id) if last else None, rules=rules)


def _cases(now: datetime, *further: Any) -> Select[Any]:
    """The lines of a queue, each with who has it in hand."""
    columns = (Course.id, Course.code, Course.title, Course.status, Course.level_since, Course.province_id)
    holder = (CourseClaim.user_id.label("holder_id"), Person.first_name, Person.last_name)
    query: Any = select(*columns, Unit.title.label("unit_title"), *holder, *further).join(Course.unit)
    query = query.outerjoin(CourseClaim, holding.live(now)).outerjoin(User, User.id == CourseClaim.user_id)
    listed: Select[Any] = query.outerjoin(Person, Person.id == User.person_id)
    return listed


def counted(wheres: Sequence[Any]) -> Any:
    """SQL: how many courses there are of this kind; counting stops where nobody reads the number any more."""
    some = select(Course.id).where(*wheres).limit(COUNT_LIMIT).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _queue_wheres(actor: Actor, now: datetime, rules: Mapping[str, deadlines.Days]) -> dict[str, tuple[Any, ...]]:
    mine = visible_to(actor)
    waiting = (mine, Course.status == REVIEW_OF.get(actor.level))
    today = jalali.tehran_today(now)
    midnight = jalali.from_tehran(today, time(0))
    decided = select(CourseEvent.course_id).where(
        CourseEvent.actor_id == actor.user_id,
        CourseEvent.at >= midnight,
        CourseEvent.action.in_([action.value for action in DECISIONS]),
        CourseEvent.level == actor.level.value,
    )
    wheres = {
        "waiting": waiting,
        "due": (*waiting, rules[deadlines.name_of(actor.level)].before(now)),
        "returned": (mine, Course.status == S.RETURNED),
        "decided": (mine, Course.id.in_(decided)),
    }
    if below := deadlines.BELOW.get(actor.level):
        wheres["came_up"] = (mine, Course.status == REVIEW_OF[below], deadlines.came_up())
    return wheres


# -- Homes -------------------------------------------------------------------------


def numbers(actor: Actor, now: datetime, also: Mapping[str, ScalarSelect[int]] | None = None) -> dict[str, int]:
    """The numbers of a home page, with those of other subjects that `also` counts; two queries."""
    mine = visible_to(actor)
    today = jalali.tehran_today(now)
    saturday = today - timedelta(days=jalali.weekday(today))
    week = Course.start_on.between(today, saturday + timedelta(days=6))
    due = _queue_wheres(actor, now, deadlines.known())
    back = (S.RETURNED, S.REJECTED) if actor.level is Level.CENTER else (S.RETURNED,)
    wheres: dict[str, tuple[Any, ...]] = {
        "waiting": due["waiting"],
        "due": due["due"],
        "came_up": due.get("came_up", (false(),)),
        "returned": (mine, Course.status.in_(back)),
        "drafts": (mine, Course.status == S.DRAFT),
        "starting": (mine, Course.status.in_(STARTING), week),
        "open": (mine, Course.status == S.OPEN),
    }
    asked = {name: counted(where) for name, where in wheres.items()} | dict(also or {})
    row = db.session.execute(select(*(number.label(name) for name, number in asked.items()))).one()
    return dict(row._mapping)


def recent(actor: Actor, limit: int = 8) -> Sequence[Course]:
    """The courses that this person dealt with last, newest first; one query."""
    last = (
        select(CourseEvent.course_id, func.max(CourseEvent.id).label("event_id"))
        .where(CourseEvent.actor_id == actor.user_id)
        .group_by(CourseEvent.course_id)
        .order_by(func.max(CourseEvent.id).desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(Course)
        .join(last, last.c.course_id == Course.id)
        .where(visible_to(actor))
        .options(joinedload(Course.unit))
        .order_by(last.c.event_id.desc())
    )
    return db.session.scalars(query).all()


def former(actor: Actor, limit: int = 5) -> Sequence[Course]:
    """Courses of the unit to copy from: those that got somewhere, newest first."""
    query = (
        select(Course)
        .where(and_(visible_to(actor), Course.status.not_in((S.DRAFT, S.CANCELED, S.REJECTED))))
        .order_by(Course.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def starting_between(actor: Actor, first: date, last: date) -> Sequence[Course]:
    """Courses that start in these days, soonest first."""
    query = (
        select(Course)
        .where(
            visible_to(actor), Course.status.in_((S.APPROVED, S.OPEN, S.CLOSED)), Course.start_on.between(first, last)
        )
        .options(joinedload(Course.unit))
        .order_by(Course.start_on, Course.id)
        .limit(SIZE)
    )
    return db.session.scalars(query).all()


def taking(actor: Actor, now: datetime, limit: int = 12) -> Sequence[Course]:
    """Courses of the territory that take enrollments now, soonest first."""
    query = select(Course).where(visible_to(actor), enrollable(now)).options(joinedload(Course.unit))
    return db.session.scalars(query.order_by(Course.start_on, Course.id).limit(limit)).all()


def this_week(now: datetime | None = None) -> tuple[date, date]:
    today = jalali.tehran_today(now or utcnow())
    return today, today + timedelta(days=6 - jalali.weekday(today))
