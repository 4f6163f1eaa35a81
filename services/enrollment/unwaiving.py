"""A rule that was set aside stands again, with a reason, as long as nobody is in the course by it.

Source: docs/rules.md R-690.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from models import AuditEvent, Course, EligibilityWaiver, Person, User, db
from services import audit, courses, jalali, people, submissions, text, trail
from services.access import Actor, Level
from services.enrollment import waivers
from services.enrollment.rules import TITLES, Rule
from services.enrollment.waivers import SUBJECT, Line
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic, retried

TAKEN_BACK = "rule_waiver_taken_back"
SHOWN = 10
GONE = "این چشم‌پوشی پیدا نشد. از فهرست چشم‌پوشی‌ها شروع کنید."
NOT_YOURS = "این چشم‌پوشی را مدیر همین مرکز یا کارشناس استان پس می‌گیرد."
OF_THE_PROVINCE = "از این شرط استان چشم‌پوشی کرده است و کارشناس استان آن را پس می‌گیرد."


def of(actor: Actor, waiver_id: int) -> Line:
    """A rule set aside in a course of the actor's territory.

    Raises:
        OutsideTerritory: it is somebody else's. NotFound: there is none; one taken back says by whom and when.
    """
    query = waivers.lines().where(EligibilityWaiver.id == waiver_id)
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(_who_was_faster(actor, waiver_id))
    if db.session.scalar(select(Course.id).where(Course.id == row[1].id, courses.visible_to(actor))) is None:
        raise OutsideTerritory(SUBJECT, waiver_id)
    return waivers.line_of(row)


def why_not(actor: Actor, line: Line) -> str:
    """What keeps this person from taking it back; empty where nothing does."""
    if not waivers.may_grant(actor, line.course):
        return NOT_YOURS
    if actor.level is Level.CENTER and line.waiver.granted_by_id != actor.user_id and _level(line) is not Level.CENTER:
        return OF_THE_PROVINCE
    return _where_used(line)


def _level(line: Line) -> Level | None:
    """At which level it was given, by the trail."""
    ((event, _),) = trail.acts(SUBJECT, line.waiver.id, {waivers.SET_ASIDE: ""}, 1) or ((None, None),)
    return Level(event.detail["level"]) if event and "level" in event.detail else None


def _where_used(line: Line) -> str:
    if line.used is None:
        return ""
    code = text.persian_digits(line.used.tracking_code)
    return (
        f"از این چشم‌پوشی استفاده شده است: ثبت‌نام در همین دوره با کد رهگیری {code}، {jalali.at(line.used.created_at)}. "
        "دیگر پس گرفته نمی‌شود؛ اگر این شخص نباید در دوره بماند، ثبت‌نام او را مرکز از صفحهٔ دوره پایان می‌دهد."
    )


@retried
def take_back(actor: Actor, form_key: str, waiver_id: int, reason: str) -> bool:
    """Let the rule stand again for this person; False when this very form had done so before.

    Raises:
        NotFound, OutsideTerritory: as `of`. DomainError: no reason. Conflict: somebody is in the course by it.
        NotAllowed: who stands above gave it, or this person gives none.
    """
    said = text.clean(reason)[: waivers.LONGEST]
    if not said:
        raise DomainError("دلیل را بنویسید؛ در تاریخچه می‌ماند", field="reason")
    with atomic():
        if submissions.begin(form_key, actor.user_id) is not None:
            return False
        line = of(actor, waiver_id)
        # An enrollment looks at the rules with the person locked: it comes before this or after it.
        whose = select(Person.id).where(Person.id == line.waiver.person_id)
        db.session.execute(whose.with_for_update(key_share=True))
        line = of(actor, waiver_id)
        _refuse(actor, line)
        _remove(actor, line, said)
        submissions.finish(form_key, f"waiver:{waiver_id}")
    return True


def _refuse(actor: Actor, line: Line) -> None:
    if reason := why_not(actor, line):
        raise Conflict(reason) if reason == _where_used(line) else NotAllowed(reason)


def _remove(actor: Actor, line: Line, said: str) -> None:
    waiver = line.waiver
    facts: dict[str, Any] = {
        "course": waiver.course_id,
        "person": waiver.person_id,
        "rule": waiver.rule,
        "reason": said,
    }
    gone = delete(EligibilityWaiver).where(EligibilityWaiver.id == waiver.id).returning(EligibilityWaiver.id)
    db.session.expunge(waiver)
    if db.session.scalar(gone.execution_options(synchronize_session=False)) is None:
        raise NotFound(_who_was_faster(actor, waiver.id))
    audit.record(TAKEN_BACK, SUBJECT, waiver.id, actor_id=actor.user_id, **facts)


# -- What was taken back ---------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """A rule that was set aside for a while, and who let it stand again."""

    event: AuditEvent
    course: Course
    who: str
    code: str
    by: str

    @property
    def title(self) -> str:
        return TITLES[Rule(self.event.detail["rule"])]


def of_territory(actor: Actor) -> list[Past]:
    """The newest ones in the courses of a territory; one query."""
    query = _past().where(courses.visible_to(actor)).order_by(AuditEvent.id.desc()).limit(SHOWN)
    return [_as_past(row) for row in db.session.execute(query)]


def _past() -> Any:
    named = {name: AuditEvent.detail[name].as_integer() for name in ("course", "person")}
    query = select(AuditEvent, Course, Person, User).where(
        AuditEvent.subject == SUBJECT, AuditEvent.action == TAKEN_BACK
    )
    query = query.join(Course, Course.id == named["course"]).join(Person, Person.id == named["person"])
    query = query.join(User, User.id == AuditEvent.actor_id)
    return query.options(joinedload(Course.unit), joinedload(User.person))


def _as_past(row: Any) -> Past:
    event, course, person, by = row
    code = people.masked_code(person.national_code or person.foreign_code or "")
    return Past(event, course, people.shown_name(person), code, trail.name_of(by))


def _who_was_faster(actor: Actor, waiver_id: int) -> str:
    row = db.session.execute(_past().where(AuditEvent.subject_id == waiver_id, courses.visible_to(actor))).first()
    if row is None:
        return GONE
    past = _as_past(row)
    when = jalali.at(past.event.at)
    return f"این چشم‌پوشی را {past.by} در {when} پس گرفته است؛ شرط دوباره برقرار است و کار دیگری لازم نیست."
