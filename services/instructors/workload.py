"""How much instructors teach: hours by week, month and shift, their duty of the morning, and retraining that is owed.

Source: docs/rules.md R-240 to R-244 (domain 2.2, item 2).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Integer, Subquery, cast, null, or_, select, union_all

from models import (
    UNDER_WAY,
    Course,
    CourseInstructor,
    CourseSession,
    CourseStatus,
    EmploymentKind,
    EmploymentRecord,
    Instructor,
    InstructorRecord,
    RecordState,
    RetrainingRecord,
    Setting,
    Shift,
    Unit,
    UnitKind,
    db,
)
from services import jalali, policy
from services.instructors.fit import retrained, years_before
from services.labels import hours
from services.text import persian_digits

COUNTED = (*UNDER_WAY, CourseStatus.FINISHED)
NOON = time(14)  # where the morning of a full day ends
# Whose afternoons come after their mornings (domain 2.2, item 2), and where.
WITH_DUTY = (EmploymentKind.OFFICIAL, EmploymentKind.CONTRACTUAL, EmploymentKind.SOLDIER)
AT_HOME = (Setting.FIXED, Setting.BRANCH)
WEEK = "instructor_week_hours"


@dataclass(frozen=True)
class Meeting:
    """One meeting that a person holds.

    Who teaches a part of its course has the minutes of that `part`, of the `whole` of the course: of each meeting as
    large a share counts.
    """

    person_id: int
    on: date
    start: time
    end: time
    course_id: int
    code: str
    title: str | None
    shift: Shift | None
    part: int | None = None
    whole: int = 0

    @property
    def minutes(self) -> int:
        return self._share(minutes_between(self.start, self.end))

    @property
    def week(self) -> date:
        return week_of(self.on)

    @property
    def by_shift(self) -> dict[str, int]:
        """Its minutes by shift; of a full day what lies before 14:00 is morning, the rest evening."""
        if self.shift is not Shift.FULL_DAY:
            return {(self.shift or Shift.MORNING).value: self.minutes}
        early = self._share(minutes_between(self.start, min(max(NOON, self.start), self.end)))
        return {"morning": early, "evening": self.minutes - early}

    def _share(self, minutes: int) -> int:
        return minutes if self.part is None or not self.whole else minutes * min(self.part, self.whole) // self.whole


@dataclass(frozen=True)
class Duty:
    """The job of a person on a day: its kind, and the hours a week owed in each shift."""

    kind: EmploymentKind
    morning: int
    evening: int


def minutes_between(start: time, end: time) -> int:
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def week_of(day: date) -> date:
    """The Saturday of a day's week."""
    return day - timedelta(days=jalali.weekday(day))


# -- What is held ------------------------------------------------------------------


def meetings(person_ids: Iterable[int], first: date, last: date, without: int | None = None) -> list[Meeting]:
    """The meetings of people in some days, in all their units, in order; one query.

    Source: docs/rules.md R-425 for those of courses of which they teach a part.

    Args:
        without: the id of a course that does not count, because it is the one that is asked about.
    """
    teaches = _teaches(list(person_ids))
    total = Course.theory_minutes + Course.practice_minutes + Course.project_minutes + Course.internship_minutes
    meeting = (CourseSession.on_date, CourseSession.start_time, CourseSession.end_time)
    query = (
        select(teaches.c.person_id, *meeting, Course.id, Course.code, Course.title, Course.shift, teaches.c.part, total)
        .join(Course, Course.id == teaches.c.course_id)
        .join(CourseSession, CourseSession.course_id == Course.id)
        .where(
            CourseSession.on_date.between(first, last),
            Course.status.in_(COUNTED),
            Course.id != (without or 0),
        )
        .order_by(CourseSession.on_date, CourseSession.start_time, Course.id)
    )
    return [Meeting(*row) for row in db.session.execute(query)]


def _teaches(person_ids: Sequence[int]) -> Subquery:
    """SQL: the courses of these people, and those of which they teach a part, with its minutes."""
    mine = Instructor.person_id.in_(person_ids)
    nothing = cast(null(), Integer).label("part")
    own = select(Course.id.label("course_id"), Instructor.person_id, nothing)
    own = own.join(Instructor, Instructor.id == Course.instructor_id).where(mine)
    part = select(CourseInstructor.course_id, Instructor.person_id, CourseInstructor.minutes)
    part = part.join(Instructor, Instructor.id == CourseInstructor.instructor_id).where(mine)
    return union_all(own, part).subquery("teaches")


def by_shift(held: Iterable[Meeting]) -> Counter[str]:
    """The minutes of meetings by shift; `total()` is all of them."""
    found: Counter[str] = Counter()
    for each in held:
        found.update(each.by_shift)
    return found


def by_week(held: Iterable[Meeting]) -> dict[date, Counter[str]]:
    """The same for each week, by its Saturday."""
    found: dict[date, Counter[str]] = {}
    for each in held:
        found.setdefault(each.week, Counter()).update(each.by_shift)
    return found


def duty(records: Iterable[InstructorRecord], on: date) -> Duty | None:
    """The job of a person on a day, of the verified rows of the file; of several the newest."""
    jobs = [
        row
        for row in records
        if isinstance(row, EmploymentRecord) and row.hired_on <= on and (row.ended_on is None or row.ended_on >= on)
    ]
    job = max(jobs, key=lambda row: (row.hired_on, row.id), default=None)
    return Duty(job.employment, job.morning_hours, job.evening_hours) if job else None


# -- Before a course is sent -------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What the warnings of a course go by: its instructor's job on its first day, and the most hours of a week."""

    kind: EmploymentKind | None
    morning: int | None
    most: int


def columns(course: Course | type[Course]) -> tuple[Any, ...]:
    """SQL: the fields of `Known`, as parts of a statement that asks for other things as well."""
    whose = select(Instructor.person_id).where(Instructor.id == course.instructor_id)
    of_person = whose.correlate_except(Instructor).scalar_subquery()
    held = (EmploymentRecord.person_id == of_person, EmploymentRecord.state == RecordState.VERIFIED)
    on = course.start_on if course is Course else (course.start_on or policy.today())
    on_day = (
        EmploymentRecord.hired_on <= on,
        or_(EmploymentRecord.ended_on.is_(None), EmploymentRecord.ended_on >= on),
    )
    newest = (EmploymentRecord.hired_on.desc(), EmploymentRecord.id.desc())
    job = [
        select(column)
        .where(*held, *on_day)
        .order_by(*newest)
        .limit(1)
        .correlate_except(EmploymentRecord)
        .scalar_subquery()
        for column in (EmploymentRecord.employment, EmploymentRecord.morning_hours)
    ]
    return (*job, policy.column(WEEK, course.unit_id))


def known(found: Sequence[Any]) -> Known:
    """The values of `columns`."""
    kind, morning, most = found
    return Known(kind, morning, policy.found(WEEK, most))


def clashes(plan: Iterable[Meeting], others: Iterable[Meeting]) -> list[Meeting]:
    """Those of `others` that lie across one of the plan's meetings."""
    hours_of = {each.on: (each.start, each.end) for each in plan}
    return [
        each
        for each in others
        if each.on in hours_of and each.start < hours_of[each.on][1] and hours_of[each.on][0] < each.end
    ]


def own_meetings(course: Course, days: Iterable[date], part: int | None = None) -> list[Meeting]:
    """The meetings of a course on its class days as they count for its instructor, or for who teaches a part of it."""
    start, end = course.start_time or time(0), course.end_time or time(0)
    same = (start, end, course.id, course.code, course.title, course.shift, part, course.total_minutes)
    return [Meeting(0, day, *same) for day in days]


def long_week(own: Sequence[Meeting], others: Iterable[Meeting], most: int, who: str = "مربی") -> str:
    """What is said of the longest week of the course when it is too long for who teaches it; else nothing.

    Source: docs/rules.md R-240.
    """
    weeks = by_week([*own, *others])
    longest = max({each.week for each in own}, key=lambda week: weeks[week].total())
    if not most or weeks[longest].total() <= most * 60:
        return ""
    return (
        f"در هفتهٔ {jalali.day_month_year(longest)} {who} {hours(weeks[longest].total())} کلاس دارد و بیش از "
        f"{persian_digits(most)} ساعت در هفته می‌شود"
    )


def is_bound(course: Course, kind: UnitKind) -> bool:
    """Whether a course is one of those that the duty of the morning comes before."""
    return course.shift is Shift.EVENING and kind is UnitKind.CENTER and course.setting in AT_HOME


def short_mornings(own: Iterable[Meeting], others: Iterable[Meeting], job: Known) -> str:
    """What is said when the share of the morning is not full in each week of a course of the evening; else nothing.

    Source: docs/rules.md R-242 (domain 2.2, item 2).
    """
    if job.kind is None:
        return "شغل مربی تأیید نشده است و دانسته نیست که سهم موظف صبح او پر شده است"
    weeks, held = sorted({each.week for each in own}), by_week(others)
    short = [week for week in weeks if held.get(week, Counter())["morning"] < (job.morning or 0) * 60]
    if job.kind not in WITH_DUTY or not short:
        return ""
    has = hours(held.get(short[0], Counter())["morning"])
    return (
        f"سهم موظف صبح مربی ({persian_digits(job.morning)} ساعت در هفته) در {persian_digits(len(short))} هفته از "
        f"{persian_digits(len(weeks))} هفتهٔ این دورهٔ عصر پر نیست؛ در هفتهٔ {jalali.day_month_year(short[0])} {has} "
        "کلاس صبح دارد"
    )


# -- Retraining --------------------------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """The retraining that the rule asks of a person: `has` of `needed` hours in `years`; it is to be done by `due`."""

    needed: int
    years: int
    has: int
    due: date

    def is_late(self, on: date) -> bool:
        return bool(self.needed) and self.due <= on


def owed(records: Sequence[InstructorRecord], since: date | None, on: date, rule: tuple[int, int]) -> Owed:
    """What stands of retraining on a day.

    Args:
        records: the verified rows of the file.
        since: the first day as an instructor; who is new has the years of the rule to begin with.
        rule: hours and years, of `retraining_rule`.

    Source: docs/rules.md R-244.
    """
    needed, years = rule
    done = sorted(
        (r for r in records if isinstance(r, RetrainingRecord) and r.ended_on <= on), key=lambda r: r.ended_on
    )
    counted, due = 0, years_before(since, -years) if since else on
    for row in reversed(done):
        counted += row.hours
        if counted >= needed:
            due = max(due, years_before(row.ended_on, -years))
            break
    return Owed(needed, years, retrained(records, on, years), due)


RETRAINING = ("retraining_hours", "retraining_years")


def retraining_rule(unit: Unit | None = None) -> tuple[int, int]:
    """The hours that are asked for, and in how many years; 0 hours for no rule."""
    hours_, years = (policy.value(name, unit) for name in RETRAINING)
    return hours_, years
