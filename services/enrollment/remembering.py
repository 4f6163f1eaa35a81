"""What an enrollment remembers of its rules: set aside by whom and why, only warned about, or said of papers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import EligibilityWaiver, EnrollmentEvent, db
from services.enrollment.rules import Finding, Outcome, Rule
from services.sql import add_many

if TYPE_CHECKING:
    from services.enrollment.terms import Application

WARNED, WAIVED, SAID = "rules_warned", "rule_waived", "prerequisite_said"
_LONGEST = 300


def remember(enrollment_id: int, application: "Application", found: Sequence[Finding]) -> None:
    """Note with the enrollment which rules were set aside by whom, which only warned, and what was said of papers."""
    add_many(EnrollmentEvent, events(enrollment_id, application, found))


def events(enrollment_id: int, application: "Application", found: Sequence[Finding]) -> list[dict[str, object]]:
    """The rows of `remember`."""
    noted = [*_waived(application, found), *_warned(application, found), *_said(application, found)]
    return [{"enrollment_id": enrollment_id, **each} for each in noted]


def _waived(application: "Application", found: Sequence[Finding]) -> list[dict[str, object]]:
    titles = {each.rule: each.title for each in found if each.outcome is Outcome.WAIVED}
    if not titles:
        return []
    query = select(EligibilityWaiver).where(
        EligibilityWaiver.person_id == application.person_id,
        EligibilityWaiver.course_id == application.course_id,
        EligibilityWaiver.rule.in_(titles),
    )
    rows = db.session.scalars(query.order_by(EligibilityWaiver.id))
    return [_event(WAIVED, row.granted_by_id, f"{titles[Rule(row.rule)]}: {row.reason}") for row in rows]


def _warned(application: "Application", found: Sequence[Finding]) -> list[dict[str, object]]:
    warned = [f"{each.title}: {each.found}" for each in found if each.outcome is Outcome.WARNS]
    return [_event(WARNED, application.actor_id, "، ".join(warned))] if warned else []


def _said(application: "Application", found: Sequence[Finding]) -> list[dict[str, object]]:
    asked = any(each.rule is Rule.PREREQUISITE for each in found)
    said = application.prerequisite_seen if asked else None
    return [_event(SAID, application.actor_id, said)] if said else []


def _event(action: str, actor_id: int | None, reason: str) -> dict[str, object]:
    return {"action": action, "actor_id": actor_id, "reason": reason[:_LONGEST]}
