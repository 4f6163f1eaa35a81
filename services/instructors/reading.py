"""Which instructors there are for whom, and what stands in their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, with_polymorphic

from models import (
    FieldLevel,
    Instructor,
    InstructorField,
    InstructorProfile,
    InstructorRecord,
    Person,
    RecordKind,
    RecordState,
    Role,
    SkillStandard,
    TradeField,
    Unit,
    UnitKind,
    db,
)
from services import codes, territory, text
from services.access import Actor, Level
from services.errors import NotAllowed

PAGE = 25
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
    named: Sequence[TradeField | SkillStandard] = ()  # what the rows name, kept in memory for their titles

    @cached_property
    def by_kind(self) -> dict[RecordKind, list[InstructorRecord]]:
        return {kind: [row for row in self.records if row.kind is kind] for kind in RecordKind}

    @cached_property
    def verified(self) -> list[InstructorRecord]:
        return [row for row in self.records if row.state is RecordState.VERIFIED]

    def seen_by(self, user_id: int, unit_id: int | None = None) -> "FileOfPerson":
        """The same file without drafts of others; with `unit_id` only the rows that went through that unit."""
        rows = [
            row
            for row in self.records
            if (row.state is not RecordState.DRAFT or row.entered_by_id == user_id)
            and (unit_id is None or row.unit_id == unit_id)
        ]
        return FileOfPerson(self.person_id, rows, self.profile, self.named)

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
    return territory.only(query, "instructor", instructor_id, NO_SUCH)


def changeable(actor: Actor, instructor_id: int) -> Instructor:
    """An instructor whose row the actor writes.

    Raises:
        NotAllowed: it is not the actor's to change; or as `find`.
    """
    found = find(actor, instructor_id)
    if found.unit_id not in kept_units(actor):
        raise NotAllowed(NOT_KEPT)
    return found


@dataclass(frozen=True)
class Filter:
    """What a list shows; what is None or empty does not narrow it. `state`: "", "waiting" or "ended"."""

    words: str = ""
    field_id: int | None = None
    unit_id: int | None = None
    state: str = ""


@dataclass(frozen=True)
class Row:
    """One instructor of a list, with what of the file is verified and what waits, without drafts."""

    instructor: Instructor
    verified: int
    waiting: int
    fields: str


@dataclass(frozen=True)
class Page:
    """Some instructors of a list, and where the next page begins (None at the end)."""

    rows: Sequence[Row]
    after: tuple[str, int] | None


def listing(actor: Actor, wanted: Filter, after: tuple[str, int] | None = None) -> Page:
    """25 instructors of the territory by name, in three queries.

    Raises:
        NotAllowed: somebody of a center who does not write its instructors.
    """
    may_look(actor)
    query = select(Instructor).join(Instructor.person).join(Instructor.unit)
    query = query.options(contains_eager(Instructor.person), contains_eager(Instructor.unit))
    query = query.where(visible_to(actor), *_matching(wanted))
    sort = func.coalesce(Person.name_sort, "")
    if after:
        query = query.where(or_(sort > after[0], (sort == after[0]) & (Instructor.id > after[1])))
    found = db.session.scalars(query.order_by(sort, Instructor.id).limit(PAGE + 1)).all()
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(_with_counts(found[:PAGE]), (last.person.name_sort or "", last.id) if last else None)


def may_look(actor: Actor) -> None:
    """Raises NotAllowed for those of a center who do not write its instructors."""
    if actor.level is Level.CENTER:
        keeper(actor)


def _matching(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Instructor.is_active.is_(wanted.state != "ended")]
    if text.key(wanted.words):
        code, foreign = codes.national_code(wanted.words) or "", codes.foreign_code(wanted.words) or ""
        by_name = Person.name_key.contains(text.key(wanted.words), autoescape=True)
        conditions.append(or_(by_name, Person.national_code == code, Person.foreign_code == foreign))
    if wanted.field_id:
        mine = (InstructorField.instructor_id == Instructor.id, InstructorField.field_id == wanted.field_id)
        conditions.append(exists().where(*mine))
    if wanted.unit_id:
        conditions.append(Instructor.unit_id == wanted.unit_id)
    if wanted.state == "waiting":
        conditions.append(exists().where(InstructorRecord.person_id == Instructor.person_id, _waits()))
    return conditions


def _waits() -> ColumnElement[bool]:
    return InstructorRecord.state.in_((RecordState.AT_CENTER, RecordState.AT_PROVINCE))


def _with_counts(found: Sequence[Instructor]) -> list[Row]:
    people = [row.person_id for row in found]
    verified = func.count().filter(InstructorRecord.state == RecordState.VERIFIED)
    counts = select(InstructorRecord.person_id, verified, func.count().filter(_waits()))
    counts = counts.where(InstructorRecord.person_id.in_(people)).group_by(InstructorRecord.person_id)
    of_person = {person_id: (done, waits) for person_id, done, waits in db.session.execute(counts)}
    titles = select(InstructorField.instructor_id, TradeField.title).join(
        TradeField, TradeField.id == InstructorField.field_id
    )
    titles = titles.where(InstructorField.instructor_id.in_([row.id for row in found]))
    named: dict[int, list[str]] = {}
    for instructor_id, title in db.session.execute(titles.order_by(TradeField.title_sort)):
        named.setdefault(instructor_id, []).append(title)
    return [Row(row, *of_person.get(row.person_id, (0, 0)), "، ".join(named.get(row.id, []))) for row in found]


def all_fields() -> Sequence[TradeField]:
    """The fields of the catalog, by title."""
    query = select(TradeField).where(TradeField.level == FieldLevel.FIELD).order_by(TradeField.title_sort)
    return db.session.scalars(query).all()


def own_units(actor: Actor) -> Sequence[Unit]:
    """The units whose instructors this person writes, by title.

    Raises:
        NotAllowed: there is none.
    """
    return db.session.scalars(select(Unit).where(Unit.id.in_(keeper(actor))).order_by(Unit.title_sort)).all()


def taught_fields(actor: Actor) -> Sequence[TradeField]:
    """The fields in which instructors of the territory teach, by which a list is narrowed."""
    mine = select(InstructorField.field_id).join(Instructor, Instructor.id == InstructorField.instructor_id)
    query = select(TradeField).where(TradeField.id.in_(mine.where(visible_to(actor))))
    return db.session.scalars(query.order_by(TradeField.title_sort)).all()


# -- Files -------------------------------------------------------------------------


def file_of(person_id: int) -> FileOfPerson:
    """The file of a person with the rows of every kind and state, in four queries at most."""
    every = with_polymorphic(InstructorRecord, "*")
    rows = db.session.scalars(select(every).where(every.person_id == person_id).order_by(every.id.desc())).all()
    return FileOfPerson(person_id, rows, profile_of(person_id), named(rows))


def profile_of(person_id: int) -> InstructorProfile | None:
    """The personal part of a file alone."""
    return db.session.scalar(select(InstructorProfile).where(InstructorProfile.person_id == person_id))


def named(rows: Sequence[InstructorRecord]) -> list[TradeField | SkillStandard]:
    """The fields and standards that rows name, in two queries at most."""
    found: list[TradeField | SkillStandard] = []
    for name, model in (("field_id", TradeField), ("standard_id", SkillStandard)):
        ids = {getattr(row, name, None) for row in rows} - {None}
        if ids:
            found += db.session.scalars(select(model).where(model.id.in_(ids)))
    return found
