"""People who are enrolled and have no name yet: since when, why, and what helps; and the names that have come by day.

Source: docs/rules.md R-772.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, or_, select, true

from models import (
    Course,
    Enrollment,
    EnrollmentStatus,
    IdentityEvent,
    IdentityStep,
    Outbox,
    OutboxState,
    Person,
    Province,
    Unit,
    db,
    utcnow,
)
from services import audit, codes, jalali, labels, lookups, people, policy, text
from services.access import Actor, Level
from services.imports import workbook
from services.outbox import Topic

SIZE, MOST, PARTS, DAYS = 25, 10_000, 100, 7
NAMELESS = and_(Person.first_name.is_(None), Person.last_name.is_(None), Person.national_code.is_not(None))
_BROUGHT = (
    IdentityEvent.field == "name",
    IdentityEvent.step == IdentityStep.FILLED,
    IdentityEvent.source.in_(people.OFFICIAL),
)
E, Asked = Enrollment, Outbox.__table__.alias("asked")

# What stands in the way, and what whoever is at the desk can do about it.
BY_WINDOW = "یک بار ورود کارآموز از «پنجره ملی دولت هوشمند» نام را کامل می‌کند."
UNBORN = ("تاریخ تولد نوشته نشده است و ثبت احوال بدون آن پاسخ نمی‌دهد.", f"تاریخ تولد را بنویسید؛ یا {BY_WINDOW}")
UNKNOWN = (labels.IDENTITY_NOTE[lookups.NOT_FOUND], f"تاریخ تولد درست را بنویسید؛ یا {BY_WINDOW}")
GIVEN_UP = (
    "یک هفته پرسیده شد و پاسخ روشنی نیامد؛ دیگر خودکار پرسیده نمی‌شود.",
    f"{BY_WINDOW} راهبر سامانه هم می‌تواند دوباره بپرسد.",
)
DISCARDED = ("راهبر سامانه این پرسش را کنار گذاشته است.", f"{BY_WINDOW} یا تاریخ تولد دیگری بنویسید.")
NOTHING_TO_DO = "کاری لازم نیست؛ خودکار دوباره پرسیده می‌شود."


@dataclass(frozen=True)
class Line:
    """One enrollment of a nameless person; `days` is since when, `why` and `what` are for whoever is at the desk."""

    row: Row[Any]
    days: int
    why: str
    what: str

    @property
    def code(self) -> str:
        return people.masked_code(self.row.national_code)

    @property
    def is_stuck(self) -> bool:
        """Whether nothing comes by itself any more."""
        return self.what != NOTHING_TO_DO


@dataclass(frozen=True)
class Page:
    """`parts` are the courses (for provinces units, for HQ provinces), `filled` the days, each with how many."""

    lines: list[Line]
    parts: Sequence[Row[Any]]
    filled: list[tuple[date, int]]
    after: int | None

    @property
    def total(self) -> int:
        return sum(part.number for part in self.parts)


def page(actor: Actor, part: int | None = None, after: int = 0) -> Page:
    """A page of the nameless in the actor's territory, who has waited longest first; of one part if it is named."""
    rows = db.session.execute(_lines(actor, part).where(E.id > after).limit(SIZE + 1)).all()
    lines = [_line(row) for row in rows[:SIZE]]
    return Page(lines, _parts(actor), filled(actor), rows[SIZE - 1].id if len(rows) > SIZE else None)


def filled(actor: Actor, days: int = DAYS) -> list[tuple[date, int]]:
    """How many names official sources have brought on each of the last days, today first."""
    today = policy.today()
    here = {
        Level.CENTER: IdentityEvent.unit_id.in_(actor.units),
        Level.PROVINCE: IdentityEvent.province_id.in_(actor.provinces),
    }
    starts = [jalali.from_tehran(today - timedelta(days=n), time(0)) for n in range(days)]
    ends = [utcnow() + timedelta(days=1), *starts]
    counts = [_of_day(start, end).label(f"d{n}") for n, (start, end) in enumerate(zip(starts, ends, strict=False))]
    query = select(*counts).where(*_BROUGHT, here.get(actor.level, true()), IdentityEvent.at >= starts[-1])
    found = db.session.execute(query).one()
    return [(today - timedelta(days=n), int(number)) for n, number in enumerate(found)]


def numbers() -> tuple[int, int]:
    """How many nameless people are enrolled in the whole country, and how many names have come today; one query."""
    waiting = select(func.count(E.id)).join(Person, Person.id == E.person_id)
    waiting = waiting.where(NAMELESS, E.status == EnrollmentStatus.ACTIVE)
    today = jalali.from_tehran(policy.today(), time(0))
    come = select(func.count(IdentityEvent.id)).where(*_BROUGHT, IdentityEvent.at >= today)
    found = db.session.execute(select(waiting.scalar_subquery(), come.scalar_subquery())).one()
    return found[0], found[1]


def write_sheet(into: IO[bytes], actor: Actor, part: int | None) -> None:
    """The list as a workbook; who took it is noted down."""
    audit.record("nameless_taken", "enrollment", None, actor_id=actor.user_id, part=part)
    heads = ("کد رهگیری", "کد ملی", "دوره", "واحد", "ثبت‌نام", "روز", "علت", "چه باید کرد")
    rows = (_cells(_line(row)) for row in db.session.execute(_lines(actor, part).limit(MOST + 1)))
    lines: Iterator[workbook.Line] = workbook.capped(heads, rows, MOST)
    workbook.write(into, ("نام ثبت نشده", lines))


# -- Support -----------------------------------------------------------------------


def _of_day(start: datetime, end: datetime) -> ColumnElement[int]:
    is_then = and_(IdentityEvent.at >= start, IdentityEvent.at < end)
    return func.coalesce(func.sum(case((is_then, 1), else_=0)), 0)


def _here(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return E.province_id.in_(actor.provinces)
    if actor.level is not Level.CENTER:
        return false()
    own = actor.own_acts_only
    acts = and_(E.unit_id.in_(own), E.created_by_id == actor.user_id)
    return or_(Course.unit_id.in_(set(actor.units) - own), acts)


def _part(actor: Actor) -> Any:
    return {Level.PROVINCE: Unit, Level.HQ: Province}.get(actor.level, Course)


def _joined(query: Select[Any], actor: Actor) -> Select[Any]:
    query = query.select_from(Person).join(E, E.person_id == Person.id).join(Course, Course.id == E.course_id)
    query = query.join(Unit, Unit.id == Course.unit_id).join(Province, Province.id == E.province_id)
    return query.where(NAMELESS, E.status == EnrollmentStatus.ACTIVE, _here(actor))


def _lines(actor: Actor, part: int | None) -> Select[Any]:
    """Each with the newest question that was owed to the registry about the person."""
    newest = select(func.max(Outbox.id)).where(Outbox.topic == Topic.REGISTRY, Outbox.ref_id == Person.id)
    own = (E.id, E.created_at, E.tracking_code, Person.id.label("person_id"), Person.national_code)
    known = (Person.birth_date, Person.identity_note, Person.sources, Asked.c.state, Asked.c.last_error)
    query = _joined(select(*own, *known, Course.title, Unit.title.label("unit_title")), actor)
    query = query.outerjoin(Asked, Asked.c.id == newest.correlate(Person).scalar_subquery())
    chosen = _part(actor).id == part if part else true()
    return query.where(chosen).order_by(E.id)


def _parts(actor: Actor) -> Sequence[Row[Any]]:
    part = _part(actor)
    query = _joined(select(part.id, part.title, func.count().label("number")), actor)
    query = query.group_by(part.id, part.title).order_by(func.count().desc(), part.id)
    return db.session.execute(query.limit(PARTS)).all()


def _line(row: Row[Any]) -> Line:
    return Line(row, (utcnow() - row.created_at).days, *_why(row))


def _why(row: Row[Any]) -> tuple[str, str]:
    """What stands in the way of the name, and what to do."""
    if row.birth_date is None:
        return UNBORN
    if row.identity_note == lookups.NOT_FOUND:
        return UNKNOWN
    if row.state == OutboxState.DEAD:
        return GIVEN_UP
    if row.state == OutboxState.DISCARDED:
        return DISCARDED
    return f"{labels.cause(row.last_error)}.", NOTHING_TO_DO


def _cells(line: Line) -> workbook.Line:
    row = line.row
    day = text.digits(jalali.short(jalali.tehran(row.created_at).date()))
    where = (line.code, row.title, row.unit_title, day, line.days)
    return (codes.group_tracking(row.tracking_code), *where, line.why, line.what)
