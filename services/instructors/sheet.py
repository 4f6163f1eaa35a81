"""Instructors of a unit as a form of import: known by national code, and a name that is not known stays empty.

Of a person whom the system knows only the gaps are filled. Of an instructor whom the unit has already, the fields in
which they teach change and nothing else. Source: docs/rules.md R-285, R-286.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from models import (
    Course,
    FieldLevel,
    Gender,
    Instructor,
    InstructorEvent,
    InstructorField,
    InstructorMove,
    InstructorRecord,
    Person,
    Role,
    TradeField,
    Unit,
    Workshop,
    db,
)
from services import codes, identity, imports, labels, people, policy, provenance, text
from services.access import Level
from services.errors import DomainError, NotAllowed
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.instructors import engaging, reading
from services.instructors.taking_on import OTHER_NAME, YOUNGEST, NewInstructor, engage_each, fill, refuse_unfit
from services.mobiles import By
from services.provenance import Place

IMPORTED, TAKEN_BACK = "ورود از اکسل", "برگرداندن ورود از اکسل"
SEPARATOR = "؛ "
_ENDED = "همکاری این مربی در این واحد پایان یافته است؛ بازگشت او را در صفحهٔ خودش ثبت کنید"
_NAMES = {"first_name", "last_name"}
_Named = Mapping[str, Sequence[TradeField]]  # fields of the catalog by the key of their title
_IN_USE = "برگردانده نشد: دوره، جابه‌جایی یا ردیفی در پروندهٔ این مربی ثبت شده است."


class Instructors:
    """Rows of `instructor` of one unit; `fields` are the titles of their fields, in the order of the alphabet."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        known = people_of(lines)
        mine = _engaged(scope.unit_id, [person.id for person in known.values()])
        taught, named = _taught([row.id for row in mine.values()]), _fields_named(lines)
        unit = _OfUnit(known, mine, taught, named)
        return [unit.stored(line, cells) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(Instructor).where(Instructor.id.in_(ids)).order_by(Instructor.id).with_for_update()
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        taught = _taught([row.id for row in rows])
        return {row.id: _values(row, taught) for row in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        fields = _field_ids([values for _, values in changes])
        made = _taken_on(scope, [values for row_id, values in changes if row_id is None], fields)
        _change(scope, {row_id: values for row_id, values in changes if row_id is not None}, fields)
        return [made[str(values["national_code"])] if row_id is None else row_id for row_id, values in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """Their employments end at once: history and people stay, and the next sheet brings them back."""
        of_each = select(InstructorEvent.instructor_id).where(InstructorEvent.instructor_id.in_(ids))
        if db.session.scalar(of_each.group_by(InstructorEvent.instructor_id).having(func.count() > 1).limit(1)):
            raise DomainError(_IN_USE)
        today = policy.today().isoformat()
        _change(scope, {each: {"ended_on": today} for each in ids}, {})

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """Codes and mobiles as they are stored; of a name that only fills its place there is none."""
    found, errors = code_prepared(values)
    for name in ("first_name", "last_name", "father_name"):
        if name in found:
            found[name] = people.name_part(str(found[name] or ""))
    if found.get("mobile"):
        typed = str(found["mobile"])
        found["mobile"] = codes.mobile(typed)
        if found["mobile"] is None:
            errors["mobile"] = codes.why_not_mobile(typed)
    today = policy.today().isoformat()
    if found.get("started_on") and not "1950" <= str(found["started_on"]) <= today:
        errors["started_on"] = "این روز باید امروز یا پیش از آن باشد"
    return found, errors


def code_prepared(values: Values) -> tuple[Values, dict[str, str]]:
    """The national code as it is stored, or why it is none."""
    typed = str(values.get("national_code") or "")
    code = codes.national_code(typed)
    errors = {} if code or not typed else {"national_code": codes.why_not_national_code(typed)}
    return values | {"national_code": code}, errors


def people_of(lines: Sequence[Values]) -> dict[str, Person]:
    """The people whom lines name, by national code, locked in one order."""
    return people.lock_each({str(line["national_code"]) for line in lines if line["national_code"]})


# -- What the lines name -----------------------------------------------------------


def _engaged(unit_id: int, person_ids: Sequence[int]) -> dict[int, Instructor]:
    query = select(Instructor).where(Instructor.unit_id == unit_id, Instructor.person_id.in_(person_ids))
    rows = db.session.scalars(query.order_by(Instructor.id).with_for_update().execution_options(populate_existing=True))
    return {row.person_id: row for row in rows}


def _taught(ids: Sequence[int]) -> dict[int, str]:
    """The fields of instructors as a line writes them."""
    query = select(InstructorField.instructor_id, TradeField.title).join(
        TradeField, TradeField.id == InstructorField.field_id
    )
    found: dict[int, list[str]] = {}
    for instructor_id, title in db.session.execute(query.where(InstructorField.instructor_id.in_(ids))):
        found.setdefault(instructor_id, []).append(title)
    return {instructor_id: _joined(titles) for instructor_id, titles in found.items()}


def _joined(titles: Sequence[str]) -> str:
    return SEPARATOR.join(sorted(set(titles), key=text.sort_key))


def _fields_named(lines: Sequence[Values]) -> _Named:
    keys = {text.key(part) for line in lines for part in _parts(str(line.get("fields") or ""))}
    query = select(TradeField).where(TradeField.level == FieldLevel.FIELD, TradeField.title_key.in_(keys))
    found: dict[str, list[TradeField]] = {}
    for row in db.session.scalars(query.order_by(TradeField.id)):
        found.setdefault(row.title_key, []).append(row)
    return found


def _parts(written: str) -> list[str]:
    return [name for part in re.split("[؛;|\n]", written) if (name := text.clean(part))]


def _field_ids(lines: Sequence[Values]) -> dict[str, list[int]]:
    """The fields that lines write, by how they write them."""
    named = _fields_named(lines)
    written = {str(line["fields"]) for line in lines if line.get("fields")}
    return {each: [named[text.key(part)][0].id for part in _parts(each)] for each in written}


def _unknown_field(named: _Named, written: str) -> str:
    """What is wrong with the fields of a line; empty when they are all of the catalog."""
    parts = _parts(written)
    for part in parts:
        found = named.get(text.key(part), ())
        if len(found) != 1:
            why = "چند رشته با این نام در فهرست است؛ این مربی را دستی ثبت کنید" if found else "در فهرست رشته‌ها نیست"
            return f"«{part}» {why}. میان رشته‌ها «؛» بگذارید"
    if not 1 <= len(parts) <= engaging.MOST_FIELDS:
        return f"دست‌کم یک رشته و حداکثر {text.persian_digits(engaging.MOST_FIELDS)} رشته بنویسید"
    return ""


@dataclass(frozen=True)
class _OfUnit:
    """What is known of the people whom lines name and of their rows in one unit, and the fields that are named."""

    known: Mapping[str, Person]
    mine: Mapping[int, Instructor]
    taught: Mapping[int, str]
    named: _Named

    def stored(self, line: Values, wrong: Collection[str]) -> Stored:
        """What a line means. While its code makes no sense, only what needs nobody to be known is looked at."""
        person = self.known.get(str(line["national_code"]))
        row = self.mine.get(person.id) if person else None
        errors = self._faults(line, person, wrong)
        if row and not row.is_active and row.end_reason != TAKEN_BACK:
            errors["national_code"] = _ENDED
        if errors or wrong:
            return Stored(errors=errors)
        written = str(line.get("fields") or "")
        implied: Values = {"fields": _joined([self.named[text.key(part)][0].title for part in _parts(written)])}
        if row is None:
            return Stored(implied={**implied, "ended_on": None})
        implied |= {} if row.is_active else {"ended_on": None}
        return Stored(row.id, _values(row, self.taught), implied=implied)

    def _faults(self, line: Values, person: Person | None, wrong: Collection[str]) -> dict[str, str]:
        """Everything that is wrong with a line, whether a cell or what is stored says so."""
        errors = {} if "national_code" in wrong and not line.get("birth_date") else _not_fit(line, person)
        errors |= _other_person(line, person) if person and not _NAMES & set(wrong) else {}
        if "fields" not in wrong and (why := _unknown_field(self.named, str(line.get("fields") or ""))):
            errors["fields"] = why
        return errors


def _other_person(line: Values, person: Person) -> dict[str, str]:
    """A name that is written must be that of the code: a slip of one digit is another human being."""
    written = " ".join(str(line[name]) for name in ("first_name", "last_name") if line.get(name))
    if written and person.full_name and line.get("last_name") and text.near(person.full_name, written) == "different":
        return {"national_code": OTHER_NAME}
    return {}


def _not_fit(line: Values, person: Person | None) -> dict[str, str]:
    """What taking the person on by hand would refuse."""
    new = _new(line, [])
    born = person.birth_date if person and people.has_settled_birth_date(person) else None
    trial = Person(birth_date=born or new.birth_date, is_alive=person.is_alive if person else True)
    try:
        refuse_unfit(trial)
    except DomainError as error:
        return {error.field or "national_code": str(error)}
    return {}


# -- Writing -----------------------------------------------------------------------


def _taken_on(scope: Scope, lines: Sequence[Values], fields: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The rows of new instructors by national code; the number of statements does not grow with them."""
    if not lines:
        return {}
    new = {str(line["national_code"]): _new(line, fields[str(line["fields"])]) for line in lines}
    found = people.find_or_create_each(new)
    unit = db.session.get_one(Unit, scope.unit_id)
    by = By(scope.actor.user_id, unit.id, place=Place(unit.id, unit.province_id))
    with provenance.together():
        for code, person in found.items():
            fill(person, new[code], people.IMPORT, by)
            refuse_unfit(person)
    db.session.flush()
    identity.owe_checks_of(list(found.values()))
    wanted = {found[code].id: one for code, one in new.items()}
    made = engage_each(scope.actor, unit, wanted, IMPORTED)
    return {code: made[person.id] for code, person in found.items()}


def _change(scope: Scope, wanted: Mapping[int, Values], fields: Mapping[str, Sequence[int]]) -> None:
    """The fields of rows, and whether they are put aside as an import that was taken back.

    The number of statements does not grow with the rows; they were locked when they were looked up.
    """
    if not wanted:
        return
    _refuse_others(scope, wanted)
    back = [each for each, values in wanted.items() if "ended_on" in values and values["ended_on"] is None]
    if back:
        engaging.reopen_each(scope.user_id, back, IMPORTED)
    chosen = {each: fields[str(values["fields"])] for each, values in wanted.items() if values.get("fields")}
    if chosen:
        engaging.set_fields_each(scope.user_id, chosen)
    gone = [each for each, values in wanted.items() if values.get("ended_on")]
    if gone and _are_used(gone):
        raise DomainError(_IN_USE)
    if gone:
        engaging.put_aside_each(scope.user_id, gone, TAKEN_BACK)


def _refuse_others(scope: Scope, ids: Collection[int]) -> None:
    """Raises NotAllowed where the rows are not of a unit whose instructors the user writes now."""
    mine = (Instructor.id.in_(ids), Instructor.unit_id == scope.unit_id)
    count = db.session.scalar(select(func.count()).select_from(Instructor).where(*mine))
    if scope.unit_id not in reading.kept_units(scope.actor) or count != len(ids):
        raise NotAllowed(reading.NOT_KEPT)


def _are_used(ids: Collection[int]) -> bool:
    """Whether anything stands on one of these rows."""
    same = (InstructorRecord.person_id == Instructor.person_id, InstructorRecord.unit_id == Instructor.unit_id)
    of_them = (
        select(Course.id).where(Course.instructor_id.in_(ids)).exists(),
        select(InstructorMove.id).where(InstructorMove.instructor_id.in_(ids)).exists(),
        select(Workshop.id).where(Workshop.responsible_id.in_(ids)).exists(),
        select(InstructorRecord.id).join(Instructor, and_(*same)).where(Instructor.id.in_(ids)).exists(),
    )
    return bool(db.session.scalar(select(or_(*of_them))))


# -- Values ------------------------------------------------------------------------


def _values(row: Instructor, taught: Mapping[int, str]) -> dict[str, Value]:
    return {"fields": taught.get(row.id), "ended_on": row.ended_on.isoformat() if row.ended_on else None}


def _new(values: Values, field_ids: Sequence[int]) -> NewInstructor:
    """What a line says of a person, as the form of one instructor would."""
    gender = values.get("gender")
    return NewInstructor(
        national_code=str(values["national_code"]),
        first_name=str(values.get("first_name") or ""),
        last_name=str(values.get("last_name") or ""),
        birth_date=day(values.get("birth_date")),
        mobile=str(values.get("mobile") or ""),
        father_name=str(values.get("father_name") or ""),
        gender=Gender(str(gender)) if gender else None,
        started_on=day(values.get("started_on")),
        field_ids=field_ids,
    )


def day(value: Value) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def who(values: Values) -> str:
    """How a line is called: by name, without one by the parts of the code that tell two people apart."""
    name = " ".join(str(values[part]) for part in ("first_name", "last_name") if values.get(part))
    return name or people.masked_code(str(values.get("national_code") or ""))


# -- The form ----------------------------------------------------------------------

CODE = Column(
    "national_code", "کد ملی", Kind.CODE, is_required=True, length=10, hint="با صفرهای ابتدای آن؛ ستون را متنی کنید"
)
COLUMNS = (
    CODE,
    Column("first_name", "نام", longest=80, hint="اگر خالی باشد ثبت احوال آن را می‌نویسد"),
    Column("last_name", "نام خانوادگی", longest=80, hint="اگر خالی باشد ثبت احوال آن را می‌نویسد"),
    Column("father_name", "نام پدر", longest=80),
    Column("birth_date", "تاریخ تولد", Kind.DATE, hint="برای کسی که سامانه او را نمی‌شناسد لازم است"),
    Column("gender", "جنسیت", Kind.CHOICE, choices={"زن": "female", "مرد": "male"}),
    Column("mobile", "تلفن همراه", Kind.CODE, longest=20),
    Column("started_on", "آغاز همکاری", Kind.DATE, hint="اگر خالی باشد روز ورود"),
    Column(
        "fields", "رشته‌ها", is_required=True, longest=500, hint="نام رشته‌ها همان‌گونه که در فهرست است، با «؛» میان آن‌ها"
    ),
)


def form(code: str, title: str, lead: str, **rest: Any) -> ImportForm:
    """A form of a center or academy about its instructors."""
    whose: Callable[..., tuple[int, ...]] = reading.kept_units
    roles = (Role.CLERK, Role.MANAGER)
    made = ImportForm(code, title, lead, Level.CENTER, roles, whose=whose, home="/center/instructors", **rest)
    return imports.register(made)


FORM = form(
    "instructors",
    "ورود مربیان از اکسل",
    f"هر ردیف یک مربی با کد ملی است، دست‌کم {text.persian_digits(YOUNGEST)} ساله. نام و مشخصات کسی که سامانه او را "
    "می‌شناسد همان می‌ماند؛ نامی را که نمی‌دانید خالی بگذارید.",
    columns=COLUMNS,
    key=("national_code",),
    label=who,
    shown=(
        *(Shown(one.name, one.title) for one in COLUMNS[1:4]),
        Shown("birth_date", "تاریخ تولد", imports.show_date),
        Shown("gender", "جنسیت", lambda value: labels.GENDER.get(str(value), "خالی")),
        Shown("mobile", "تلفن همراه", lambda value: text.persian_digits(value or "خالی")),
        Shown("started_on", "آغاز همکاری", imports.show_date),
        Shown("fields", "رشته‌ها"),
        Shown("ended_on", "پایان همکاری", imports.show_date),
    ),
    subject=Instructors(),
    prepare=prepare,
)
