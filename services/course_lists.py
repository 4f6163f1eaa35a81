"""Lists of courses for staff as somebody wants to see them: narrowed, in an order, counted, page by page.

What is wanted stands in the address in plain words of ours; nothing of a person does.

Source: docs/rules.md R-370 to R-372.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, literal, or_, select, text, tuple_, union_all
from sqlalchemy.orm import joinedload

from models import Course, CourseEvent, CourseStatus, Gender, Instructor, Setting, Shift, SkillStandard, db
from services import jalali
from services.access import Actor
from services.courses.lists import COUNT_LIMIT, SIZE, counted, tabs_for
from services.courses.reading import in_states, visible_to
from services.courses.steps import Action
from services.text import clean, digits, key, persian_digits

AT_ONCE = 500  # rows that are read together for a workbook
MAY_LACK_DAYS = (CourseStatus.DRAFT, CourseStatus.RETURNED, CourseStatus.REJECTED, CourseStatus.CANCELED)
NEVER = date(9999, 12, 31)  # where a course without a first day stands
S = CourseStatus
E = TypeVar("E", bound=StrEnum)


class Order(StrEnum):
    NEWEST = "newest"
    SOONEST = "start"
    LATEST = "-start"
    TITLE = "title"


ORDERS = {
    Order.NEWEST: "تازه‌ترین",
    Order.SOONEST: "زودترین شروع",
    Order.LATEST: "دیرترین شروع",
    Order.TITLE: "نام",
}


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see of the courses of their territory."""

    tab: str
    words: str = ""
    standard: str = ""
    province: int | None = None
    county: int | None = None
    unit: int | None = None
    trade: int | None = None
    first: date | None = None
    last: date | None = None
    shift: Shift | None = None
    gender: Gender | None = None
    setting: Setting | None = None
    without_instructor: bool = False
    order: Order = Order.NEWEST

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the tab, the words and the order is asked for."""
        return replace(self, words="", order=Order.NEWEST) != Wanted(self.tab)


@dataclass(frozen=True)
class Page:
    """One page: `counts` has the number of every tab and `saved` of every saved list, each up to `COUNT_LIMIT`;
    `after` is the cursor of the next page or None; `reasons` says by id why a course came back."""

    rows: Sequence[Course]
    counts: dict[str, int]
    saved: list[int]
    after: str | None
    reasons: dict[int, str] = field(default_factory=dict)


def number_told(number: int) -> str:
    """A number of a tab, as people read it."""
    return f"{persian_digits(number)}+" if number >= COUNT_LIMIT else persian_digits(number)


# -- What is wanted, in an address -------------------------------------------------


def read(args: Mapping[str, str], tabs: Sequence[str]) -> Wanted:
    """What an address asks for; a value that cannot be is overlooked, and without a tab it is the first one."""
    return Wanted(
        tab=args["tab"] if args.get("tab") in tabs else tabs[0],
        words=clean(args.get("q", "")[:80]),
        standard=digits(clean(args.get("standard", "")[:20])),
        **{name: _number(args.get(name)) for name in ("province", "county", "unit", "trade")},
        first=jalali.parse(args.get("first")),
        last=jalali.parse(args.get("last")),
        shift=_member(Shift, args.get("shift")),
        gender=_member(Gender, args.get("gender")),
        setting=_member(Setting, args.get("setting")),
        without_instructor=args.get("show") == "without",
        order=_member(Order, args.get("sort")) or Order.NEWEST,
    )


def address(wanted: Wanted) -> dict[str, str]:
    """The same for an address, in one spelling and without what says nothing."""
    days = {name: digits(jalali.short(day)).replace("/", "-") for name, day in _days(wanted) if day}
    said: dict[str, Any] = {"tab": wanted.tab, "q": wanted.words, "standard": wanted.standard}
    said |= {name: getattr(wanted, name) for name in ("province", "county", "unit", "trade")} | days
    said |= {name: getattr(wanted, name) for name in ("shift", "gender", "setting")}
    said |= {"show": "without" if wanted.without_instructor else ""}
    said |= {"sort": "" if wanted.order is Order.NEWEST else wanted.order.value}
    return {name: str(value) for name, value in said.items() if value}


def _days(wanted: Wanted) -> tuple[tuple[str, date | None], ...]:
    return ("first", wanted.first), ("last", wanted.last)


def _member(kind: type[E], raw: str | None) -> E | None:
    return kind(raw) if raw in set(kind) else None


def _number(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) <= 18 else None


# -- Pages -------------------------------------------------------------------------


def listing(actor: Actor, wanted: Wanted, after: str = "", saved: Sequence[Wanted] = ()) -> Page:
    """One page of a tab with the numbers of all tabs and of the saved lists; two queries."""
    query = _part(actor, wanted, _place(wanted, after), SIZE + 1)
    told = db.session.execute(query.add_columns(_why_back() if wanted.tab == "returned" else literal(""))).all()
    last = told[SIZE - 1] if len(told) > SIZE else None
    counts, numbers = _counts(actor, wanted, saved)
    return Page(
        rows=[course for course, *_ in told[:SIZE]],
        counts=counts,
        saved=numbers,
        after=f"{last[1]}_{last[0].id}" if last else None,
        reasons={course.id: reason for course, _, reason in told[:SIZE] if reason},
    )


def every(actor: Actor, wanted: Wanted, most: int) -> Iterator[Course]:
    """What the list shows on all its pages, up to `most`, with what a workbook says of it; a query for each 500."""
    after, left = "", most
    while left:
        query = _part(actor, wanted, _place(wanted, after), min(AT_ONCE, left))
        query = query.options(joinedload(Course.province), joinedload(Course.county))
        query = query.options(joinedload(Course.instructor).joinedload(Instructor.person))
        told = db.session.execute(query).all()
        yield from (course for course, _ in told)
        if len(told) < AT_ONCE:
            return
        left -= len(told)
        after = f"{told[-1][1]}_{told[-1][0].id}"


def _counts(actor: Actor, wanted: Wanted, saved: Sequence[Wanted]) -> tuple[dict[str, int], list[int]]:
    """The number of every tab within what is wanted, and of every saved list; one query."""
    tabs = tabs_for(actor)
    kept = [counted((visible_to(actor), *_asked(actor, each))) for each in saved]
    if wanted.is_narrowed or wanted.words:  # few are left over: looked at once for all tabs
        within = (visible_to(actor), *_asked(actor, replace(wanted, tab="all")))
        query = select(*(_share(states) for _, _, states in tabs), *kept).where(*within)
    else:
        query = select(*(counted((visible_to(actor, states), *_in(states))) for _, _, states in tabs), *kept)
    found = [min(number or 0, COUNT_LIMIT) for number in db.session.execute(query).one()]
    return dict(zip((name for name, *_ in tabs), found, strict=False)), found[len(tabs) :]


def _share(states: Sequence[CourseStatus]) -> ColumnElement[Any]:
    """SQL: how many of the rows looked at are in one of these states; all of them where none is named."""
    return func.count(case((Course.status.in_(states), Course.id))) if states else func.count(Course.id)


def _in(states: Sequence[CourseStatus]) -> list[ColumnElement[bool]]:
    return [in_states(states)] if states else []


def _rows(actor: Actor, wanted: Wanted) -> Select[Any]:
    query = select(Course, _sort_key(wanted).label("place")).where(visible_to(actor), *_asked(actor, wanted))
    if wanted.order is Order.TITLE:
        query = query.outerjoin(SkillStandard, SkillStandard.id == Course.standard_id)
    return query.options(joinedload(Course.unit))


def _states(actor: Actor, wanted: Wanted) -> tuple[CourseStatus, ...]:
    return next(states for name, _, states in tabs_for(actor) if name == wanted.tab)


def _asked(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = {
        Course.province_id: wanted.province,
        Course.county_id: wanted.county,
        Course.unit_id: wanted.unit,
        Course.field_id: wanted.trade,
        Course.standard_code: wanted.standard or None,
        Course.shift: wanted.shift,
        Course.gender: wanted.gender,
        Course.setting: wanted.setting,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    found += _in(_states(actor, wanted))
    found += [Course.start_on >= wanted.first] if wanted.first else []
    found += [Course.start_on <= wanted.last] if wanted.last else []
    found += [Course.instructor_id.is_(None)] if wanted.without_instructor else []
    words = [key(word) for word in wanted.words.split()[:8]]
    return found + [Course.search_key.contains(word, autoescape=True) for word in words if word]


# -- Parts -------------------------------------------------------------------------


def _part(actor: Actor, wanted: Wanted, at: tuple[Any, int] | None, size: int) -> Select[Any]:
    """So many rows of the list from a place on.

    A list that is not narrowed is put together from shares, each of which an index has in the order of the list and
    gives the first rows of; to sort all courses of the country would take a quarter of a second.
    """
    query = _ordered(_rows(actor, wanted), wanted).limit(size)
    if wanted.order is Order.NEWEST or wanted.words or wanted.is_narrowed:
        return query.where(_beyond(wanted, at)) if at else query
    shares = _by_title(actor, wanted, at) if wanted.order is Order.TITLE else _by_day(actor, wanted, at)
    firsts = [share.limit(size).subquery() for share in shares]
    return query.where(Course.id.in_(union_all(*(select(first.c.id) for first in firsts))))


def _by_title(actor: Actor, wanted: Wanted, at: tuple[Any, int] | None) -> list[Select[Any]]:
    """The courses without a standard, whose name is empty and comes first, and those with one."""
    mine = select(Course.id).where(visible_to(actor), *_in(_states(actor, wanted)))
    named = mine.join(SkillStandard, SkillStandard.id == Course.standard_id)
    named = named.order_by(SkillStandard.title_sort, Course.id)
    if at and at[0]:
        return [named.where(tuple_(SkillStandard.title_sort, Course.id) > at)]
    without = mine.where(Course.standard_id.is_(None)).order_by(Course.id)
    return [named, without.where(Course.id > at[1]) if at else without]


def _by_day(actor: Actor, wanted: Wanted, at: tuple[Any, int] | None) -> list[Select[Any]]:
    """The courses of each state by first day; those without one stand last, as `NEVER` does."""
    columns: list[Any] = [Course.start_on.asc().nulls_last(), Course.id]
    if _is_falling(wanted):
        columns = [Course.start_on.desc().nulls_first(), Course.id.desc()]
    states = _states(actor, wanted) or tuple(S)
    return [_of_state(actor, state, wanted, at).order_by(*columns) for state in states]


def _of_state(actor: Actor, state: CourseStatus, wanted: Wanted, at: tuple[Any, int] | None) -> Select[Any]:
    some = select(Course.id).where(visible_to(actor, [state]), in_states([state]))
    if state is not S.DRAFT:
        some = some.where(text("course.status NOT IN ('draft')"))  # the words of `ix_course_dates`
    if at is None:
        return some
    here, has_day = tuple_(Course.start_on, Course.id), at[0] != NEVER
    if _is_falling(wanted):
        return some.where(here < at if has_day else or_(Course.start_on.is_not(None), Course.id < at[1]))
    if not has_day:
        return some.where(Course.start_on.is_(None), Course.id > at[1])
    return some.where(or_(here > at, Course.start_on.is_(None)) if state in MAY_LACK_DAYS else here > at)


# -- Orders ------------------------------------------------------------------------


def _sort_key(wanted: Wanted) -> ColumnElement[Any]:
    if wanted.order is Order.TITLE:
        return func.coalesce(SkillStandard.title_sort, "")
    if wanted.order is Order.NEWEST:
        return literal("")
    return func.coalesce(Course.start_on, NEVER)


def _is_falling(wanted: Wanted) -> bool:
    return wanted.order in (Order.NEWEST, Order.LATEST)


def _ordered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    columns = [Course.id] if wanted.order is Order.NEWEST else [_sort_key(wanted), Course.id]
    return query.order_by(*(column.desc() if _is_falling(wanted) else column for column in columns))


def _beyond(wanted: Wanted, at: tuple[Any, int]) -> ColumnElement[bool]:
    if wanted.order is Order.NEWEST:
        return Course.id < at[1]
    here = tuple_(_sort_key(wanted), Course.id)
    return here < at if _is_falling(wanted) else here > at


def _place(wanted: Wanted, raw: str) -> tuple[Any, int] | None:
    """Where a page ended, as its cursor says it; None for what is no cursor of this order."""
    place, _, row = raw.rpartition("_")
    if (row_id := _number(row)) is None:
        return None
    if wanted.order in (Order.NEWEST, Order.TITLE):
        return place, row_id
    try:
        return date.fromisoformat(place), row_id
    except ValueError:
        return None


def _why_back() -> ScalarSelect[str]:
    """The reason of the newest decision that sent a course back."""
    decided = CourseEvent.action.in_((Action.RETURN.value, Action.REJECT.value))
    query = select(CourseEvent.reason).where(CourseEvent.course_id == Course.id, decided)
    return query.order_by(CourseEvent.id.desc()).limit(1).correlate(Course).scalar_subquery()
