"""A course as a case: what a person sees before deciding, and what they may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import UNDER_WAY, Course, CourseClaim, CourseEvent, CourseStatus, ReasonText, Role, User, db
from services import policy, trail
from services.access import Actor
from services.courses import (
    changed,
    checklist,
    checks,
    completeness,
    conflicts,
    ended,
    grounds,
    holding,
    licensing,
    reading,
    wording,
)
from services.courses.ended import Ended
from services.courses.steps import DECISIONS, SEPARATION, Step, is_own_work, steps_for
from services.instructors import fit


@dataclass(frozen=True)
class Case:
    """One course with its checks, its history and the steps open to the person who looks.

    `decisions` are those of `steps` that decide; empty with `is_own` when only the separation of duties bars them.
    `on_behalf_of` names the person in whose place a deputy would take them.
    """

    course: Course
    facts: list[tuple[bool, str]]
    clashes: list[conflicts.Clash]
    timeline: list[wording.Told]
    steps: list[Step]
    decisions: list[Step]
    is_own: bool
    is_short: bool
    signatures: list[CourseEvent]
    changed: changed.Changed | None
    held: CourseClaim | None
    reasons: Sequence[ReasonText]
    on_behalf_of: str = ""
    ended: Ended | None = None

    @property
    def others(self) -> list[Step]:
        return [step for step in self.steps if step.action not in DECISIONS]

    @property
    def sent_back(self) -> CourseEvent | None:
        """The decision that returned or rejected the course; None when it is not back."""
        if self.course.status not in (CourseStatus.RETURNED, CourseStatus.REJECTED):
            return None
        return next((e for e in reversed(self.course.events) if e.action in ("return", "reject")), None)


def case(actor: Actor, course_id: int) -> Case:
    """Everything for a case page.

    Raises:
        NotFound, OutsideTerritory: as `reading.get`.
    """
    fits = (completeness.workshop_fits(Course), completeness.instructor_fits(Course))
    further = (policy.column(SEPARATION, Course.unit_id), *grounds.columns(Course))
    course, (hosts, teaches, parted, *found) = reading.whole(actor, course_id, *fits, *further)
    ground, short = grounds.read(found), checks.short_of(course)
    matches = fit.of_team(course) if ground.has_rules else {}
    match = matches.get(course.instructor_id or 0, fit.Match())
    planned, lost = checks.days_of(course)
    seen = checks.Seen(bool(hosts), bool(teaches), match, short, planned, lost)
    held = [day for day in planned if day not in lost]
    asked = conflicts.Asked(course, ground, held, actor, is_sent=course.status in UNDER_WAY, known_matches=matches)
    steps = steps_for(course, actor)
    decisions = [step for step in steps if step.action in DECISIONS]
    is_own = bool(decisions) and is_own_work(course, actor, course.events) and policy.found(SEPARATION, parted)
    return Case(
        course=course,
        facts=[
            *licensing.facts(ground.license, course),
            *checks.facts(course, seen),
        ],
        clashes=_beside_checks(asked),
        timeline=wording.timeline(course),
        steps=steps,
        decisions=[] if is_own else decisions,
        is_own=is_own,
        ended=ended.of(course),
        is_short=bool(short),
        signatures=checklist.standing(course.events),
        changed=changed.since_decision(course) if course.sent_at else None,
        held=holding.now_of(course),
        reasons=reasons() if decisions and not is_own else [],
        on_behalf_of=_away(actor, course) if decisions else "",
    )


def _away(actor: Actor, course: Course) -> str:
    """Who is away when a deputy looks at the case; one query for a deputy, else none."""
    user_id = actor.standing_in(course.unit_id, course.province_id, Role.MANAGER, Role.REVIEWER)
    if user_id is None:
        return ""
    return trail.name_of(db.session.get(User, user_id, options=[joinedload(User.person)]))


def reasons() -> Sequence[ReasonText]:
    """The saved reasons for returning and rejecting, in their order."""
    query = select(ReasonText).where(ReasonText.kind.in_(("return", "reject")))
    return db.session.scalars(query.order_by(ReasonText.kind.desc(), ReasonText.position, ReasonText.id)).all()


def _beside_checks(asked: conflicts.Asked) -> list[conflicts.Clash]:
    """What collides and does not stand among the checks; how the instructor of the course fits does."""
    found = conflicts.clashes(asked, conflicts.BESIDE_CHECKS | {conflicts.Kind.FIT})
    return [each for each in found if each.kind is not conflicts.Kind.FIT or each.field == "co_instructors"]
