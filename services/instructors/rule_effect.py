"""What another rule of fit would do, before it is saved: who would fit, and which courses would lose their fit.

Source: docs/rules.md R-293.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from models import UNDER_WAY, Course, Instructor, InstructorField, InstructorRecord, InstructorRule, SkillStandard, db
from services import policy
from services.instructors import fit, rules
from services.instructors.fit import Asked, Match
from services.instructors.rules import RuleValues

AT_ONCE = 500  # people whose files are read together
Files = Mapping[int, Sequence[InstructorRecord]]


@dataclass(frozen=True)
class Count:
    """People who teach the field of a standard: all, who fit its rules, and who do not but have a ruling."""

    total: int
    fitting: int
    ruled: int

    @property
    def others(self) -> int:
        return self.total - self.fitting - self.ruled


@dataclass(frozen=True)
class Touched:
    """A course under way whose instructor would not fit, and what they would lack; `is_new`: now they do fit."""

    course: Course
    lacks: str
    is_new: bool


@dataclass(frozen=True)
class Effect:
    """The same people by the rules that stand and by those that would, and the courses without a fitting instructor."""

    now: Count
    then: Count
    courses: Sequence[Touched]

    @property
    def lost(self) -> int:
        """How many courses would lose the fit that they have."""
        return sum(one.is_new for one in self.courses)


def of_saving(standard_id: int, rule_id: int | None, values: RuleValues) -> Effect:
    """Of a way that is written anew, or in the place of another one."""
    wanted = InstructorRule(standard_id=standard_id, **asdict(values))
    ways = rules.of_standard(standard_id)
    then = [wanted if way.id == rule_id else way for way in ways]
    return _effect(standard_id, ways, then if rule_id else [*ways, wanted])


def of_removing(standard_id: int, rule_id: int) -> Effect:
    """Of a way that is taken away; the last one leaves the field alone to be asked for."""
    ways = rules.of_standard(standard_id)
    return _effect(standard_id, ways, [way for way in ways if way.id != rule_id])


# -- Support -----------------------------------------------------------------------


def _effect(standard_id: int, now: Sequence[InstructorRule], then: Sequence[InstructorRule]) -> Effect:
    """Three queries, and one more for each 500 people."""
    field_id = db.session.scalar(select(SkillStandard.field_id).where(SkillStandard.id == standard_id)) or 0
    people, courses = _people(field_id), _courses(standard_id)
    taught = {course.instructor.person_id for course in courses if course.instructor}
    files = _files(sorted({*people, *taught}))
    today = Asked(standard_id, field_id, policy.today())

    def count(ways: Sequence[InstructorRule]) -> Count:
        found = [fit.match(ways, files.get(each, ()), today) for each in people]
        fitting = sum(match.fits for match in found)
        return Count(len(found), fitting, sum(match.may_teach for match in found) - fitting)

    def stands(course: Course, ways: Sequence[InstructorRule]) -> Match:
        asked = Asked(standard_id, course.field_id or 0, fit.day_of(course))
        return fit.match(ways, files.get(course.instructor.person_id, ()) if course.instructor else (), asked)

    return Effect(count(now), count(then), _touched(courses, lambda one: (stands(one, now), stands(one, then))))


def _touched(courses: Sequence[Course], both: Callable[[Course], tuple[Match, Match]]) -> list[Touched]:
    found = []
    for course in courses:
        now, then = both(course)
        if not then.may_teach:
            found.append(Touched(course, then.lacks, now.may_teach))
    return sorted(found, key=lambda one: not one.is_new)


def _people(field_id: int) -> list[int]:
    query = select(Instructor.person_id).join(InstructorField, InstructorField.instructor_id == Instructor.id)
    query = query.where(Instructor.is_active, InstructorField.field_id == field_id).distinct()
    return list(db.session.scalars(query.order_by(Instructor.person_id)))


def _courses(standard_id: int) -> Sequence[Course]:
    query = (
        select(Course)
        .outerjoin(Course.instructor)
        .options(contains_eager(Course.instructor).joinedload(Instructor.person), joinedload(Course.unit))
    )
    query = query.where(Course.standard_id == standard_id, Course.status.in_(UNDER_WAY))
    return db.session.scalars(query.order_by(Course.start_on, Course.id)).all()


def _files(people: Sequence[int]) -> Files:
    found: dict[int, Sequence[InstructorRecord]] = {}
    for start in range(0, len(people), AT_ONCE):
        found |= fit.verified_of(people[start : start + AT_ONCE])
    return found
