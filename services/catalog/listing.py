"""The public list of courses: those that take people now or will, soonest first, page by page."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from models import County, Course, CourseStatus, Delivery, Gender, Province, Shift, Unit, UnitKind, db
from services import text
from services.catalog import kept
from services.courses.reading import ENROLLABLE, has_room

COUNT_LIMIT = 1000
_WORDS_LIMIT = 8
_ESCAPE = "/"  # never in a key
_FEW_VALUES = {"province", "county", "unit", "field", "gender", "shift", "only_free"}  # so few that all may be kept

Cursor = tuple[date, int]


@dataclass(frozen=True)
class Search:
    """What a visitor asks for; codes are as in the address, and an empty value leaves its filter out."""

    words: str = ""
    province: str = ""
    county: str = ""
    unit: str = ""
    field: int | None = None
    gender: Gender | None = None
    shift: Shift | None = None
    from_on: date | None = None
    only_free: bool = False


class CourseRow(NamedTuple):
    """What one row of the list shows."""

    id: int
    code: str
    title: str
    start_on: date
    weekdays: int
    start_time: time | None
    end_time: time | None
    gender: Gender
    shift: Shift
    status: CourseStatus
    taken: int
    held: int
    capacity_max: int
    enroll_open_at: datetime
    enroll_close_at: datetime
    minutes: int
    unit_title: str
    unit_kind: UnitKind
    delivery: Delivery | None
    county_title: str | None

    @property
    def seats_left(self) -> int:
        return self.capacity_max - self.taken - self.held


@dataclass(frozen=True)
class Found:
    """One page of courses; `total` stops at COUNT_LIMIT + 1, and a cursor is None where the list ends."""

    rows: list[CourseRow]
    total: int
    before: Cursor | None
    after: Cursor | None

    @property
    def is_capped(self) -> bool:
        return self.total > COUNT_LIMIT


def find(
    search: Search, now: datetime, *, after: Cursor | None = None, before: Cursor | None = None, size: int = 25
) -> Found:
    """The courses that fit, soonest first; `after` and `before` are cursors of a page shown earlier."""
    words = [word for each in text.clean(search.words).split() if (word := text.key(each))][:_WORDS_LIMIT]
    wanted: dict[str, Any] = {
        "province": search.province,
        "county": search.county,
        "unit": search.unit,
        "field": search.field,
        "gender": search.gender,
        "shift": search.shift,
        "from_on": search.from_on,
        "only_free": search.only_free,
    }
    values = {name: value for name, value in wanted.items() if value}
    values |= {f"word{n}": f"%{word.replace('%', _ESCAPE + '%')}%" for n, word in enumerate(words)}
    direction = "before" if before else "after" if after else ""
    statement = _statement(tuple(values), direction)
    day, id_ = before or after or (None, None)
    # A list known to be longer than the limit is not counted again for a minute: that would be most of its work.
    is_long = values.keys() <= _FEW_VALUES and kept.is_noted(long := ("long", *sorted(values.items())))
    more = {"now": now, "day": day, "id": id_, "size": size + 1, "most": 0 if is_long else COUNT_LIMIT + 1}
    found = _page(db.session.connection().execute(statement, {**values, **more}).all(), size, direction)
    if is_long and found.rows:
        return replace(found, total=COUNT_LIMIT + 1)
    if found.is_capped and values.keys() <= _FEW_VALUES:
        kept.note(long)
    return found


def _page(got: Any, size: int, direction: str) -> Found:
    has_more, rows = len(got) > size, [CourseRow._make(row[:-1]) for row in got[:size]]
    if not rows:
        return Found([], 0, None, None)
    if direction == "before":
        rows.reverse()
    first, last = ((row.start_on, row.id) for row in (rows[0], rows[-1]))
    more_before = has_more if direction == "before" else direction == "after"
    more_after = has_more if direction != "before" else True
    return Found(rows, got[0][-1], first if more_before else None, last if more_after else None)


# -- Statements --------------------------------------------------------------------


def listed_where(now: Any) -> ColumnElement[bool]:
    """The courses of the list. A database uses its partial index only when it reads the index's own condition."""
    statuses: list[ColumnElement[str]] = [literal_column(f"'{status.value}'") for status in ENROLLABLE]
    return and_(Course.status.in_(statuses), Course.enroll_close_at > now)


def rows(*further: Any) -> Select[*tuple[Any, ...]]:
    """A statement for the columns of `CourseRow`, in their order, and any further ones."""
    minutes = Course.theory_minutes + Course.practice_minutes + Course.project_minutes + Course.internship_minutes
    named = {
        "minutes": minutes,
        "unit_title": Unit.title,
        "unit_kind": Unit.kind,
        "county_title": County.title,
    }
    columns = [named[name].label(name) if name in named else getattr(Course, name) for name in CourseRow._fields]
    return select(*columns, *further).join(Course.unit).outerjoin(Course.county)


@lru_cache(512)
def _statement(names: tuple[str, ...], direction: str) -> Select[*tuple[Any, ...]]:
    """The list for one set of filters; built once, because building costs more than running."""
    fits = [listed_where(bindparam("now"))]
    fits += [Course.search_key.like(bindparam(name), escape=_ESCAPE) for name in names if name.startswith("word")]
    fits += [condition for name, condition in _conditions().items() if name in names]
    # The count travels with the rows: one statement instead of two.
    capped = select(Course.id).where(*fits).limit(bindparam("most", type_=BigInteger)).subquery()
    total = select(func.count()).select_from(capped).scalar_subquery()
    query = rows(total.label("total")).where(*fits).limit(bindparam("size", type_=BigInteger))
    here, place = (
        tuple_(Course.start_on, Course.id),
        tuple_(bindparam("day", type_=Date), bindparam("id", type_=BigInteger)),
    )
    if direction == "before":
        return query.where(here < place).order_by(Course.start_on.desc(), Course.id.desc())
    query = query.where(here > place) if direction == "after" else query
    return query.order_by(Course.start_on, Course.id)


@cache
def _conditions() -> dict[str, ColumnElement[bool]]:
    """Each filter of `Search`, by its name, which is also the name of its value."""
    return {
        "province": Course.province_id == id_of(Province, bindparam("province")),
        "county": Course.county_id == id_of(County, bindparam("county")),
        "unit": Course.unit_id == id_of(Unit, bindparam("unit")),
        "field": Course.field_id == bindparam("field"),
        "gender": or_(Course.gender == bindparam("gender"), Course.gender == Gender.MIXED),
        "shift": Course.shift == bindparam("shift"),
        "from_on": Course.start_on >= bindparam("from_on"),
        "only_free": has_room(),
    }


def id_of(kind: type[Province | County | Unit], code: Any) -> Any:
    return select(kind.id).where(kind.code == code).scalar_subquery()
