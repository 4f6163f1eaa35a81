"""Lists of nominees as a form of import: each line names somebody for a course of the unit that has a contract.

Source: docs/rules.md R-418.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from models import Course, Nominee, NomineeState, Role, db, utcnow
from services import codes, imports, people, text
from services.access import Actor, Level
from services.courses import reading
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.organizations.nominees import TAKES

_NO_COURSE = "دوره‌ای با این کد در این واحد نیست"
_NO_CONTRACT = "این دوره قرارداد ندارد؛ نخست قرارداد یا تفاهم‌نامه را در دوره انتخاب کنید"
_OVER = "این دوره پایان یافته یا لغو شده است"
_GONE = "برگردانده نشد: این نفر دیگر در فهرست نیست."
_SAID = ("name", "mobile")


class Nominees:
    """Rows of `nominee`, found by course and national code; whoever was removed may be named anew."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        found = _courses(scope, lines)
        rows = _rows([course.id for course in found.values()], [str(line["national_code"]) for line in lines])
        return [_stored(line, cells, found, rows) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(Nominee).where(Nominee.id.in_(ids), Nominee.state != NomineeState.REMOVED).order_by(Nominee.id)
        rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
        return {row.id: _values(row) for row in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        """Some lines, new ones by one statement; who was named meanwhile by a second sheet refuses the line."""
        new = [values for row_id, values in changes if row_id is None]
        for row_id, values in changes:
            if row_id is not None:
                said = {name: values[name] for name in _SAID if name in values}
                db.session.execute(update(Nominee).where(Nominee.id == row_id).values(**said))
        made = iter(_add(scope, new))
        return [next(made) if row_id is None else row_id for row_id, _ in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        here = (Nominee.id.in_(ids), Nominee.state != NomineeState.REMOVED)
        turn = update(Nominee).where(*here).values(state=NomineeState.REMOVED, removed_at=utcnow())
        gone = db.session.scalars(turn.returning(Nominee.id), execution_options={"synchronize_session": False}).all()
        if len(gone) < len(ids):
            raise DomainError(_GONE)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _courses(scope: Scope, lines: Sequence[Values]) -> dict[str, Course]:
    """Courses of the unit by code, held so that none ends or loses its contract meanwhile."""
    wanted = {str(line["course"]) for line in lines if line.get("course")}
    query = select(Course).where(Course.unit_id == scope.unit_id, Course.code.in_(wanted)).order_by(Course.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {row.code: row for row in db.session.scalars(query)}


def _rows(course_ids: Sequence[int], national_codes: Sequence[str]) -> dict[tuple[int, str], Nominee]:
    query = select(Nominee).where(
        Nominee.course_id.in_(course_ids),
        Nominee.national_code.in_(national_codes),
        Nominee.state != NomineeState.REMOVED,
    )
    query = query.order_by(Nominee.id).with_for_update().execution_options(populate_existing=True)
    return {(row.course_id, row.national_code): row for row in db.session.scalars(query)}


def _stored(
    line: Values, wrong: Collection[str], courses: Mapping[str, Course], rows: Mapping[tuple[int, str], Nominee]
) -> Stored:
    course = courses.get(str(line["course"]))
    if why := "" if "course" in wrong else _why_not(course):
        return Stored(errors={"course": why})
    if wrong or course is None:
        return Stored()
    row = rows.get((course.id, str(line["national_code"])))
    if row is not None:  # what the sheet leaves out stays
        kept = {name: value for name, value in _values(row).items() if line.get(name) is None}
        return Stored(row.id, _values(row), implied=kept)
    return Stored(implied={"course_id": course.id, "agreement_id": course.agreement_id})


def _why_not(course: Course | None) -> str:
    if course is None:
        return _NO_COURSE
    if course.agreement_id is None:
        return _NO_CONTRACT
    return "" if course.status in TAKES else _OVER


def _values(row: Nominee) -> dict[str, Value]:
    return {"name": row.name, "mobile": row.mobile}


def _add(scope: Scope, lines: Sequence[Values]) -> list[int]:
    same: dict[str, Any] = {"named_by_id": scope.user_id, "state": NomineeState.NAMED}
    made = []
    for values in lines:
        row = Nominee(
            course_id=values["course_id"],
            agreement_id=values["agreement_id"],
            national_code=values["national_code"],
            name=values.get("name"),
            mobile=values.get("mobile"),
            **same,
        )
        db.session.add(row)
        made.append(row)
    db.session.flush()
    return [row.id for row in made]


# -- The form ----------------------------------------------------------------------


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """Code and mobile as they are stored, or why they are none."""
    typed, mobile = str(values.get("national_code") or ""), str(values.get("mobile") or "")
    course = codes.read_course_code(str(values.get("course") or "")) or values.get("course")
    found = {"national_code": codes.national_code(typed), "mobile": codes.mobile(mobile) if mobile else None}
    errors = {} if found["national_code"] or not typed else {"national_code": codes.why_not_national_code(typed)}
    if mobile and not found["mobile"]:
        errors["mobile"] = codes.why_not_mobile(mobile)
    return values | found | {"course": course}, errors


def _units(actor: Actor) -> tuple[int, ...]:
    return reading.units_of_staff(actor)


COLUMNS = (
    Column("course", "کد دوره", Kind.CODE, is_required=True, longest=12, hint="دوره‌ای از همین واحد که قرارداد دارد"),
    Column("national_code", "کد ملی", Kind.CODE, is_required=True, length=10),
    Column("name", "نام و نام خانوادگی", longest=120, hint="همان‌گونه که سازمان نوشته است"),
    Column("mobile", "تلفن همراه", Kind.CODE, longest=20),
)

FORM = imports.register(
    ImportForm(
        "nominees",
        "ورود معرفی‌شدگان سازمان از اکسل",
        "هر ردیف یک نفر است که سازمان برای دوره‌ای معرفی کرده است. معرفی ثبت‌نام نیست؛ هر نفر جداگانه ثبت‌نام می‌شود.",
        Level.CENTER,
        (Role.CLERK, Role.MANAGER),
        COLUMNS,
        key=("course", "national_code"),
        label=lambda values: f"{people.masked_code(str(values.get('national_code') or ''))} {values.get('name') or ''}",
        shown=(
            Shown("name", "نام و نام خانوادگی"),
            Shown("mobile", "تلفن همراه", lambda value: text.persian_digits(value or "خالی")),
        ),
        subject=Nominees(),
        prepare=prepare,
        whose=_units,
        home="/center/courses",
    )
)
