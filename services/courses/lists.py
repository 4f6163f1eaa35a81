"""Lists of courses for staff: the unit's and the province's list, the queues of decision, and the numbers of a home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, and_, func, select, tuple_
from sqlalchemy.orm import joinedload

from models import Course, CourseEvent, CourseStatus, Unit, db, utcnow
from services import jalali
from services.access import Actor, Level
from services.courses.reading import enrollable, visible_to
from services.courses.steps import DECISIONS, REVIEW_OF

SIZE = 25
COUNT_LIMIT = 1000  # nobody reads the number beyond
REVIEW_DAYS = 3  # for the tags of a queue only; nothing is refused when they have passed
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
    ("returned", "برگشت‌خورده"),
    ("decided", "تصمیم‌های امروز من"),
)


@dataclass(frozen=True)
class Page:
    """One page of a queue; `counts` has the number of every tab, `after` the cursor of the next page or None."""

    rows: Sequence[Any]
    counts: dict[str, int]
    after: tuple[Any, int] | None


def tabs_for(actor: Actor) -> list[tuple[str, str, tuple[CourseStatus, ...]]]:
    return [tab for tab in TABS if actor.level is Level.CENTER or tab[0] != "draft"]


# -- Queues ------------------------------------------------------------------------


def queue(actor: Actor, tab: str, now: datetime, *, after: tuple[datetime, int] | None = None) -> Page:
    """The cases of one tab of a queue, those waiting longest first; one query, or two when the tab is empty."""
    wheres = _queue_wheres(actor, now)
    numbers = {name: counted(where).label(f"n_{name}") for name, where in wheres.items()}
    query = _cases(*numbers.values()).where(*wheres[tab]).order_by(Course.level_since, Course.id).limit(SIZE + 1)
    if after:
        query = query.where(tuple_(Course.level_since, Course.id) > after)
    rows: Sequence[Row[Any]] = db.session.execute(query).all()
    told = rows[0] if rows else db.session.execute(select(*numbers.values())).one()
    counts = {name: getattr(told, f"n_{name}") for name in numbers}
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    return Page(rows[:SIZE], counts, (last.level_since, last.id) if last else None)


def _cases(*further: Any) -> Select[Any]:
    return select(
        Course.id,
        Course.code,
        Course.title,
        Course.status,
        Course.level_since,
        Unit.title.label("unit_title"),
        *further,
    ).join(Course.unit)


def counted(wheres: Sequence[Any]) -> Any:
    """SQL: how many courses there are of this kind; counting stops where nobody reads the number any more."""
    some = select(Course.id).where(*wheres).limit(COUNT_LIMIT).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _queue_wheres(actor: Actor, now: datetime) -> dict[str, tuple[Any, ...]]:
    mine = visible_to(actor)
    waiting = (mine, Course.status == REVIEW_OF.get(actor.level))
    today = jalali.tehran_today(now)
    midnight = jalali.from_tehran(today, time(0))
    since = jalali.from_tehran(today - timedelta(days=REVIEW_DAYS - 1), time(0))
    decided = select(CourseEvent.course_id).where(
        CourseEvent.actor_id == actor.user_id,
        CourseEvent.at >= midnight,
        CourseEvent.action.in_([action.value for action in DECISIONS]),
        CourseEvent.level == actor.level.value,
    )
    return {
        "waiting": waiting,
        "due": (*waiting, Course.level_since < since),
        "returned": (mine, Course.status == S.RETURNED),
        "decided": (mine, Course.id.in_(decided)),
    }


def days_left(level_since: datetime | None, now: datetime) -> int:
    """Days until the decision is due; 0 is today, less is late."""
    start = jalali.tehran_today(level_since or now)
    return (start - jalali.tehran_today(now)).days + REVIEW_DAYS


# -- Homes -------------------------------------------------------------------------


def numbers(actor: Actor, now: datetime, also: Mapping[str, ScalarSelect[int]] | None = None) -> dict[str, int]:
    """The numbers of a home page, with those of other subjects that `also` counts; one query."""
    mine = visible_to(actor)
    today = jalali.tehran_today(now)
    saturday = today - timedelta(days=jalali.weekday(today))
    week = Course.start_on.between(today, saturday + timedelta(days=6))
    due = _queue_wheres(actor, now)
    back = (S.RETURNED, S.REJECTED) if actor.level is Level.CENTER else (S.RETURNED,)
    wheres: dict[str, tuple[Any, ...]] = {
        "waiting": due["waiting"],
        "due": due["due"],
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
