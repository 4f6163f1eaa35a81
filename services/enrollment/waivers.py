"""Rules set aside for one person in one course by who is entitled to, with a reason that stays.

Source: docs/rules.md R-547, R-548; taking one back is `unwaiving`.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import joinedload

from models import (
    Course,
    EligibilityWaiver,
    Enrollment,
    EnrollmentDraft,
    EnrollmentStatus,
    Person,
    Role,
    User,
    db,
    utcnow,
)
from services import audit, codes, courses, people, submissions, text
from services.access import Actor, Level
from services.enrollment import desk, eligibility, whose
from services.enrollment.rules import TITLES, Finding, Override, Rule, Said
from services.enrollment.wording import TO_SUPERVISOR
from services.errors import DomainError, NotAllowed
from services.sql import add_once
from services.transaction import atomic, retried

GRANTS = {Level.CENTER: Role.MANAGER, Level.PROVINCE: Role.REVIEWER}
SUBJECT, SET_ASIDE = "eligibility_waiver", "rule_waived"
LONGEST = 300
SIZE = 25
NOT_YOURS = {
    Override.NOBODY: "از این شرط برای هیچ‌کس چشم‌پوشی نمی‌شود. چیزی تغییر نکرد.",
    Override.MANAGER: "از این شرط مدیر مرکز برگزارکننده یا کارشناس استان چشم‌پوشی می‌کند. چیزی تغییر نکرد.",
    Override.PROVINCE: "از این شرط کارشناس استان چشم‌پوشی می‌کند. چیزی تغییر نکرد.",
}


@dataclass(frozen=True)
class Wanted:
    """Which rule is to be set aside for whom, in which course, and why; `draft` is what it stands in the way of."""

    course: Course
    rule: str
    reason: str
    national_code: str = ""
    draft: EnrollmentDraft | None = None


def may_keep(actor: Actor) -> bool:
    """Whether this person sets rules aside at all; which ones, each rule's policy says."""
    return actor.has(GRANTS[actor.level]) if actor.level in GRANTS else False


def require(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person sets no rules aside.
    """
    if not may_keep(actor):
        raise NotAllowed(NOT_YOURS[Override.MANAGER])


def may_grant(actor: Actor, course: Course, override: Override = Override.MANAGER) -> bool:
    """Whether this person sets such a rule aside in a course: a manager of its unit, or a reviewer of its province."""
    if actor.level is Level.PROVINCE:
        return override is not Override.NOBODY and course.province_id in actor.acting(Role.REVIEWER).provinces
    is_manager = actor.level is Level.CENTER and course.unit_id in actor.acting(Role.MANAGER).units
    return override is Override.MANAGER and is_manager


def course_by_code(actor: Actor, code: str | None) -> Course:
    """The course in the actor's territory that somebody names by its code.

    Raises:
        DomainError: there is none.
    """
    wanted = (Course.code == codes.read_course_code(code), courses.visible_to(actor))
    course = db.session.scalar(select(Course).where(*wanted).options(joinedload(Course.unit)))
    if course is None:
        raise DomainError("دوره‌ای با این کد در قلمرو شما نیست. کد را از صفحهٔ دوره بردارید", field="course")
    return course


def course_of(draft: EnrollmentDraft) -> Course:
    """The course of a draft that has one."""
    return db.session.get_one(Course, draft.course_id, options=[joinedload(Course.unit)])


@retried
def grant(actor: Actor, form_key: str, wanted: Wanted) -> bool:
    """Set a rule aside; False when this very form had done so before.

    Raises:
        DomainError: what is missing, or the rule stands in nobody's way.
        NotAllowed: the policy of the rule gives it to others, or it is about oneself.
    """
    reason = text.clean(wanted.reason)[:LONGEST]
    if not reason:
        raise DomainError("دلیل را بنویسید؛ در تاریخچهٔ ثبت‌نام می‌ماند", field="reason")
    if wanted.draft is None:
        _note_look(actor, wanted)
    with atomic():
        if submissions.begin(form_key, actor.user_id) is not None:
            return False
        person = people.find_or_create(wanted.national_code) if wanted.draft is None else whose.locked(wanted.draft)
        _require(actor, wanted, person)
        values = {"person_id": person.id, "course_id": wanted.course.id, "rule": wanted.rule}
        waiver_id = add_once(
            EligibilityWaiver, **values, reason=reason, granted_by_id=actor.user_id, created_at=utcnow()
        )
        facts: dict[str, Any] = {"course": wanted.course.id, "rule": wanted.rule, "level": actor.level.value}
        audit.record(SET_ASIDE, SUBJECT, waiver_id, actor_id=actor.user_id, **facts)
        submissions.finish(form_key, f"waiver:{waiver_id}")
    return True


def _note_look(actor: Actor, wanted: Wanted) -> None:
    """Whoever types a code learns what was found of the person; that leaves a trace, whatever comes of it."""
    if codes.national_code(wanted.national_code) is None:
        raise DomainError(codes.why_not_national_code(wanted.national_code), field="national_code")
    known = people.by_national_code(wanted.national_code)
    with atomic():
        person_id = known.id if known else None
        audit.record("person_looked_up", "person", person_id, actor_id=actor.user_id, course=wanted.course.id)


def _require(actor: Actor, wanted: Wanted, person: Person) -> None:
    if person.id == actor.person_id:
        raise NotAllowed("از شرطی که دربارهٔ خودتان است کس دیگری چشم‌پوشی می‌کند. چیزی تغییر نکرد.")
    found = next((each for each in _answer(wanted, person) if each.rule == wanted.rule), None)
    if found is None or not found.refuses:
        now = f"اکنون «{found.found}» است و {found.tag[0]}" if found else "اکنون دربارهٔ این دوره به کار نیست"
        raise DomainError(f"این شرط مانع ثبت‌نام این شخص نیست: {now}", field="rule")
    if not may_grant(actor, wanted.course, found.override):
        raise NotAllowed(NOT_YOURS[found.override])


def _answer(wanted: Wanted, person: Person) -> list[Finding]:
    if wanted.draft is not None:
        return desk.answer(wanted.draft, person, TO_SUPERVISOR)
    return eligibility.look(person, eligibility.asked(wanted.course.id), Said(), TO_SUPERVISOR)


# -- Looking ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One rule that was set aside; `used` is the enrollment that stands by it."""

    waiver: EligibilityWaiver
    course: Course
    who: str
    code: str
    by: str
    used: Enrollment | None

    @property
    def title(self) -> str:
        return TITLES[Rule(self.waiver.rule)]


def of_territory(actor: Actor, before: int | None = None) -> tuple[list[Line], int | None]:
    """What was set aside in the courses of a territory, newest first, and where the next page begins; one query."""
    older = [EligibilityWaiver.id < before] if before else []
    query = lines().where(courses.visible_to(actor), *older).order_by(EligibilityWaiver.id.desc())
    rows = db.session.execute(query.limit(SIZE + 1)).all()
    return [line_of(row) for row in rows[:SIZE]], rows[SIZE - 1][0].id if len(rows) > SIZE else None


def lines() -> Select[*tuple[Any, ...]]:
    """What `line_of` shows."""
    in_course = and_(
        Enrollment.course_id == Course.id,
        Enrollment.person_id == Person.id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    query = select(EligibilityWaiver, Course, Person, User, Enrollment)
    query = query.join(Course, Course.id == EligibilityWaiver.course_id)
    query = query.join(Person, Person.id == EligibilityWaiver.person_id)
    query = query.join(User, User.id == EligibilityWaiver.granted_by_id).outerjoin(Enrollment, in_course)
    return query.options(joinedload(Course.unit), joinedload(User.person))


def line_of(row: Row[*tuple[Any, ...]]) -> Line:
    waiver, course, person, by, used = row
    code = people.masked_code(person.national_code or person.foreign_code or "")
    return Line(waiver, course, people.shown_name(person), code, by.person.full_name or by.username, used)
