"""Lists of a class as they stand on paper: who is in it, and who was there."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from models import Course, Enrollment, EnrollmentStatus, Person, db
from services import codes, courses, jalali, people, policy
from services.access import Actor
from services.attendance import sheets, wording
from services.text import left_to_right, persian_digits

MOST = 300  # people of one course on paper
COLUMNS = 12  # meetings on one sheet
NAMELESS = "نام ثبت نشده"
SIGN = wording.SIGN | {"present": "ح"}  # the font of documents has no check mark
_HEADS = [
    ("ردیف", 11.0),
    ("نام و نام خانوادگی", 48.0),
    ("نام پدر", 28.0),
    ("کد ملی", 30.0),
    ("کد رهگیری", 40.0),
    ("امضا", 33.0),
]


@dataclass(frozen=True)
class TablePaper:
    """A table on A4, its columns from the right with their widths in millimeters; `line` is the height of a row."""

    title: str
    sub: str
    heads: list[tuple[str, float]]
    rows: list[list[str]]
    note: str = ""
    line: float = 8.0
    is_wide: bool = False
    centered: list[int] = field(default_factory=list)

    def asked(self) -> dict[str, Any]:
        return asdict(self)


def class_list(actor: Actor, course_id: int) -> tuple[Course, TablePaper]:
    """Those who are in a course of the actor's territory, in the order of enrolling, with a place to sign.

    Raises:
        NotFound, OutsideTerritory: no such course, or not for this actor.
    """
    course = courses.get(actor, course_id)
    rows = [_person(number, row) for number, row in enumerate(enrolled(course_id), 1)]
    note = f"{persian_digits(len(rows))} نفر. تاریخ چاپ: {jalali.day_month_year(policy.today())}. محل امضای مدیر مرکز:"
    return course, TablePaper(f"فهرست کلاس {course.title}", _about(course), _HEADS, rows, note, centered=[0, 3, 4])


def enrolled(course_id: int) -> Sequence[Any]:
    """The active enrollments of a course with the person of each."""
    query = select(Enrollment.id, Enrollment.tracking_code, Person).join(Person, Person.id == Enrollment.person_id)
    here = (Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    return db.session.execute(query.where(*here).order_by(Enrollment.id).limit(MOST)).all()


def attendance(found: sheets.Class) -> list[TablePaper]:
    """The sheets of a class: names against so many meetings each, with what is known of them."""
    parts = [found.meetings[at : at + COLUMNS] for at in range(0, len(found.meetings), COLUMNS)]
    return [_sheet(found, part, number, len(parts)) for number, part in enumerate(parts, 1)]


def _sheet(found: sheets.Class, part: Sequence[Any], number: int, count: int) -> TablePaper:
    signs = [
        [SIGN[one.signs[each.session.id]] if each.session.id in one.signs else "" for each in part]
        for one in found.members
    ]
    names = [[persian_digits(at), one.name] for at, one in enumerate(found.members, 1)]
    rows = [[*name, *marks] for name, marks in zip(names, signs, strict=True)]
    heads = [("ردیف", 11.0), ("کارآموز", 54.0)] + [(jalali.short(each.session.on_date), 17.5) for each in part]
    legend = "، ".join(f"{sign} = {wording.PRESENCE[value]}" for value, sign in SIGN.items())
    which = f"، برگهٔ {persian_digits(number)} از {persian_digits(count)}" if count > 1 else ""
    teacher = found.course.instructor
    said = f"{_about(found.course)}، مربی: {(teacher and teacher.person.full_name) or 'ثبت نشده'}{which}"
    return TablePaper(
        f"برگهٔ حضور و غیاب {found.course.title}",
        said,
        heads,
        [*rows, ["", "امضای مربی", *[""] * len(part)]],
        f"{legend}. خانهٔ خالی یعنی هنوز ثبت نشده است.",
        is_wide=True,
        centered=[0, *range(2, 2 + len(part))],
    )


def _person(number: int, row: Any) -> list[str]:
    person: Person = row.Person
    masked = people.masked_code(person.national_code or person.foreign_code or "")
    code, tracking = (_code(each) for each in (masked, codes.group_tracking(row.tracking_code)))
    return [persian_digits(number), person.full_name or NAMELESS, person.father_name or "", code, tracking, ""]


def _code(code: str) -> str:
    return left_to_right(persian_digits(code))


def _about(course: Course) -> str:
    start = f"، شروع {jalali.day_month_year(course.start_on)}" if course.start_on else ""
    return f"{course.unit.title}، کد {persian_digits(course.code)}{start}"
