"""Whether an instructor may teach a standard: the ways its rules allow, point by point, and the committee's ruling.

Only verified rows of the file count, and they count on the first day of the course. Source: docs/rules.md R-230 ff.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import Exists, and_, exists, or_, select
from sqlalchemy.orm import with_polymorphic

from models import (
    CompetenceRuling,
    Course,
    CourseInstructor,
    Degree,
    EducationRecord,
    ExperienceRecord,
    Instructor,
    InstructorCard,
    InstructorRecord,
    InstructorRule,
    Person,
    RecordState,
    RetrainingRecord,
    SkillCertificate,
    SkillStandard,
    db,
)
from services import jalali, policy, text
from services.instructors.labels import DEGREE
from services.text import persian_digits

ORDER = list(Degree)
Point = tuple[bool, str]
Records = Sequence[InstructorRecord]


@dataclass(frozen=True)
class Asked:
    """The standard and field of a course, and the day on which whoever teaches it must fit."""

    standard_id: int
    field_id: int
    on: date


@dataclass(frozen=True)
class Way:
    """One rule and how a file stands to it: each thing that it asks for, and whether it is there."""

    points: list[Point]

    @property
    def is_met(self) -> bool:
        return all(fine for fine, _ in self.points)

    @property
    def missing(self) -> list[str]:
        return [said for fine, said in self.points if not fine]


@dataclass(frozen=True)
class Match:
    """How an instructor stands to a standard; a standard without rules has no `ways` and asks for the field alone."""

    ways: list[Way] = field(default_factory=list)
    ruling: CompetenceRuling | None = None
    name: str = ""

    @property
    def fits(self) -> bool:
        return not self.ways or any(way.is_met for way in self.ways)

    @property
    def may_teach(self) -> bool:
        return self.fits or self.ruling is not None

    @property
    def best(self) -> Way | None:
        """The way that is met, else the one that lacks least; the first of several."""
        return min(self.ways, key=lambda way: len(way.missing), default=None)

    @property
    def lacks(self) -> str:
        """What the best way still asks for, as one sentence."""
        return "؛ ".join(self.best.missing) if self.best else ""


# -- Of one course, and of many instructors ----------------------------------------


def has_rules(course: Course | type[Course]) -> Exists:
    """SQL: the standard of the course says who may teach it."""
    return exists().where(InstructorRule.standard_id == course.standard_id)


def of_course(course: Course) -> Match:
    """How the instructor of a course stands to its standard, in one query."""
    return of_team(course, [course.instructor_id] if course.instructor_id else []).get(
        course.instructor_id or 0, Match()
    )


def of_team(course: Course, ids: Sequence[int] | None = None) -> dict[int, Match]:
    """How everybody who teaches a course or a part of it stands to its standard, by instructor, in one query.

    Args:
        ids: these instructors; None for those who stand in the database.
    """
    if course.standard_id is None or ids == []:
        return {}
    parts = select(CourseInstructor.instructor_id).where(CourseInstructor.course_id == (course.id or 0))
    team = or_(Instructor.id == course.instructor_id, Instructor.id.in_(parts))
    every = with_polymorphic(InstructorRecord, "*")
    verified = and_(every.person_id == Instructor.person_id, every.state == RecordState.VERIFIED)
    query = (
        select(Instructor.id, Person.first_name, Person.last_name, InstructorRule, every)
        .select_from(Instructor)
        .join(Instructor.person)
        .join(InstructorRule, InstructorRule.standard_id == course.standard_id)
        .outerjoin(every, verified)
        .where(team if ids is None else Instructor.id.in_(ids))
        .order_by(Instructor.id, InstructorRule.position, every.id)
        .execution_options(populate_existing=True)
    )
    asked = Asked(course.standard_id, course.field_id or 0, day_of(course))
    found: dict[int, Match] = {}
    for who, rows in groupby(db.session.execute(query), key=lambda row: row[0]):
        of_one = list(rows)
        rules = list(dict.fromkeys(row[3] for row in of_one))
        records = list(dict.fromkeys(row[4] for row in of_one if row[4] is not None))
        name = " ".join(part for part in of_one[0][1:3] if part) or "نام ثبت نشده"
        found[who] = replace(match(rules, records, asked), name=name)
    return found


@dataclass(frozen=True)
class Fits:
    """How people stand to a standard, by person, beside the text that its sheet prints about instructors."""

    printed: str = ""
    matches: dict[int, Match] = field(default_factory=dict)


def of_people(standard_id: int, person_ids: Iterable[int], on: date) -> Fits:
    """How each of these people stands to a standard on a day; one query, and one more where it has rules."""
    found = db.session.execute(
        select(SkillStandard.field_id, SkillStandard.instructor_requirement, InstructorRule)
        .outerjoin(InstructorRule, InstructorRule.standard_id == SkillStandard.id)
        .where(SkillStandard.id == standard_id)
        .order_by(InstructorRule.position)
    ).all()
    people, printed = list(person_ids), found[0].instructor_requirement or "" if found else ""
    rules = [rule for _, _, rule in found if rule is not None]
    if not rules:
        return Fits(printed, {person_id: Match() for person_id in people})
    records, asked = verified_of(people), Asked(standard_id, found[0].field_id, on)
    return Fits(printed, {person_id: match(rules, records.get(person_id, []), asked) for person_id in people})


def verified_of(person_ids: Sequence[int]) -> dict[int, list[InstructorRecord]]:
    """The verified rows of the files of people, by person; one query."""
    every = with_polymorphic(InstructorRecord, "*")
    query = select(every).where(every.person_id.in_(person_ids), every.state == RecordState.VERIFIED)
    found: dict[int, list[InstructorRecord]] = {}
    for record in db.session.scalars(query.order_by(every.id)):
        found.setdefault(record.person_id, []).append(record)
    return found


def day_of(course: Course) -> date:
    """The day on which the instructor of a course must fit."""
    return course.start_on or policy.today()


# -- The rules ---------------------------------------------------------------------


def match(rules: Sequence[InstructorRule], records: Records, asked: Asked) -> Match:
    """How a file with these verified rows stands to the rules of a standard."""
    ways = [Way(list(_points(rule, records, asked))) for rule in rules]
    return Match(ways, _ruling(records, asked))


def _points(rule: InstructorRule, records: Records, asked: Asked) -> Iterable[Point]:
    if rule.min_degree or rule.study_fields:
        yield _degree(rule, records, asked.on)
    if rule.experience_years:
        yield _experience(rule.experience_years, records, asked)
    if rule.retraining_hours:
        yield _retraining(rule, records, asked.on)
    if rule.needs_certificate:
        yield _certificate(records, asked)
    if rule.needs_card:
        yield _card(records, asked.on)


def _degree(rule: InstructorRule, records: Records, on: date) -> Point:
    """A degree high enough and in one of the fields, both of the same row.

    Source: docs/rules.md R-231.
    """
    least = ORDER.index(rule.min_degree) if rule.min_degree else 0
    wanted = [_words(name) for name in split_fields(rule.study_fields)]
    asked = "مدرک " + (f"{DEGREE[rule.min_degree]} یا بالاتر" if rule.min_degree else "تحصیلی")
    if rule.study_fields:
        asked += f" در {' یا '.join(split_fields(rule.study_fields))}"
    for row in records:
        if (
            isinstance(row, EducationRecord)
            and row.graduated_on <= on
            and ORDER.index(row.degree) >= least
            and (not wanted or any(_holds(_words(row.study_field), words) for words in wanted))
        ):
            return True, f"{asked}: {DEGREE[row.degree]} {row.study_field}"
    return False, f"{asked} تأیید نشده است"


def split_fields(study_fields: str) -> list[str]:
    """The names in a rule's `study_fields`."""
    return [name for part in study_fields.split("،") if (name := text.clean(part))]


def _words(name: str) -> list[str]:
    return [text.key(word) for word in text.clean(name).replace("\u200c", " ").split() if text.key(word)]


def _holds(name: list[str], words: list[str]) -> bool:
    """Whether these words stand in a name, whole and in this order: «مکانیک» in «مهندسی مکانیک»."""
    return any(name[at : at + len(words)] == words for at in range(len(name) - len(words) + 1))


def _experience(years: int, records: Records, asked: Asked) -> Point:
    """Years of teaching or work in the field of the standard; the same days count once, and none that are to come.

    Source: docs/rules.md R-232.
    """
    until = min(asked.on, policy.today())
    spans = sorted(
        (row.started_on, min(row.ended_on or until, until))
        for row in records
        if isinstance(row, ExperienceRecord) and row.field_id == asked.field_id
    )
    days, counted = 0, date.min
    for first, last in spans:
        days += max((last - max(first, counted + timedelta(days=1))).days + 1, 0) if last > counted else 0
        counted = max(counted, last)
    has = int((days + 3) / 365.25)  # as calendars differ, a day or two short of a year are no matter
    said = f"{persian_digits(years)} سال سابقهٔ تدریس یا کار در این رشته: {persian_digits(has)} سال تأیید شده است"
    return has >= years, said


def _retraining(rule: InstructorRule, records: Records, on: date) -> Point:
    """Hours of retraining that ended in the last years.

    Source: docs/rules.md R-233.
    """
    has = retrained(records, on, rule.retraining_years)
    hours, years = persian_digits(rule.retraining_hours), persian_digits(rule.retraining_years)
    said = f"{hours} ساعت بازآموزی در {years} سال گذشته: {persian_digits(has)} ساعت تأیید شده است"
    return has >= rule.retraining_hours, said


def retrained(records: Records, on: date, years: int) -> int:
    """The hours of retraining that ended in the `years` before a day, or on it."""
    since = years_before(on, years)
    return sum(row.hours for row in records if isinstance(row, RetrainingRecord) and since < row.ended_on <= on)


def years_before(day: date, years: int) -> date:
    """The same Jalali day some years before; the last of Esfand when there is none."""
    y, m, d = jalali.parts(day)
    return jalali.to_gregorian(y - years, m, min(d, jalali.month_length(y - years, m)))


def _certificate(records: Records, asked: Asked) -> Point:
    for row in records:
        if isinstance(row, SkillCertificate) and row.standard_id == asked.standard_id and row.issued_on <= asked.on:
            return True, f"گواهینامهٔ مهارت همین استاندارد: شمارهٔ {persian_digits(row.number)}"
    return False, "گواهینامهٔ مهارت همین استاندارد تأیید نشده است"


def _card(records: Records, on: date) -> Point:
    cards = [row for row in records if isinstance(row, InstructorCard) and row.issued_on <= on]
    newest = max(cards, key=lambda row: row.expires_on, default=None)
    if newest is None:
        return False, "کارت مربیگری تأیید نشده است"
    until = jalali.day_month_year(newest.expires_on)
    if newest.expires_on < on:
        return False, f"کارت مربیگری تا {until} اعتبار داشت و باید تمدید شود"
    return True, f"کارت مربیگری تا {until} اعتبار دارد"


def _ruling(records: Records, asked: Asked) -> CompetenceRuling | None:
    """The newest ruling on this standard that holds on the day.

    Source: docs/rules.md R-235 (domain 2.2, item 3).
    """
    held = [
        row
        for row in records
        if isinstance(row, CompetenceRuling)
        and row.standard_id == asked.standard_id
        and (row.valid_until is None or row.valid_until >= asked.on)
    ]
    return max(held, key=lambda row: (row.ruled_on, row.id), default=None)
