"""Who may go to the exam after a course, and what each of them still lacks for it.

Source: docs/rules.md R-684.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select, tuple_

from models import (
    Completion,
    Course,
    CourseStatus,
    Enrollment,
    EnrollmentStatus,
    IdentityStatus,
    Person,
    PersonPhoto,
    PhotoState,
    Unit,
    db,
)
from services import codes, courses, people, policy
from services.access import Actor
from services.attendance import absence
from services.claims import reading

SIZE = 25
_PART = 500  # rows of a workbook that are read at once
AHEAD, BACK = timedelta(days=14), timedelta(days=180)  # courses that end soon or have ended lately
READY, LACKING, OUT = "ready", "lacking", "out"
VIEWS = ((READY, "آماده"), (LACKING, "با کمبود"), (OUT, "بازمانده"))
# What may be missing: to staff in a list, and to the person as what to do.
LACKS = {
    "running": ("دوره تمام نشده", "پس از پایان دوره، مرکز پایان آن را برای شما ثبت می‌کند"),
    "unsaid": ("پایان دوره ثبت نشده", "مرکز هنوز ثبت نکرده است که دوره را به پایان رسانده‌اید"),
    "incomplete": ("دوره ناتمام", "مرکز دورهٔ شما را ناتمام ثبت کرده است. اگر درست نیست به مرکز بگویید"),
    "absent": ("غیبت بیش از حد", "غیبت شما به حد مجاز رسیده است. اگر دلیلی دارید به مرکز بگویید"),
    "name": ("نام تأیید نشده", "با ورود از پنجره ملی دولت هوشمند نام شما کامل می‌شود"),
    "father": ("نام پدر", "نام پدر شما ثبت نشده است. با ورود از پنجره ملی کامل می‌شود، یا آن را به مرکز بگویید"),
    "shenasname": ("شمارهٔ شناسنامه", "شمارهٔ شناسنامهٔ شما ثبت نشده است. آن را به مرکز بگویید"),
    "fee": ("هزینهٔ مانده", "مدرک گروه هدف شما پذیرفته نشده و هزینهٔ ثبت‌نام مانده است. آن را از همین صفحه بپردازید"),
    "photo": ("عکس تأییدشده", "عکس پذیرفته‌شده‌ای از شما نیست. عکس ۳×۴ بفرستید یا تا بررسی آن صبر کنید"),
}


@dataclass(frozen=True)
class Wanted:
    """Which people are looked for; `lack` is one of `LACKS`, `course` the code of a course."""

    view: str = READY
    lack: str = ""
    course: str = ""


@dataclass(frozen=True)
class Line:
    """One person after one course, with what they lack: the keys of `LACKS`."""

    enrollment_id: int
    tracking_code: str
    name: str
    code: str
    course_code: str
    course_title: str
    unit_title: str
    end_on: date | None
    lacks: tuple[str, ...]

    @property
    def said(self) -> list[str]:
        return [LACKS[key][0] for key in self.lacks]

    @property
    def todo(self) -> list[str]:
        return [LACKS[key][1] for key in self.lacks]


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    after: int | None


# -- Reading -----------------------------------------------------------------------


def page(actor: Actor, wanted: Wanted, before: int | None = None) -> Page:
    """Some people of the territory, those first whose courses end last; one query."""
    rows = db.session.execute(_asked(actor, wanted, before).limit(SIZE + 1)).all()
    return Page([_line(row) for row in rows[:SIZE]], rows[SIZE - 1].id if len(rows) > SIZE else None)


def every(actor: Actor, wanted: Wanted, most: int) -> Iterator[Line]:
    """All of them up to `most`, for a workbook; a part at a time."""
    before = None
    for first in range(0, most, _PART):
        rows = db.session.execute(_asked(actor, wanted, before).limit(min(_PART, most - first))).all()
        yield from map(_line, rows)
        if len(rows) < _PART:
            return
        before = rows[-1].id


def of_person(person_id: int) -> dict[int, Line]:
    """What somebody lacks after or in their courses, by enrollment; of courses that have begun."""
    query = _people().where(Enrollment.person_id == person_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    begun = (Course.status.in_(_RUNS), Course.start_on <= policy.today())
    rows = db.session.execute(query.where(*begun).order_by(Enrollment.id.desc()).limit(50))
    return {row.id: _line(row) for row in rows}


_RUNS = (CourseStatus.OPEN, CourseStatus.CLOSED, CourseStatus.RUNNING, CourseStatus.FINISHED)


def _asked(actor: Actor, wanted: Wanted, before: int | None) -> Select[*tuple[Any, ...]]:
    today = policy.today()
    query = _people().where(
        courses.visible_to(actor, _RUNS),
        courses.reading.in_states(_RUNS),
        Course.end_on.between(today - BACK, today + AHEAD),
        Enrollment.status == EnrollmentStatus.ACTIVE,
        _in_view(wanted.view),
    )
    if wanted.lack in LACKS:
        query = query.where(_lacks()[wanted.lack])
    if wanted.course:
        query = query.where(Course.code == (codes.read_course_code(wanted.course) or ""))
    if before:
        query = query.where(*_after(before))
    return query.order_by(*(column.desc() for column in _ORDER))


# Course by course: who looks for what hardly anybody lacks reads the courses of the span, and not all that ever were.
_ORDER = (Course.end_on, Course.id, Enrollment.id)


def _after(enrollment_id: int) -> tuple[ColumnElement[bool], ...]:
    """SQL: what follows an enrollment in the list."""
    last = select(Course.end_on, Course.id, Enrollment.id).join(Enrollment, Enrollment.course_id == Course.id)
    last = last.where(Enrollment.id == enrollment_id).correlate(None)
    end_on = last.with_only_columns(Course.end_on).scalar_subquery()
    return Course.end_on <= end_on, tuple_(*_ORDER) < last.scalar_subquery()


def _in_view(view: str) -> ColumnElement[bool]:
    """Ready: nothing is missing. Out: not completed, so that nothing that is missing matters any more.

    Of whom nothing is said is lacking that already, whatever else: absences need not be counted to know it.
    """
    said = Enrollment.completion
    if view == OUT:
        return said == Completion.INCOMPLETE
    lacks = or_(*(_lacks()[key] for key in ("name", "father", "shenasname", "photo")))
    if view == READY:
        return and_(said == Completion.COMPLETED, not_(lacks))
    return or_(said.is_(None), and_(said == Completion.COMPLETED, lacks))


def _lacks() -> dict[str, ColumnElement[bool]]:
    """SQL: what is missing; each is true or false, never NULL. Who is said to have completed is not absent too much."""
    over = or_(Course.status == CourseStatus.FINISHED, Course.end_on < policy.today())
    accepted = select(PersonPhoto.id).where(
        PersonPhoto.person_id == Enrollment.person_id, PersonPhoto.state == PhotoState.ACCEPTED
    )
    nameless = and_(Person.first_name.is_(None), Person.last_name.is_(None))
    unsure = Person.identity_status.in_((IdentityStatus.PENDING, IdentityStatus.DISCREPANCY))
    unsaid = Enrollment.completion.is_(None)
    return {
        "running": and_(unsaid, not_(over)),
        "unsaid": and_(unsaid, over),
        "incomplete": func.coalesce(Enrollment.completion == Completion.INCOMPLETE, False),
        "absent": and_(unsaid, absence.is_over()),
        "name": or_(nameless, unsure),
        "father": Person.father_name.is_(None),
        "shenasname": and_(Person.shenasname_no.is_(None), Person.national_code.is_not(None)),
        "fee": reading.is_owed(),
        # Not EXISTS: for that PostgreSQL may read the portraits of the whole country into its memory first.
        "photo": accepted.correlate(Enrollment).limit(1).scalar_subquery().is_(None),
    }


def _people() -> Select[*tuple[Any, ...]]:
    flags = [lack.label(f"lacks_{key}") for key, lack in _lacks().items()]
    who = (Person.first_name, Person.last_name, Person.national_code, Person.foreign_code)
    course = (Course.code.label("course_code"), Course.title.label("course_title"), Course.end_on)
    query = select(Enrollment.id, Enrollment.tracking_code, *who, *course, Unit.title.label("unit_title"), *flags)
    query = query.select_from(Enrollment).join(Course, Course.id == Enrollment.course_id)
    return query.join(Person, Person.id == Enrollment.person_id).join(Unit, Unit.id == Course.unit_id)


def _line(row: Row[Any]) -> Line:
    return Line(
        enrollment_id=row.id,
        tracking_code=row.tracking_code,
        name=" ".join(part for part in (row.first_name, row.last_name) if part) or "نام ثبت نشده",
        code=people.masked_code(row.national_code or row.foreign_code or ""),
        course_code=row.course_code,
        course_title=row.course_title or "",
        unit_title=row.unit_title,
        end_on=row.end_on,
        lacks=tuple(key for key in LACKS if getattr(row, f"lacks_{key}")),
    )


def said(lacks: Sequence[str]) -> str:
    return "، ".join(LACKS[key][0] for key in lacks) or "چیزی کم نیست"
