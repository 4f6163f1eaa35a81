"""Which instructors there are for whom, and what stands in their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import joinedload, with_polymorphic

from models import (
    Instructor,
    InstructorProfile,
    InstructorRecord,
    RecordKind,
    RecordState,
    Role,
    UnitKind,
    db,
)
from services.access import Actor, Level
from services.errors import NotAllowed, NotFound, OutsideTerritory

HAVE_INSTRUCTORS = (UnitKind.CENTER, UnitKind.ACADEMY)
NO_SUCH = "این مربی پیدا نشد."
NOT_KEPT = "پروندهٔ مربیان را کارشناس یا مدیر همان مرکز یا آموزشگاه می‌نویسد. چیزی ثبت نشد."
OPEN = (RecordState.DRAFT, RecordState.AT_CENTER, RecordState.AT_PROVINCE)


@dataclass(frozen=True)
class FileOfPerson:
    """Every row of one person's file, newest first, and the personal part, which may not be written yet."""

    person_id: int
    records: Sequence[InstructorRecord]
    profile: InstructorProfile | None

    @cached_property
    def by_kind(self) -> dict[RecordKind, list[InstructorRecord]]:
        return {kind: [row for row in self.records if row.kind is kind] for kind in RecordKind}

    @cached_property
    def verified(self) -> list[InstructorRecord]:
        return [row for row in self.records if row.state is RecordState.VERIFIED]

    def verified_of(self, kind: RecordKind) -> list[InstructorRecord]:
        return [row for row in self.by_kind[kind] if row.state is RecordState.VERIFIED]


# -- Who ---------------------------------------------------------------------------


def kept_units(actor: Actor, *roles: Role) -> tuple[int, ...]:
    """The units whose instructors this person writes, as clerk or manager (or as one of `roles`).

    Source: docs/rules.md R-200.
    """
    if actor.level is not Level.CENTER:
        return ()
    held = actor.acting(*(roles or (Role.CLERK, Role.MANAGER))).held
    return tuple(sorted({each.unit_id for each in held if each.unit_kind in HAVE_INSTRUCTORS}))


def keeper(actor: Actor) -> tuple[int, ...]:
    """The same units.

    Raises:
        NotAllowed: there is none.
    """
    kept = kept_units(actor)
    if not kept:
        raise NotAllowed(NOT_KEPT)
    return kept


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: the row of `Instructor` lies in the territory; who only counsels in a center sees none."""
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return Instructor.province_id.in_(actor.provinces)
    return Instructor.unit_id.in_(kept_units(actor)) if actor.level is Level.CENTER else false()


# -- Instructors -------------------------------------------------------------------


def find(actor: Actor, instructor_id: int) -> Instructor:
    """An instructor of the actor's territory with person and unit, as stored now.

    Raises:
        NotFound, OutsideTerritory: no such instructor, or another territory's.
    """
    query = select(Instructor, visible_to(actor)).where(Instructor.id == instructor_id)
    query = query.options(joinedload(Instructor.person), joinedload(Instructor.unit))
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(NO_SUCH)
    if not row[1]:
        raise OutsideTerritory("instructor", instructor_id)
    return row[0]


def changeable(actor: Actor, instructor_id: int) -> Instructor:
    """An instructor whose row the actor writes.

    Raises:
        NotAllowed: it is not the actor's to change; or as `find`.
    """
    found = find(actor, instructor_id)
    if found.unit_id not in kept_units(actor):
        raise NotAllowed(NOT_KEPT)
    return found


# -- Files -------------------------------------------------------------------------


def file_of(person_id: int) -> FileOfPerson:
    """The file of a person with the rows of every kind and state, in two queries."""
    every = with_polymorphic(InstructorRecord, "*")
    rows = db.session.scalars(select(every).where(every.person_id == person_id).order_by(every.id.desc())).all()
    profile = db.session.scalar(select(InstructorProfile).where(InstructorProfile.person_id == person_id))
    return FileOfPerson(person_id, rows, profile)
