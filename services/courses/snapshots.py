"""What a standard asked for on the day on which a course of it was sent, kept with the course."""

from typing import Any

from sqlalchemy import select

from models import Course, SkillStandard, StandardRequirement, TradeField, db
from services.changes import encode

KEPT = (
    "code", "title", "theory_minutes", "practice_minutes", "project_minutes", "internship_minutes", "min_education",
    "prerequisite", "instructor_requirement", "compiled_on",
)  # fmt: skip


def of_standard(course: Course) -> dict[str, Any] | None:
    """The standard of a course with its field and its equipment, as text and numbers; one query.

    Source: docs/rules.md R-306.
    """
    query = (
        select(SkillStandard, TradeField.title, StandardRequirement)
        .join(SkillStandard.field)
        .outerjoin(StandardRequirement, StandardRequirement.standard_id == SkillStandard.id)
        .where(SkillStandard.id == course.standard_id)
        .order_by(StandardRequirement.id)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return None
    standard, field, _ = rows[0]
    needs = [need for *_, need in rows if need is not None]
    equipment = [[need.group.value, need.item_name, need.quantity, need.basis_n] for need in needs]
    return {name: encode(getattr(standard, name)) for name in KEPT} | {"field": field, "equipment": equipment}
