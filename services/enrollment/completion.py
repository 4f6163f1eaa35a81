"""Who has completed a course: said by its center once the course is over, with a proposal from the attendance.

Source: docs/rules.md R-682, R-683.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import aliased

from models import (
    Attendance,
    Completion,
    Course,
    CourseStatus,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Person,
    User,
    db,
    utcnow,
)
from services import audit, jalali, people, policy, trail
from services.access import Actor
from services.attendance import absence, reading
from services.attendance.absence import Rule
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import add_many
from services.text import clean, persian_digits
from services.transaction import atomic

C = Completion
WORDS = {C.COMPLETED: "به پایان رساند", C.INCOMPLETE: "ناتمام"}
TONES = {C.COMPLETED: "ok", C.INCOMPLETE: "bad"}
ACTIONS = {C.COMPLETED: "completed", C.INCOMPLETE: "not_completed", None: "completion_unsaid"}
SAID = "completion_said"
_NOT_YOURS = "پایان دوره را کارشناس یا مدیر همان مرکز ثبت می‌کند. چیزی ثبت نشد."
_NOT_OVER = "این دوره هنوز تمام نشده است. پایان دورهٔ هر کس پس از آخرین روز دوره ثبت می‌شود."
_WHY = "بنویسید چرا آنچه ثبت شده بود عوض می‌شود؛ از ۳ تا ۳۰۰ نویسه"
_GONE = "ثبت‌نام کسی از این فهرست در این میان لغو شده است. صفحه را ببینید و دوباره ثبت کنید."

Said = Mapping[int, Completion | None]


@dataclass(frozen=True)
class Line:
    """One person of a course that is over; `proposed` is what the attendance says, None where nobody marked any."""

    enrollment_id: int
    name: str
    code: str
    absent: str
    is_over: bool
    proposed: Completion | None
    said: Completion | None
    by: str


@dataclass(frozen=True)
class Sheet:
    """Everybody of a course; `may` is whether this person says it now, and `why_not` a sentence where nobody can."""

    course: Course
    rule: Rule
    lines: list[Line]
    may: bool
    why_not: str

    @property
    def standing(self) -> str:
        """What stands in every line, as a form carries it: what differs from it is what somebody has chosen."""
        return " ".join(f"{line.enrollment_id}:{line.said.value if line.said else ''}" for line in self.lines)

    @property
    def open(self) -> int:
        """Of how many nothing is said."""
        return sum(line.said is None for line in self.lines)


# -- Reading -----------------------------------------------------------------------


def sheet(actor: Actor, course_id: int) -> Sheet:
    """The people of a course with what is proposed and what is said of them.

    Raises:
        NotFound, OutsideTerritory: no class of this actor.
    """
    course = reading.get(actor, course_id)
    rule = absence.rule(course.unit)
    rows = db.session.execute(_people(course_id)).all()
    over = is_over(course)
    lines = [_line(row, rule) for row in rows]
    return Sheet(course, rule, lines, over and reading.may_correct(actor, course), "" if over else _NOT_OVER)


def is_over(course: Course) -> bool:
    """Whether its last day has passed, or its center has ended it."""
    if course.status not in reading.CLASSES:
        return False
    return course.status is CourseStatus.FINISHED or (course.end_on is not None and course.end_on < policy.today())


def history(course_id: int, limit: int = 20) -> list[tuple[str, str, str, list[str]]]:
    """Who said what of whom, newest first; as a timeline shows it."""
    who = aliased(Person)
    query = select(EnrollmentEvent, who.first_name, who.last_name, User)
    query = query.join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
    query = query.join(who, who.id == Enrollment.person_id).outerjoin(User, User.id == EnrollmentEvent.actor_id)
    of_course = (Enrollment.id.in_(reading.ever_enrolled(Enrollment.course_id == course_id)),)
    query = query.where(*of_course, EnrollmentEvent.action.in_(list(ACTIONS.values())))
    rows = db.session.execute(query.order_by(EnrollmentEvent.id.desc()).limit(limit)).all()
    return [(jalali.at(event.at), _told(event, name, user), event.reason, []) for event, *name, user in rows]


def _told(event: EnrollmentEvent, names: Sequence[str | None], user: User | None) -> str:
    what = next(said for said, action in ACTIONS.items() if action == event.action)
    name = " ".join(part for part in names if part) or "نام ثبت نشده"
    return f"{trail.name_of(user)}: {name}، {WORDS[what] if what else 'برداشته شد'}"


def _people(course_id: int) -> Select[*tuple[Any, ...]]:
    marked = select(func.count()).where(Attendance.enrollment_id == Enrollment.id).correlate(Enrollment)
    teller = aliased(Person)
    figures = (absence.away_minutes().label("away"), absence.course_minutes().label("total"))
    query = select(
        Enrollment.id, Enrollment.completion, Enrollment.completed_at, Person.first_name, Person.last_name,
        Person.national_code, Person.foreign_code, *figures, marked.scalar_subquery().label("marked"),
        teller.first_name.label("by_first"), teller.last_name.label("by_last"),
    )  # fmt: skip
    query = query.select_from(Enrollment).join(Person, Person.id == Enrollment.person_id)
    query = query.outerjoin(User, User.id == Enrollment.completed_by_id).outerjoin(teller, teller.id == User.person_id)
    query = query.where(Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    return query.order_by(func.coalesce(Person.name_sort, "~"), Enrollment.id)


def _line(row: Row[Any], rule: Rule) -> Line:
    over = rule.is_over(row.away, row.total)
    proposed = (C.INCOMPLETE if over and rule.ends else C.COMPLETED) if row.marked else None
    return Line(
        enrollment_id=row.id,
        name=" ".join(part for part in (row.first_name, row.last_name) if part) or "نام ثبت نشده",
        code=people.masked_code(row.national_code or row.foreign_code or ""),
        absent=absence.said(row.away, row.total) if row.marked else "",
        is_over=over,
        proposed=proposed,
        said=row.completion,
        by=_by(row),
    )


def _by(row: Row[Any]) -> str:
    if row.completed_at is None:
        return ""
    name = " ".join(part for part in (row.by_first, row.by_last) if part)
    return f"{name or 'کاربر مرکز'}، {jalali.at(row.completed_at)}"


# -- Saying ------------------------------------------------------------------------


def say(actor: Actor, course_id: int, seen: Said, chosen: Said, reason: str = "") -> int:
    """Write what is said of the people of a course, all or none of it; returns of how many something has changed.

    Args:
        seen: what stood for each when the page was shown.
        reason: needed where something that was said changes.

    Raises:
        NotFound, OutsideTerritory: no class of this actor.
        NotAllowed: it is another's to say. DomainError: not over yet, or the reason is missing.
        Conflict: somebody has said something else of one of them since the page was shown.

    Source: docs/rules.md R-683.
    """
    with atomic():
        course = reading.get(actor, course_id)
        _check(actor, course)
        stands = _held(course_id)
        wanted = {key: said for key, said in chosen.items() if said is not seen.get(key)}
        if wanted.keys() - stands.keys():
            raise Conflict(_GONE)
        new = {key: said for key, said in wanted.items() if stands[key] is not said}  # a repeat has nothing to do
        _refuse_late(course_id, [key for key in new if stands[key] is not seen.get(key)])
        reason = clean(reason)
        if any(stands[key] for key in new) and not 3 <= len(reason) <= 300:
            raise DomainError(_WHY, field="reason")
        _write(actor, course_id, new, {key: reason if stands[key] else "" for key in new})
    return len(new)


def _check(actor: Actor, course: Course) -> None:
    if not reading.may_correct(actor, course):
        raise NotAllowed(_NOT_YOURS)
    if not is_over(course):
        raise DomainError(_NOT_OVER)


def _held(course_id: int) -> dict[int, Completion | None]:
    """What stands for everybody in a course, locked in the order of ids: of two tabs the second one waits here."""
    query = select(Enrollment.id, Enrollment.completion).order_by(Enrollment.id).with_for_update(key_share=True)
    query = query.where(Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    return {row.id: row.completion for row in db.session.execute(query)}


def _refuse_late(course_id: int, late: Sequence[int]) -> None:
    """
    Raises:
        Conflict: who was faster, with whom and when.
    """
    if not late:
        return
    rows = db.session.execute(_people(course_id)).all()
    told = [f"«{line.name}»: {_stands(line)}" for line in (_line(row, Rule(0, "")) for row in rows)
            if line.enrollment_id in late][:4]  # fmt: skip
    many = persian_digits(len(late))
    raise Conflict(
        f"در این میان برای {many} نفر چیز دیگری ثبت شده است: {'؛ '.join(told)}. چیزی از شما ذخیره نشد و انتخاب‌های "
        "شما در صفحه مانده است؛ اگر هنوز درست است با دلیل دوباره ثبت کنید."
    )


def _stands(line: Line) -> str:
    return f"{WORDS[line.said]} ({line.by})" if line.said else "برداشته شده"


def _write(actor: Actor, course_id: int, new: Said, reasons: Mapping[int, str]) -> None:
    if not new:
        return
    now = utcnow()
    for said in (*Completion, None):
        if keys := sorted(key for key, each in new.items() if each is said):
            at, by = (now, actor.user_id) if said else (None, None)
            changed = update(Enrollment).where(Enrollment.id.in_(keys)).values(
                completion=said, completed_at=at, completed_by_id=by
            )  # fmt: skip
            db.session.execute(changed.execution_options(synchronize_session=False))
    events = [{"enrollment_id": key, "action": ACTIONS[said], "reason": reasons[key]} for key, said in new.items()]
    add_many(EnrollmentEvent, [each | {"actor_id": actor.user_id, "at": now} for each in events])
    audit.record(SAID, "course", course_id, actor_id=actor.user_id, count=len(new))
