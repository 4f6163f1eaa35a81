"""The one thing that a trainee does next, in a sentence with a way there: it stands on every page of theirs."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from models import (
    Course,
    CourseStatus,
    Enrollment,
    EnrollmentDraft,
    EnrollmentStatus,
    Person,
    PersonPhoto,
    WaitlistEntry,
    WaitState,
    db,
    utcnow,
)
from services import courses, jalali, policy
from services.enrollment import lacks

COMING = (CourseStatus.APPROVED, CourseStatus.OPEN, CourseStatus.CLOSED, CourseStatus.RUNNING)


@dataclass(frozen=True)
class Ahead:
    """`text` is the sentence, `button` leads to `url`; `kind` is that of a notice."""

    text: str
    url: str
    button: str
    kind: str = "info"


def of_person(person_id: int) -> Ahead:
    """A seat that is offered, else what was begun, a portrait that is missing, the next first day, a course to find.

    Source: docs/rules.md R-606.
    """
    asked = {"person": person_id, "today": policy.today(), "now": utcnow()}
    row = db.session.connection().execute(_standing(), asked).one()
    if row.offer_until is not None:
        until = f"تا {jalali.at(row.offer_until)}"
        text = f"جایی در دورهٔ «{row.offered_title}» {until} برای شما نگه داشته شده است."
        return Ahead(text, f"/trainee/enroll/{row.offered_code}", "ثبت‌نام در این دوره", "warn")
    if row.begun_code is not None:
        text = f"ثبت‌نام شما در دورهٔ «{row.begun_title}» نیمه‌کاره مانده است."
        return Ahead(text, f"/trainee/enroll/{row.begun_code}", "ادامهٔ ثبت‌نام", "warn")
    if row.tracking_code is None:
        return NOTHING
    return PHOTO.get(lacks.photo_stands(row)) or _of_course(row)


PHOTO = {
    "none": Ahead("عکس پرسنلی خود را بفرستید؛ برای گواهینامه لازم است.", lacks.PHOTO, "فرستادن عکس"),
    "begun": Ahead("عکس پرسنلی شما رسیده و بریدن آن مانده است.", lacks.PHOTO, "ادامهٔ کار عکس"),
    "rejected": Ahead("عکس پرسنلی شما پذیرفته نشد. عکس دیگری بفرستید.", lacks.PHOTO, "فرستادن عکس دیگر", "warn"),
}
NOTHING = Ahead("دوره‌ای نزدیک خود پیدا کنید و ثبت‌نام کنید.", "/courses", "یافتن دوره")


def _of_course(row: Row[Any]) -> Ahead:
    slip = f"/slip/{row.tracking_code}"
    if row.start_on and row.start_on > policy.today():
        clock = f" ساعت {jalali.clock(row.start_time)}" if row.start_time else ""
        day = f"{jalali.long(row.start_on)}{clock}"
        return Ahead(f"دورهٔ «{row.title}» {day} شروع می‌شود؛ با رسید و کارت ملی در محل باشید.", slip, "رسید")
    return Ahead(f"در جلسه‌های دورهٔ «{row.title}» حاضر شوید.", slip, "رسید")


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    """Everything in one statement, built once: it is asked with every page of a trainee."""
    offered, begun = aliased(Course), aliased(Course)
    columns = (
        WaitlistEntry.offer_until,
        offered.title.label("offered_title"),
        offered.code.label("offered_code"),
        begun.title.label("begun_title"),
        begun.code.label("begun_code"),
        *(Enrollment.tracking_code, Course.title, Course.start_on, Course.start_time),
        *lacks.of_photo(),
    )
    query = select(*columns).select_from(Person).outerjoin(WaitlistEntry, WaitlistEntry.id == _offer())
    query = query.outerjoin(offered, offered.id == WaitlistEntry.course_id)
    query = query.outerjoin(EnrollmentDraft, EnrollmentDraft.id == _draft())
    query = query.outerjoin(begun, begun.id == EnrollmentDraft.course_id)
    query = query.outerjoin(Enrollment, Enrollment.id == _next()).outerjoin(Course, Course.id == Enrollment.course_id)
    query = query.outerjoin(PersonPhoto, lacks.newest_photo(Person.id))
    return query.where(Person.id == bindparam("person"))


def _offer() -> ScalarSelect[int]:
    mine = (WaitlistEntry.person_id == bindparam("person"), WaitlistEntry.state == WaitState.OFFERED)
    runs = select(WaitlistEntry.id).where(*mine, WaitlistEntry.offer_until > bindparam("now"))
    return runs.order_by(WaitlistEntry.offer_until).limit(1).correlate(None).scalar_subquery()


def _draft() -> ScalarSelect[int]:
    """The newest that was begun for a course that still takes people."""
    mine = (EnrollmentDraft.owner_person_id == bindparam("person"), EnrollmentDraft.used_at.is_(None))
    query = select(func.max(EnrollmentDraft.id)).join(Course, Course.id == EnrollmentDraft.course_id)
    return query.where(*mine, courses.enrollable(bindparam("now"))).correlate(None).scalar_subquery()


def _next() -> ScalarSelect[int]:
    """Of the courses that the person is in, the one that starts next, else the one that runs."""
    mine = (Enrollment.person_id == bindparam("person"), Enrollment.status == EnrollmentStatus.ACTIVE)
    query = select(Enrollment.id).join(Course, Course.id == Enrollment.course_id)
    query = query.where(*mine, Course.status.in_(COMING), Course.end_on >= bindparam("today"))
    later = Course.start_on <= bindparam("today")
    return query.order_by(later, Course.start_on, Enrollment.id).limit(1).correlate(None).scalar_subquery()
