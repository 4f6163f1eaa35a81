"""Which rules speak against a person in a course; what is not known is not a reason."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from models import Course, CourseStatus, Enrollment, EnrollmentStatus, Gender, db
from services import jalali, policy, text
from services.enrollment.wording import TO_STAFF, Words

# A course in one of these states no longer counts against "one active course at a time".
OVER = (CourseStatus.FINISHED, CourseStatus.CANCELED, CourseStatus.REJECTED)


class Applicant(Protocol):
    """What the rules look at in a person: the person, or a row with these columns."""

    @property
    def id(self) -> int: ...
    @property
    def gender(self) -> Gender | None: ...
    @property
    def birth_date(self) -> dt.date | None: ...
    @property
    def is_alive(self) -> bool: ...


class Conditions(Protocol):
    """What the rules look at in a course: the course, or a row with these columns."""

    @property
    def id(self) -> int: ...
    @property
    def gender(self) -> Gender | None: ...
    @property
    def start_on(self) -> dt.date | None: ...
    @property
    def age_min(self) -> int | None: ...
    @property
    def age_max(self) -> int | None: ...


def reasons_against(person: Applicant, course: Conditions, most_active: int, words: Words) -> list[str]:
    """Sentences, one for each rule that refuses; call with the person's row locked.

    `most_active` is how many courses a person may be in at a time; `words` are those for who reads them.

    Source: docs/rules.md R-22 to R-25.
    """
    elsewhere = _other_courses(person, course, most_active, words)
    found = [_gender(person, course), _age(person, course, words), elsewhere]
    if not person.is_alive:
        found.insert(0, words.deceased)
    return [sentence for sentence in found if sentence]


def against_each(
    people: Sequence[Applicant], course: Conditions, most_active: int, *, leaves: int
) -> dict[int, list[str]]:
    """`reasons_against` for several people who leave the course `leaves`, by person, in one statement."""
    elsewhere = _elsewhere(Course.id.not_in((course.id, leaves)), policy.today()).add_columns(Enrollment.person_id)
    elsewhere = elsewhere.where(Enrollment.person_id.in_([each.id for each in people])).group_by(Enrollment.person_id)
    active = {person_id: count for count, person_id in db.session.execute(elsewhere)}
    found: dict[int, list[str]] = {}
    for each in people:
        bars = [TO_STAFF.deceased] if not each.is_alive else []
        bars += contradictions(each, course)
        if active.get(each.id, 0) >= most_active:
            bars.append(text.persian_digits(TO_STAFF.elsewhere.format(active=active[each.id], most=most_active)))
        found[each.id] = bars
    return found


def contradictions(person: Applicant, course: Conditions) -> list[str]:
    """What is now known of the person and contradicts the course they are in already, for staff."""
    return [sentence for sentence in (_gender(person, course), _age(person, course, TO_STAFF)) if sentence]


def _gender(person: Applicant, course: Conditions) -> str | None:
    if person.gender is None or course.gender in (None, Gender.MIXED, person.gender):
        return None
    return "این دوره ویژهٔ بانوان است." if course.gender is Gender.FEMALE else "این دوره ویژهٔ آقایان است."


def _age(person: Applicant, course: Conditions, words: Words) -> str | None:
    if person.birth_date is None or course.start_on is None:
        return None
    age = jalali.full_years(person.birth_date, course.start_on)
    if course.age_min is not None and age < course.age_min:
        return text.persian_digits(words.age.format(age=age, rule=f"از {course.age_min} سال پذیرش دارد"))
    if course.age_max is not None and age > course.age_max:
        return text.persian_digits(words.age.format(age=age, rule=f"تا {course.age_max} سال پذیرش دارد"))
    return None


def _other_courses(person: Applicant, course: Conditions, most: int, words: Words) -> str | None:
    asked = {"person": person.id, "course": course.id, "today": policy.today()}
    active = db.session.connection().execute(_active_elsewhere(), asked).scalar_one()
    if active < most:
        return None
    return text.persian_digits(words.elsewhere.format(active=active, most=most))


@cache
def _active_elsewhere() -> Select[int]:
    whose = Enrollment.person_id == bindparam("person")
    return _elsewhere(Course.id != bindparam("course"), bindparam("today")).where(whose)


def _elsewhere(other: ColumnElement[bool], today: Any) -> Select[Any]:
    """How many active enrollments there are in other courses that are not over."""
    query = select(func.count()).select_from(Enrollment).join(Course, Course.id == Enrollment.course_id)
    active = (Enrollment.status == EnrollmentStatus.ACTIVE, Course.status.not_in(OVER), Course.end_on >= today)
    return query.where(*active, other)
