"""Which rules speak for and against a person in a course; what is not known is not a reason.

Rules, what they ask and their sentences are in `rules`; here is read what they look at, in one statement for a
course and one for any number of people.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    Row,
    ScalarSelect,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from models import (
    Completion,
    Course,
    CourseStatus,
    EligibilityWaiver,
    Enrollment,
    EnrollmentStatus,
    Guardianship,
    InstructorRecord,
    Person,
    RecordState,
    SkillCertificate,
    SkillStandard,
    TargetGroup,
    db,
    utcnow,
)
from services import policy
from services.enrollment import rules
from services.enrollment.rules import POLICIES, POLICY, Applicant, Conditions, Finding, Known, Rule, Said
from services.enrollment.wording import TO_STAFF, Words

# A course in one of these states no longer counts against "one active course at a time".
OVER = (CourseStatus.FINISHED, CourseStatus.CANCELED, CourseStatus.REJECTED)
_DAYS_OF_MONTH = 30.44
_COMMA: Any = literal_column("','")  # as text: a statement with none to spell is not built anew at each call
_EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Asked:
    """A course with what it asks and the rules that hold for its unit today."""

    course: Any
    values: Mapping[str, Any]


def columns() -> tuple[Any, ...]:
    """SQL: what the rules look at in a course, for a query that reads `Course`."""
    prerequisite = select(SkillStandard.prerequisite).where(SkillStandard.id == Course.standard_id)
    title = select(TargetGroup.title).where(TargetGroup.id == Course.target_group_id)
    waiving = select(func.aggregate_strings(cast(TargetGroup.id, String), _COMMA)).where(TargetGroup.is_literacy_waived)
    own = (Course.start_on, Course.gender, Course.age_min, Course.age_max, Course.min_education)
    return (
        *(Course.id, *own, Course.standard_id, Course.target_group_id),
        prerequisite.correlate(Course).scalar_subquery().label("prerequisite"),
        title.correlate(Course).scalar_subquery().label("group_title"),
        # Asked for only where it counts: most courses ask for no schooling.
        case((Course.min_education.is_not(None), waiving.scalar_subquery())).label("waiving_groups"),
    )


def asked(course_id: int) -> Asked:
    """A course with what it asks, in one statement; for a look, and for many people at once."""
    return _as_asked(db.session.execute(_asking().where(Course.id == course_id)).one())


def _asking() -> Select[*tuple[Any, ...]]:
    return select(*columns(), policy.packed(POLICIES, Course.unit_id).label("rows"))


def _as_asked(row: Any) -> Asked:
    return Asked(row, policy.unpacked(POLICIES, row.rows))


def answer(
    person: Applicant,
    course: Conditions,
    values: Mapping[str, Any],
    *,
    said: Said,
    words: Words,
    known: Known | None = None,
) -> list[Finding]:
    """One finding for each rule; call with the person's row locked where something follows from it.

    `values` are those of `POLICIES` for the course's unit; `words` are those for who reads the answer. What is `known`
    beside the rows is read here unless it is given.

    Source: docs/rules.md R-22 to R-25, R-540.
    """
    known = known or _known([person.id], course, values)[person.id]
    return rules.findings(person, course, values, known, said=said, words=words)


def answer_each(
    people: Sequence[Applicant], asks: Asked, said: Mapping[int, Said], *, words: Words = TO_STAFF, leaves: int = 0
) -> dict[int, list[Finding]]:
    """`answer` for several people, by person, in one statement; `leaves` is a course that they leave for this one."""
    known = _known([each.id for each in people], asks.course, asks.values, leaves)
    return {
        each.id: rules.findings(
            each, asks.course, asks.values, known[each.id], said=said.get(each.id, Said()), words=words
        )
        for each in people
    }


def look(person: Applicant, asks: Asked, said: Said, words: Words) -> list[Finding]:
    """The answer for a page, without a lock; of somebody without an id, who was never seen, nothing is stored."""
    if not person.id:
        return rules.findings(person, asks.course, asks.values, Known(), said=said, words=words)
    return answer(person, asks.course, asks.values, said=said, words=words)


def look_up(person_id: int, course_id: int, said: Said, words: Words) -> list[Finding]:
    """The same for somebody who is known, in two statements."""
    person = (Person.gender.label("has_gender"), Person.birth_date, Person.is_alive, Person.schooling)
    query = _asking().add_columns(*person).join(Person, Person.id == person_id).where(Course.id == course_id)
    row = db.session.execute(query).one()
    who = Typed(person_id, row.has_gender, row.birth_date, row.is_alive, row.schooling)
    return look(who, _as_asked(row), said, words)


def against(found: Iterable[Finding]) -> list[str]:
    """The sentences of the rules that refuse."""
    return [each.text for each in found if each.refuses]


def contradictions(person: Applicant, course: Course) -> list[str]:
    """What is now known of the person and contradicts the course they are in already, for staff."""
    found = rules.contradictions(person, course, TO_STAFF)
    values = policy.values(POLICIES, course.unit) if found else {}
    return [sentence for rule, sentence in found if values[POLICY[rule]]["mode"] != rules.OFF]


# -- What is read ----------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """An applicant as they stand in a form: what is stored, and what was typed beside it."""

    id: int = 0
    gender: Any = None
    birth_date: dt.date | None = None
    is_alive: bool = True
    schooling: Any = None


def standing(person: Any) -> tuple[Label[Any], ...]:
    """SQL: what every course wants to know beside the rows; its parameters are `course`, `leaves` and `today`."""
    parts: dict[str, ScalarSelect[Any]] = {"active": _elsewhere(person), "waived": _waived(person)}
    parts["guarded"] = _guarded(person)
    return tuple(part.label(name) for name, part in parts.items())


def is_enough(course: Conditions, values: Mapping[str, Any]) -> bool:
    """Whether `standing` is all that the rules look at in this course."""
    return not _counts(values[POLICY[Rule.PERIOD]]) and not rules.codes_named(course.prerequisite)


def _counts(ruled: Mapping[str, Any]) -> str:
    """Which earlier enrollments the rule of periods counts; empty where it asks for none."""
    return str(ruled["of"]) if ruled["mode"] != rules.OFF and int(ruled["most"]) > 0 else ""


def _known(people: Sequence[int], course: Conditions, values: Mapping[str, Any], leaves: int = 0) -> dict[int, Known]:
    """What is stored about people and the course beside both rows, in one statement."""
    ruled = values[POLICY[Rule.PERIOD]]
    counts = _counts(ruled)
    named = rules.codes_named(course.prerequisite)
    since = utcnow() - dt.timedelta(days=round(_DAYS_OF_MONTH * ruled["months"])) if ruled["months"] else _EVER
    given: dict[str, Any] = {"course": course.id, "leaves": leaves, "today": policy.today()}
    given |= {"people": people} if len(people) != 1 else {"person": people[0]}
    given |= {"since": since, "standard": course.standard_id} if counts else {}
    given |= {"codes": named} if named else {}
    statement = _knowing(len(people) != 1, counts, bool(named))
    return {row.person_id: _as_known(row) for row in db.session.connection().execute(statement, given)}


def _as_known(row: Row[Any]) -> Known:
    passed = f"{row.completed or ''},{row.certified or ''}"
    return Known(row.active, row.recent, _parts(passed), _parts(row.waived or ""), bool(row.guarded))


def _parts(joined: str) -> frozenset[str]:
    return frozenset(part for part in joined.split(",") if part)


@cache
def _knowing(of_many: bool, counts: str, has_named: bool) -> Select[*tuple[Any, ...]]:
    """Built once for each shape: what no rule asks for is not read."""
    whose: Any = Person.id if of_many else bindparam("person", type_=Person.id.type)
    parts = {
        "active": _elsewhere(whose),
        "recent": _recent(whose, counts) if counts else literal(0),
        "completed": _completed(whose) if has_named else null(),
        "certified": _certified(whose) if has_named else null(),
        "waived": _waived(whose),
        "guarded": _guarded(whose),
    }
    query = select(whose.label("person_id"), *(part.label(name) for name, part in parts.items()))
    return query.where(Person.id.in_(bindparam("people", expanding=True))) if of_many else query


def _elsewhere(whose: Any) -> ScalarSelect[int]:
    """How many active enrollments there are in other courses that are not over."""
    is_on = (
        Course.status.not_in([literal_column(f"'{state.value}'") for state in OVER]),
        Course.end_on >= bindparam("today"),
    )
    return _count(whose, *is_on)


def _recent(whose: Any, counts: str) -> ScalarSelect[int]:
    of_standard = [Course.standard_id == bindparam("standard")] if counts == "standard" else []
    return _count(whose, Enrollment.created_at >= bindparam("since"), *of_standard)


def _count(whose: Any, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    query = select(func.count()).select_from(Enrollment).join(Course, Course.id == Enrollment.course_id)
    other = (Course.id != bindparam("course"), Course.id != bindparam("leaves"))
    active = (Enrollment.person_id == whose, Enrollment.status == EnrollmentStatus.ACTIVE)
    return query.where(*active, *other, *where).correlate(Person).scalar_subquery()


def _completed(whose: Any) -> ScalarSelect[str]:
    """The codes of the named standards of which the person has completed a course."""
    query = _codes().join(Course, Course.standard_id == SkillStandard.id)
    query = query.join(Enrollment, Enrollment.course_id == Course.id)
    done = (Enrollment.person_id == whose, Enrollment.completion == Completion.COMPLETED)
    return query.where(*done).correlate(Person).scalar_subquery()


def _certified(whose: Any) -> ScalarSelect[str]:
    """The codes of the named standards of which the file of an instructor holds a verified certificate."""
    query = _codes().join(SkillCertificate.__table__, SkillCertificate.__table__.c.standard_id == SkillStandard.id)
    record = InstructorRecord.__table__
    query = query.join(record, record.c.id == SkillCertificate.__table__.c.id)
    mine = (record.c.person_id == whose, record.c.state == RecordState.VERIFIED)
    return query.where(*mine).correlate(Person).scalar_subquery()


def _codes() -> Select[str]:
    both = SkillStandard.code.concat(",").concat(func.coalesce(SkillStandard.old_code, ""))
    named: Any = bindparam("codes", expanding=True)
    query = select(func.aggregate_strings(both, _COMMA)).select_from(SkillStandard)
    return query.where(or_(SkillStandard.code.in_(named), SkillStandard.old_code.in_(named)))


def _guarded(whose: Any) -> ScalarSelect[int]:
    stands = aliased(Guardianship, name="g")  # short, as all names are in a text that the driver has to keep
    query = select(stands.id)  # one at most
    return query.where(stands.person_id == whose, stands.ended_at.is_(None)).correlate(Person).scalar_subquery()


def _waived(whose: Any) -> ScalarSelect[str]:
    given = aliased(EligibilityWaiver, name="w")
    query = select(func.aggregate_strings(given.rule, _COMMA))
    here = (given.person_id == whose, given.course_id == bindparam("course"))
    return query.where(*here).correlate(Person).scalar_subquery()
