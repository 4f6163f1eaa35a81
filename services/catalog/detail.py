"""One course as its public page shows it, and others like it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select

from models import (
    County,
    Course,
    CourseEvent,
    CourseStatus,
    Delivery,
    Instructor,
    Person,
    Place,
    Province,
    SkillStandard,
    Unit,
    UnitKind,
    Workshop,
    db,
)
from services import courses, policy, tariffs
from services.catalog.kept import for_a_minute
from services.catalog.listing import CourseRow, rows
from services.jalali import tehran_today

_PUBLISHED = (
    CourseStatus.APPROVED,
    CourseStatus.OPEN,
    CourseStatus.CLOSED,
    CourseStatus.RUNNING,
    CourseStatus.FINISHED,
)
# Two statements: PostgreSQL takes longer to plan one join of ten tables than to plan and run two of five.
_DETAILS = (
    Course.end_on,
    Course.standard_id,
    Course.standard_code,
    Course.field_id,
    Course.province_id,
    Course.setting,
    Course.theory_minutes,
    Course.practice_minutes,
    Course.project_minutes,
    Course.internship_minutes,
    Course.min_education,
    Course.age_min,
    Course.age_max,
    Course.tuition_rials,
    SkillStandard.prerequisite,
    Province.code.label("province_code"),
    Province.title.label("province_title"),
    County.code.label("county_code"),
    Unit.code.label("unit_code"),
    Unit.phone.label("unit_phone"),
    Unit.address.label("unit_address"),
    Unit.office_hours,
)
_PLACE_AND_INSTRUCTOR = (
    Place.title.label("place_title"),
    Place.address.label("place_address"),
    Workshop.title.label("workshop_title"),
    Person.last_name.label("instructor_name"),
    Person.gender.label("instructor_gender"),
)


def course(code: str) -> SimpleNamespace | None:
    """One course that has been approved, with all that its page shows; None for every other code."""
    connection = db.session.connection()
    row = connection.execute(_course(), {"code": code}).one_or_none()
    if row is None:
        return None
    more = connection.execute(_place_and_instructor(), {"id": row.id}).one()
    return SimpleNamespace(**row._mapping, **more._mapping)


class Kin(Protocol):
    """What makes other courses similar to one."""

    @property
    def id(self) -> int: ...
    @property
    def province_id(self) -> int: ...
    @property
    def field_id(self) -> int | None: ...
    @property
    def standard_id(self) -> int | None: ...


def similar(course: SimpleNamespace | Kin, now: datetime, limit: int = 5) -> list[CourseRow]:
    """Courses of the same field and province that take people now, those of the same standard first."""
    values = {
        "now": now,
        "province": course.province_id,
        "field": course.field_id,
        "standard": course.standard_id,
        "id": course.id,
        "limit": limit,
    }
    return [CourseRow._make(row) for row in db.session.connection().execute(_similar(), values)]


def known_where() -> ColumnElement[bool]:
    """The courses that have a page: approved once, whatever became of them since, so that no shared link dies."""
    approved = select(CourseEvent.id).where(
        CourseEvent.course_id == Course.id, CourseEvent.target == CourseStatus.APPROVED.value
    )
    return or_(Course.status.in_(_PUBLISHED), and_(Course.status == CourseStatus.CANCELED, approved.exists()))


@dataclass(frozen=True)
class Fees:
    """What enrollments cost in credit on a day, for whoever is in no group and of no known decile."""

    book: tariffs.Book
    day: date

    def rials(self, unit_kind: UnitKind, delivery: Delivery | None) -> int:
        keys = tariffs.Keys(unit_kind, delivery)
        return tariffs.sure(self.book.amount(keys, self.day), tariffs.ENROLL_CREDIT)

    def vary(self, unit_kind: UnitKind, delivery: Delivery | None) -> bool:
        """Whether it is another fee for some groups or deciles."""
        usual, rows = self.rials(unit_kind, delivery), self.book.standing(self.day).values()
        others = (row for row in rows if row.is_personal and row.is_for_course(unit_kind, delivery))
        return any(row.amount_rials != usual for row in others)


def fees(now: datetime) -> Fees:
    """The fees of today; one query a minute."""
    kind = tariffs.ENROLL_CREDIT
    return Fees(for_a_minute((kind,), lambda: tariffs.book(kind)), tehran_today(now))


def shows_instructor() -> bool:
    """Whether visitors may read who teaches."""
    return bool(for_a_minute(("instructor",), lambda: policy.value("instructor_name_public")))


@cache
def _course() -> Select[*tuple[Any, ...]]:
    query = rows(*_DETAILS).join(Course.province)
    query = query.outerjoin(SkillStandard, SkillStandard.id == Course.standard_id)
    return query.where(Course.code == bindparam("code"), known_where())


@cache
def _place_and_instructor() -> Select[*tuple[Any, ...]]:
    query = select(*_PLACE_AND_INSTRUCTOR).select_from(Course).outerjoin(Course.place).outerjoin(Course.workshop)
    return query.outerjoin(Course.instructor).outerjoin(Instructor.person).where(Course.id == bindparam("id"))


@cache
def _similar() -> Select[*tuple[Any, ...]]:
    now: Any = bindparam("now")
    fits = (
        courses.enrollable(now),
        courses.has_room(),
        Course.province_id == bindparam("province"),
        Course.field_id == bindparam("field"),
        Course.id != bindparam("id"),
    )
    nearness = case((Course.standard_id == bindparam("standard"), 0), else_=1)
    return rows().where(*fits).order_by(nearness, Course.start_on, Course.id).limit(bindparam("limit"))
