"""Lists of retraining as a form of import: each line is a row in the file of an instructor of the unit.

A line enters as recorded and waits for the center like one that was sent; it is verified once it has a paper. What
stands in the file is not changed by a list. Source: docs/rules.md R-287.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import joinedload

from models import (
    Instructor,
    InstructorRecord,
    Person,
    RecordEvent,
    RecordKind,
    RecordState,
    RetrainingRecord,
    SkillStandard,
    db,
    utcnow,
)
from services import audit, imports, people, policy, text
from services.errors import DomainError
from services.imports import Change, Column, Kind, Scope, Shown, Stored, Value, Values, faults
from services.instructors import evidence
from services.instructors.sheet import CODE, IMPORTED, TAKEN_BACK, code_prepared, day, form, people_of
from services.instructors.values import LONGEST, MOST_COURSE_HOURS, RetrainingValues, columns, tidy
from services.sql import add_many

S = RecordState
_COUNTED = (S.AT_CENTER, S.AT_PROVINCE, S.VERIFIED)
_HARMLESS: Values = {"title": "ا", "provider": "ا", "hours": 1}  # in place of what was refused
_NOT_OURS = "مربی‌ای با این کد ملی در این واحد نیست؛ نخست او را ثبت کنید"
_OTHER_SAYING = "همین دوره با مقدار دیگری در پروندهٔ این مربی است؛ تغییر آن را در پروندهٔ او بنویسید"
_DECIDED = "برگردانده نشد: این ردیف دیگر در انتظار مرکز نیست."


class Retrainings:
    """Rows of `retraining_record`, found by person, title and first day; a draft is its author's and not looked at."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        known = _known(scope.unit_id, lines)
        return [_stored(line, cells, known) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        has_paper = evidence.held_by(RetrainingRecord.id)
        query = select(RetrainingRecord, has_paper).where(RetrainingRecord.id.in_(ids)).order_by(RetrainingRecord.id)
        rows = db.session.execute(query.with_for_update(of=RetrainingRecord).execution_options(populate_existing=True))
        return {row.id: _values(row) | {"has_paper": paper} for row, paper in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        """New rows, in a number of statements that does not grow with them."""
        if any(row_id is not None for row_id, _ in changes):
            raise DomainError(_OTHER_SAYING)
        new = [values for _, values in changes]
        query = select(Instructor).where(Instructor.id.in_({values["instructor_id"] for values in new}))
        whose = {row.id: row for row in db.session.scalars(query.options(joinedload(Instructor.person)))}
        kept = _standards(SkillStandard.id.in_({values["standard_id"] for values in new}))
        rows = [whose[int(values["instructor_id"] or 0)] for values in new]
        said = [columns(tidy(_said(values), row.person.birth_date)) for values, row in zip(new, rows, strict=True)]
        ids = _begun(scope, rows)
        own = [{"id": record_id} | facts for record_id, facts in zip(ids, said, strict=True)]
        table: Any = RetrainingRecord.__table__
        db.session.execute(insert(table), own)
        del kept  # it kept the standards in memory, where they are looked for one by one
        _step_each(scope, ids, "sent", IMPORTED)
        details: dict[int, dict[str, Any]] = {record_id: {} for record_id in ids}
        audit.record_each("instructor_record_imported", "instructor_record", details, actor_id=scope.user_id)
        return ids

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """They are withdrawn, as by hand: their history stays."""
        here = (InstructorRecord.id.in_(ids), InstructorRecord.state == S.AT_CENTER)
        turn = update(InstructorRecord).where(*here).values(state=S.WITHDRAWN, version=InstructorRecord.version + 1)
        options = {"synchronize_session": False}
        taken = db.session.scalars(turn.returning(InstructorRecord.id), execution_options=options).all()
        if len(taken) < len(ids):
            raise DomainError(_DECIDED)
        _step_each(scope, ids, "withdrawn", TAKEN_BACK)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


# -- What the lines name -----------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """Whom and what lines name: instructors of the unit by national code, standards by code, rows of their files."""

    people: Mapping[str, Person]
    instructors: Mapping[int, Instructor]
    standards: Mapping[str, SkillStandard]
    rows: Mapping[tuple[int, str, str], RetrainingRecord]


def _known(unit_id: int, lines: Sequence[Values]) -> _Known:
    found = people_of(lines)
    ids = [person.id for person in found.values()]
    mine = select(Instructor).where(Instructor.unit_id == unit_id, Instructor.is_active, Instructor.person_id.in_(ids))
    wanted = {str(line["standard"]) for line in lines if line.get("standard")}
    standards = _standards(SkillStandard.code.in_(wanted))
    counted = select(RetrainingRecord).where(RetrainingRecord.person_id.in_(ids), RetrainingRecord.state.in_(_COUNTED))
    rows = db.session.scalars(counted.order_by(RetrainingRecord.id).execution_options(populate_existing=True)).all()
    return _Known(
        found,
        {
            row.person_id: row
            for row in db.session.scalars(mine.order_by(Instructor.id).with_for_update(key_share=True))
        },
        {row.code: row for row in standards},
        {(row.person_id, text.key(row.title), row.started_on.isoformat()): row for row in rows},
    )


def _standards(where: ColumnElement[bool]) -> Sequence[SkillStandard]:
    return db.session.scalars(select(SkillStandard).where(where)).all()


def _stored(line: Values, wrong: Collection[str], known: _Known) -> Stored:
    """What a line means, or everything that is wrong with it; nobody says whose row it is while the code is none."""
    person = known.people.get(str(line["national_code"]))
    instructor = known.instructors.get(person.id) if person else None
    standard = known.standards.get(str(line["standard"])) if line.get("standard") else None
    implied: Values = {"standard_id": standard.id if standard else None}
    errors = faults(lambda values: tidy(_said(values), person.birth_date if person else None), line, wrong, _HARMLESS)
    if instructor is None and "national_code" not in wrong:
        errors["national_code"] = _NOT_OURS
    if line.get("standard") and standard is None:
        errors["standard"] = "استانداردی با این کد در فهرست نیست"
    if errors or wrong or person is None or instructor is None:
        return Stored(errors=errors)
    row = known.rows.get((person.id, text.key(str(line["title"])), str(line["started_on"])))
    if row is None:
        implied |= {"instructor_id": instructor.id, "state": S.AT_CENTER.value, "version": 1, "has_paper": False}
        return Stored(implied=implied)
    said = columns(tidy(_said(line | implied), person.birth_date))
    if said != {name: getattr(row, name) for name in said}:
        return Stored(errors={"title": _OTHER_SAYING})
    return Stored(row.id)


def _said(values: Values) -> RetrainingValues:
    """What a line says, as the form of one row would; of two days one that makes no sense is the other one."""
    first, last = day(values["started_on"]), day(values["ended_on"])
    return RetrainingValues(
        title=str(values["title"] or ""),
        provider=str(values["provider"] or ""),
        hours=int(values["hours"] or 0),
        started_on=first or last or policy.today(),
        ended_on=last or first or policy.today(),
        standard_id=int(values.get("standard_id") or 0) or None,
        certificate_no=str(values["certificate_no"]) if values.get("certificate_no") else None,
    )


def _values(row: RetrainingRecord) -> dict[str, Value]:
    return {
        "title": row.title,
        "provider": row.provider,
        "hours": row.hours,
        "started_on": row.started_on.isoformat(),
        "ended_on": row.ended_on.isoformat(),
        "certificate_no": row.certificate_no,
        "standard_id": row.standard_id,
        "state": row.state.value,
        "version": row.version,
    }


def _begun(scope: Scope, rows: Sequence[Instructor]) -> list[int]:
    """The ids of new rows in the files of these, in their order, by one statement.

    The database answers in an order of its own; rows of one person are alike and stand for each other.
    """
    sent: dict[str, Any] = {"state": S.AT_CENTER, "sent_at": utcnow(), "entered_by_id": scope.user_id}
    same = sent | {"kind": RecordKind.RETRAINING, "version": 1, "created_at": utcnow()}
    wanted = [
        same | {"person_id": row.person_id, "unit_id": row.unit_id, "province_id": row.province_id} for row in rows
    ]
    table: Any = InstructorRecord.__table__
    made: dict[int, list[int]] = {}
    for row in db.session.execute(insert(table).returning(table.c.id, table.c.person_id), wanted):
        made.setdefault(row.person_id, []).append(row.id)
    return [made[row.person_id].pop() for row in rows]


def _step_each(scope: Scope, ids: Sequence[int], action: str, reason: str) -> None:
    step = {"action": action, "reason": reason, "actor_id": scope.user_id, "level": scope.level.value}
    add_many(RecordEvent, [step | {"record_id": record_id} for record_id in ids])


# -- The form ----------------------------------------------------------------------

COLUMNS = (
    CODE,
    Column("title", "عنوان دوره", is_required=True, longest=LONGEST["title"]),
    Column("provider", "برگزارکننده", is_required=True, longest=LONGEST["provider"]),
    Column("hours", "ساعت", Kind.INTEGER, is_required=True, least=1, most=MOST_COURSE_HOURS),
    Column("started_on", "روز آغاز", Kind.DATE, is_required=True),
    Column("ended_on", "روز پایان", Kind.DATE, is_required=True),
    Column("certificate_no", "شمارهٔ گواهی", Kind.CODE, longest=LONGEST["certificate_no"]),
    Column("standard", "کد استاندارد", Kind.CODE, length=15, hint="اگر دوره برای یک استاندارد است"),
)

FORM = form(
    "retraining",
    "ورود بازآموزی مربیان از اکسل",
    "هر ردیف یک دورهٔ یک مربی است. ثبت می‌شود و در انتظار بررسی می‌ماند؛ تأیید آن سند می‌خواهد که در صفحهٔ ردیف می‌گذارید.",
    columns=COLUMNS,
    key=("national_code", "title", "started_on"),
    label=lambda values: f"{people.masked_code(str(values.get('national_code') or ''))} {values.get('title') or ''}",
    shown=(
        *(Shown(one.name, one.title) for one in COLUMNS if one.name in ("title", "provider", "hours")),
        Shown("started_on", "روز آغاز", imports.show_date),
        Shown("ended_on", "روز پایان", imports.show_date),
        Shown("certificate_no", "شمارهٔ گواهی"),
        Shown("standard", "کد استاندارد"),
    ),
    subject=Retrainings(),
    prepare=code_prepared,
)
