"""The rows of a fee as HQ looks at them: what holds today, what will, what is over, and who wrote it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select

from models import TargetGroup, Tariff, db
from services import jalali, policy, trail
from services.errors import NotFound
from services.tariffs import prices, wording
from services.tariffs.prices import FOR_ALL, Book, Line
from services.trail import Told

DID = {"tariff_added": "نوشت", "tariff_ended": "پایان داد", "tariff_removed": "پیش از آغاز برداشت"}

GONE = "چنین تعرفه‌ای نیست؛ شاید پیش از آغاز برداشته شده است. از فهرست تعرفه‌ها شروع کنید."


class State(StrEnum):
    """What a row is on a day; one that rests has given way to a newer one that ends before it."""

    NOW = "now"
    RESTING = "resting"
    COMING = "coming"
    PAST = "past"


@dataclass(frozen=True)
class Row:
    """A row with what it is today, and the row that holds for the same people after its last day."""

    line: Line
    state: State
    whom: str
    then: Line | None = None


@dataclass(frozen=True)
class Rows:
    """All rows of a fee, widest and newest first; `gap` is the first day from today on without a row for everybody."""

    fee_kind: str
    book: Book
    rows: Sequence[Row]
    groups: Mapping[str, str]
    gap: date | None

    def of(self, *states: State) -> list[Row]:
        return [row for row in self.rows if row.state in states]

    def row(self, line_id: int) -> Row:
        """
        Raises:
            NotFound: there is none with this id.
        """
        found = next((row for row in self.rows if row.line.id == line_id), None)
        if found is None:
            raise NotFound(GONE)
        return found


def fee_of(line_id: int) -> str:
    """The kind of fee of a row.

    Raises:
        NotFound: there is no such row.
    """
    kind = db.session.scalar(select(Tariff.fee_kind).where(Tariff.id == line_id))
    if kind is None:
        raise NotFound(GONE)
    return kind


def rows(fee_kind: str, on: date | None = None) -> Rows:
    """All rows of a fee and what each is on a day; two queries."""
    book, today, groups = prices.book(fee_kind), on or policy.today(), titles()
    lines = sorted(book.lines, key=lambda line: (_width(line), line.key, -line.valid_from.toordinal()))
    found = [Row(line, state(book, line, today), wording.whom(line, groups), _then(book, line)) for line in lines]
    return Rows(fee_kind, book, found, groups, gap(book.lines, today))


def titles() -> dict[str, str]:
    """The titles of all target groups by code."""
    query = select(TargetGroup.code, TargetGroup.title).order_by(TargetGroup.id)
    return dict(iter(db.session.execute(query)))


def _width(line: Line) -> tuple[bool, ...]:
    """Rows for everybody first, those for one group last."""
    return tuple(own != whole for own, whole in zip(line.key, FOR_ALL, strict=True))


def state(book: Book, line: Line, today: date) -> State:
    """What a row of the book is on a day."""
    if line.valid_from > today:
        return State.COMING
    if book.standing(today).get(line.key) == line:
        return State.NOW
    ends = (each.valid_to for each in book.lines if each.key == line.key and each.valid_to)
    later = (end + timedelta(days=1) for end in ends if end >= today)
    return State.RESTING if any(book.standing(day).get(line.key) == line for day in later) else State.PAST


def _then(book: Book, line: Line) -> Line | None:
    """What holds for the same people on the day after a row's last one."""
    if line.valid_to is None:
        return None
    return after(book, line, line.valid_to + timedelta(days=1))


def after(book: Book, line: Line, day: date) -> Line | None:
    """What holds on a day for those whom a row is for, were it not there; in the order of narrowness."""
    group, decile, delivery, unit_kind = (own if own != whole else None for own, whole in _pairs(line))
    keys = prices.Keys(unit_kind, delivery, group, decile)
    return Book([each for each in book.lines if each.id != line.id]).line(keys, day)


def _pairs(line: Line) -> Iterable[tuple[str | int, str | int]]:
    return zip(line.key, FOR_ALL, strict=True)


def gap(lines: Iterable[Line], today: date) -> date | None:
    """The first day from today on that no row for everybody covers; None where there is no such day."""
    day = today
    for line in sorted((line for line in lines if line.is_for_all), key=lambda line: line.valid_from):
        if line.valid_from > day:
            return day
        if line.valid_to is None:
            return None
        day = max(day, line.valid_to + timedelta(days=1))
    return day


def history(groups: Mapping[str, str], line_id: int | None = None, limit: int = 10) -> list[Told]:
    """Who wrote, ended and took away rows, newest first; one query."""
    return [
        Told(f"{trail.name_of(user)}، {jalali.at(event.at)}", DID[event.action], _told(event.detail, groups), [])
        for event, user in trail.acts("tariff", line_id, DID, limit)
    ]


def _told(detail: dict[str, str], groups: Mapping[str, str]) -> str:
    line = line_of(detail)
    fee = wording.FEES.get(line.fee_kind, line.fee_kind)
    return f"{fee}، {wording.whom(line, groups)}: {wording.amount(line.amount_rials)}، {wording.days(line)}"


def line_of(detail: Mapping[str, object]) -> Line:
    """The row that an event of the trail is about."""
    day, end = date.fromisoformat(str(detail["valid_from"])), detail["valid_to"]
    values = {name: detail[name] for name in ("fee_kind", "unit_kind", "delivery", "target_group", "decile")}
    amount = int(str(detail["amount_rials"]))
    until = date.fromisoformat(str(end)) if end else None
    return Line(id=0, valid_from=day, valid_to=until, amount_rials=amount, **values)  # type: ignore[arg-type]
