"""The hours of instructors in a month as tables: of a territory by name, and of one of them by week.

Source: docs/rules.md R-240, R-244.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from models import Instructor, InstructorRecord, Person, db
from services import jalali, policy
from services.access import Actor
from services.instructors import fit, reading, workload
from services.instructors.workload import Duty, Meeting, Owed

PAGE = 25


@dataclass(frozen=True)
class Month:
    """A month of the Jalali calendar."""

    year: int
    number: int

    @property
    def first(self) -> date:
        return jalali.to_gregorian(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return jalali.to_gregorian(self.year, self.number, jalali.month_length(self.year, self.number))

    def moved(self, by: int) -> "Month":
        at = self.year * 12 + self.number - 1 + by
        return Month(at // 12, at % 12 + 1)

    @property
    def mark(self) -> str:
        return f"{self.year}-{self.number}"


def month_of(raw: str, today: date) -> Month:
    """The month written as 1405-9; this month for anything else."""
    year, _, number = raw.partition("-")
    here = jalali.parts(today)
    if year.isascii() and year.isdigit() and number.isascii() and number.isdigit():
        found = Month(int(year[:5]), int(number[:3]))
        if abs(found.year - here[0]) <= 20 and 1 <= found.number <= 12:
            return found
    return Month(here[0], here[1])


@dataclass(frozen=True)
class Load:
    """One instructor in a month: minutes by shift, the job and what of its mornings is held, and retraining."""

    row: Instructor
    minutes: Counter[str]
    job: Duty | None
    owed: Owed
    weeks: float

    @property
    def morning_owed(self) -> int:
        """The minutes of the morning, in whole hours, that the job owes in the month; 0 for who owes none."""
        bound = self.job is not None and self.job.kind in workload.WITH_DUTY
        return round(self.job.morning * self.weeks) * 60 if self.job and bound else 0


@dataclass(frozen=True)
class Page:
    rows: list[Load]
    after: tuple[str, int] | None


def listing(actor: Actor, month: Month, after: tuple[str, int] | None = None) -> Page:
    """The active instructors of the territory by name, 25 at a time; three queries."""
    query = (
        select(Instructor, *(policy.column(name, Instructor.unit_id) for name in workload.RETRAINING))
        .join(Instructor.person)
        .options(contains_eager(Instructor.person), joinedload(Instructor.unit))
        .where(Instructor.is_active, reading.visible_to(actor))
        .order_by(Person.name_sort, Instructor.id)
        .limit(PAGE + 1)
    )
    if after:
        query = query.where(tuple_(Person.name_sort, Instructor.id) > after)
    found = db.session.execute(query).all()
    rows = _loads(found[:PAGE], month)
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    return Page(rows, (last.person.name_sort or "", last.id) if last else None)


@dataclass(frozen=True)
class Whole:
    """One instructor in a month, week by week, with the meetings."""

    load: Load
    weeks: list[tuple[date, Counter[str]]]
    meetings: Sequence[Meeting]
    most: int

    def is_long(self, minutes: Counter[str]) -> bool:
        return bool(self.most) and minutes.total() > self.most * 60


def of(actor: Actor, instructor_id: int, month: Month) -> Whole:
    """The hours of one instructor in the weeks that touch a month, in all units of the person.

    Raises:
        NotFound, OutsideTerritory: as `reading.find`.
    """
    row = reading.find(actor, instructor_id)
    first, last = workload.week_of(month.first), workload.week_of(month.last) + timedelta(days=6)
    held = workload.meetings([row.person_id], first, last)
    by_week = workload.by_week(held)
    saturdays = [first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1)]
    inside = [each for each in held if month.first <= each.on <= month.last]
    records = fit.verified_of([row.person_id]).get(row.person_id, [])
    rules = (policy.column(name, literal(row.unit_id)) for name in (workload.WEEK, *workload.RETRAINING))
    most, *rule = db.session.execute(select(*rules)).one()
    return Whole(
        _load(row, month, inside, records, _rule(rule)),
        [(saturday, by_week.get(saturday, Counter())) for saturday in saturdays],
        inside,
        policy.found(workload.WEEK, most),
    )


def _loads(found: Sequence[Any], month: Month) -> list[Load]:
    if not found:
        return []
    people = [row.person_id for row, *_ in found]
    records, by_person = fit.verified_of(people), dict[int, list[Meeting]]()
    for each in workload.meetings(people, month.first, month.last):
        by_person.setdefault(each.person_id, []).append(each)
    return [
        _load(row, month, by_person.get(row.person_id, []), records.get(row.person_id, []), _rule(stored))
        for row, *stored in found
    ]


def _rule(stored: Sequence[Any]) -> tuple[int, int]:
    hours, years = (policy.found(name, value) for name, value in zip(workload.RETRAINING, stored, strict=True))
    return hours, years


def _load(
    row: Instructor, month: Month, held: list[Meeting], records: Sequence[InstructorRecord], rule: tuple[int, int]
) -> Load:
    weeks = ((month.last - month.first).days + 1) / 7
    owed = workload.owed(records, row.started_on, policy.today(), rule)
    return Load(row, workload.by_shift(held), workload.duty(records, month.last), owed, weeks)
