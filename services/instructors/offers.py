"""What the forms of rows offer of the catalog."""

from dataclasses import dataclass

from sqlalchemy import select

from models import Instructor, InstructorField, InstructorRecord, RecordKind, SkillStandard, TradeField, db
from services.instructors.values import KINDS

MOST_STANDARDS = 200


@dataclass(frozen=True)
class Choices:
    """What the forms of rows offer."""

    fields: list[tuple[int, str]]
    standards: list[tuple[int, str]]


def choices(person_id: int, kind: RecordKind, record: InstructorRecord | None = None) -> Choices:
    """The fields in which a person teaches and the standards of these, as far as rows of the kind name any.

    What a row has already is among them.
    """
    if not {"field_id", "standard_id"} & KINDS[kind][1].__dataclass_fields__.keys():
        return Choices([], [])
    teaches = select(InstructorField.field_id).join(Instructor, Instructor.id == InstructorField.instructor_id)
    teaches = teaches.where(Instructor.person_id == person_id)
    field_id, standard_id = getattr(record, "field_id", None), getattr(record, "standard_id", None)
    in_fields = TradeField.id.in_(teaches) | (TradeField.id == (field_id or 0))
    fields = select(TradeField.id, TradeField.title).where(in_fields).order_by(TradeField.title_sort)
    in_use = SkillStandard.field_id.in_(teaches) & SkillStandard.retired_at.is_(None)
    offered = in_use | (SkillStandard.id == (standard_id or 0))
    standards = select(SkillStandard.id, SkillStandard.title).where(offered).order_by(SkillStandard.title_sort)
    return Choices(
        [(row.id, row.title) for row in db.session.execute(fields)],
        [(row.id, row.title) for row in db.session.execute(standards.limit(MOST_STANDARDS))],
    )
