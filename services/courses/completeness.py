"""What a course still needs before it can be sent, in words, each tied to the field it belongs to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Exists, and_, exists, or_, select, true

from models import (
    Agreement,
    Course,
    CourseInstructor,
    Instructor,
    InstructorField,
    Organization,
    Place,
    Trigger,
    Workshop,
    WorkshopStandard,
    db,
)
from services import jalali, labels
from services.access import Actor
from services.courses import checklist, conflicts, grounds, licensing, schedule, team
from services.courses.checklist import Signed
from services.courses.conflicts import Clash
from services.errors import DomainError
from services.text import persian_digits


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or does not fit, at one field."""

    field: str
    text: str


class Incomplete(DomainError):
    """A course is not ready; `gaps` tells everything at once."""

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(f"{persian_digits(len(gaps))} مورد مانده است: " + "؛ ".join(gap.text for gap in gaps))
        self.gaps = gaps


@dataclass(frozen=True)
class Look:
    """A course as it is now: what keeps it from being sent, its class days, and what it collides with.

    What it collides with and is refused for stands among the gaps as well.
    """

    gaps: list[Gap]
    days: list[date]
    clashes: list[Clash]


def require_complete(course: Course, now: datetime, signed: Signed) -> list[date]:
    """The class days of a course that is ready to be sent by whoever signs its checklist.

    Raises:
        Incomplete: with everything that is missing.

    Source: docs/rules.md R-44, R-340.
    """
    seen = _look(course, now, signed=signed)
    if seen.gaps:
        raise Incomplete(seen.gaps)
    return seen.days


def gaps(course: Course, now: datetime) -> list[Gap]:
    """Everything that keeps a course from being sent; empty when it is ready."""
    return _look(course, now).gaps


def look(actor: Actor, course: Course, now: datetime) -> Look:
    """The same for who writes the course, beside what it collides with and is only warned of."""
    return _look(course, now, actor)


def _look(course: Course, now: datetime, actor: Actor | None = None, signed: Signed | None = None) -> Look:
    days = schedule.meetings(course)
    row = db.session.execute(select(*_asked(course))).one()
    asked = conflicts.Asked(course, grounds.read(row[_OWN:]), days, actor)
    clashes = conflicts.clashes(asked) if actor else conflicts.barring(asked)
    found = [*_missing(course), *_order(course, now), *_plan(course, days), *_choices(course, row, clashes)]
    if signed is not None:
        found += [Gap(*each) for each in checklist.lacking(signed, row[4:_OWN])]
    return Look(found, days, clashes)


# -- At sending and at each approval ------------------------------------------------


def hold(course: Course) -> None:
    """Keep workshop, place, instructors and license for this course until the transaction that sends it ends.

    Whoever takes one of them away meanwhile, or sends another course that needs one, waits and then finds this one;
    see docs/rules.md R-121, R-237 and R-326. The rows of a person in all units, always in the same order.
    """
    part = select(CourseInstructor.instructor_id).where(CourseInstructor.course_id == course.id)
    people = select(Instructor.person_id).where(or_(Instructor.id == course.instructor_id, Instructor.id.in_(part)))
    query = select(Workshop.id, Place.id, Instructor.id).join(Workshop.place).join(Instructor, true())
    query = query.where(Workshop.id == course.workshop_id, Instructor.person_id.in_(people)).order_by(Instructor.id)
    db.session.execute(query.with_for_update(key_share=True))
    licensing.hold(course.unit)


def require_approvable(course: Course, signed: Signed) -> None:
    """What must still hold of a sent course whenever a level approves it.

    Raises:
        DomainError: the instructor has left the unit; or the course collides with something that its policy refuses,
            such as a course at the same hours or a license that is over; or the checklist is not signed.

    Source: docs/rules.md R-236, R-257, R-320, R-340.
    """
    licensing.hold(course.unit)
    asked = (*checklist.columns(course), instructor_is_there(course), *grounds.columns(course))
    is_asked, is_short, is_there, *found = db.session.execute(select(*asked)).one()
    if not is_there:
        raise DomainError(
            "مربی این دوره دیگر در این واحد کار نمی‌کند یا تا پایان دوره نمی‌ماند. دوره را برای اصلاح برگردانید تا "
            "مرکز مربی دیگری انتخاب کند. چیزی تغییر نکرد."
        )
    if bars := conflicts.barring(conflicts.Asked(course, grounds.read(found), is_sent=True)):
        raise DomainError(
            f"{'؛ '.join(each.text for each in bars)}. این دوره تأیید نشد و چیزی تغییر نکرد؛ می‌توانید آن را برگردانید."
        )
    if lacking := list(checklist.lacking(signed, (is_asked, is_short))):
        raise DomainError("؛ ".join(text for _, text in lacking), field=lacking[0][0])


# -- What is looked at ---------------------------------------------------------------

_NEEDED = (
    ("place_id", "محل برگزاری را انتخاب کنید"),
    ("workshop_id", "کارگاه را انتخاب کنید"),
    ("instructor_id", "مربی را انتخاب کنید"),
    ("start_on", "تاریخ شروع را بنویسید"),
    ("end_on", "تاریخ پایان را بنویسید یا از «پیشنهاد تاریخ پایان» بگیرید"),
    ("start_time", "ساعت شروع کلاس را بنویسید"),
    ("end_time", "ساعت پایان کلاس را بنویسید"),
    ("shift", "نوبت را انتخاب کنید"),
    ("capacity_min", "حداقل ظرفیت را بنویسید"),
    ("capacity_max", "حداکثر ظرفیت را بنویسید"),
    ("gender", "جنسیت دوره را انتخاب کنید"),
    ("setting", "بخش اجرا را انتخاب کنید"),
    ("delivery", "شیوهٔ آموزش را انتخاب کنید"),
    ("enroll_open_at", "زمان باز شدن ثبت‌نام را بنویسید"),
    ("enroll_close_at", "زمان بسته شدن ثبت‌نام را بنویسید"),
)


def _missing(course: Course) -> Iterator[Gap]:
    if course.standard_id is None:
        yield Gap("standard_id", "استاندارد آموزش را انتخاب کنید")
    for name, sentence in _NEEDED:
        if getattr(course, name) is None:
            yield Gap(name, sentence)
    if not course.weekdays:
        yield Gap("weekdays", "روزهای کلاس را انتخاب کنید")
    if course.start_trigger is Trigger.REQUEST and course.agreement_id is None:
        yield Gap("agreement_id", "قرارداد یا تفاهم‌نامهٔ سازمان متقاضی را انتخاب کنید")


def _order(course: Course, now: datetime) -> Iterator[Gap]:
    """What must come before what."""
    today = jalali.tehran_today(now)
    if course.start_on and course.start_on < today:
        yield Gap("start_on", f"تاریخ شروع ({jalali.long(course.start_on)}) گذشته است؛ تاریخ تازه‌ای بنویسید")
    if course.enroll_close_at and course.enroll_close_at <= now:
        yield Gap("enroll_close_at", f"مهلت ثبت‌نام ({jalali.at(course.enroll_close_at)}) گذشته است")
    if course.enroll_close_at and course.end_on and jalali.tehran_today(course.enroll_close_at) > course.end_on:
        yield Gap("enroll_close_at", "ثبت‌نام باید پیش از پایان دوره بسته شود")


def _plan(course: Course, days: list[date]) -> Iterator[Gap]:
    """Whether the class days hold the hours of the standard and begin on the first day."""
    plan = schedule.timetable_of(course)
    if plan is None or course.start_on is None or course.end_on is None:
        return
    needed = schedule.meetings_needed(plan, course.total_minutes)
    if len(days) < needed:
        yield Gap(
            "end_on",
            f"تا این تاریخ {labels.hours(len(days) * plan.minutes)} کلاس جا می‌شود و استاندارد "
            f"{labels.hours(course.total_minutes)} می‌خواهد؛ تاریخ پایان را دیرتر بنویسید",
        )
    if days and days[0] != course.start_on:
        yield Gap(
            "start_on",
            f"{jalali.long(course.start_on)} روز کلاس نیست (یا تعطیل است)؛ نخستین کلاس {jalali.long(days[0])} است",
        )


_OWN = 6  # columns of `_asked` before those of what a course collides with


def _asked(course: Course) -> list[Any]:
    """SQL: everything that is looked up about the choices of a course, for one statement."""
    fitting = (workshop_fits(course), instructor_fits(course), team.has_stranger(course), agreement_fits(course))
    return [*fitting, *checklist.columns(course), *grounds.columns(course)]


def _choices(course: Course, row: Sequence[Any], clashes: Iterable[Clash]) -> Iterator[Gap]:
    """Whether workshop, people and agreement, chosen some time ago, still fit, and what is refused by policy."""
    hosts, teaches, has_stranger, agreed = row[:4]
    if course.workshop_id and not hosts:
        yield Gap("workshop_id", "این کارگاه دیگر فعال نیست یا برای این استاندارد نیست؛ کارگاه دیگری انتخاب کنید")
    if course.instructor_id and not teaches:
        yield Gap(
            "instructor_id", "این مربی تا پایان دوره در این واحد نیست یا در این رشته نیست؛ مربی دیگری انتخاب کنید"
        )
    if has_stranger:
        yield Gap("co_instructors", "مربی همکار تا پایان دوره در این واحد یا در این رشته نیست؛ دیگری را انتخاب کنید")
    if course.agreement_id and not agreed:
        yield Gap("agreement_id", "قرارداد دوره دیگر اعتبار ندارد یا کنار گذاشته شده است؛ قرارداد دیگری انتخاب کنید")
    for each in clashes:
        if each.bars and (teaches or each.kind is not conflicts.Kind.FIT):  # who is not there needs no other reason
            yield Gap(each.field, each.text)


def workshop_fits(course: Course | type[Course]) -> Exists:
    """SQL: the workshop of the course is its unit's, in use, and hosts the standard."""
    return exists().where(
        and_(
            Workshop.id == course.workshop_id,
            Workshop.unit_id == course.unit_id,
            Workshop.is_active,
            Place.id == Workshop.place_id,
            Place.is_active,
            WorkshopStandard.workshop_id == Workshop.id,
            WorkshopStandard.standard_id == course.standard_id,
        )
    )


def instructor_fits(course: Course | type[Course]) -> Exists:
    """SQL: the instructor of the course works for its unit as long as it goes on, and teaches in its field."""
    teaches = and_(InstructorField.instructor_id == Instructor.id, InstructorField.field_id == course.field_id)
    return exists().where(*_works(course), teaches)


def instructor_is_there(course: Course | type[Course]) -> Exists:
    """SQL: the instructor of the course works for its unit as long as it goes on."""
    return exists().where(*_works(course))


def agreement_fits(course: Course) -> Exists:
    """SQL: the agreement of the course is with an organization of its province, in use, and not over at its start."""
    lasts = [or_(Agreement.valid_until.is_(None), Agreement.valid_until >= course.start_on)] if course.start_on else []
    return exists().where(
        Agreement.id == course.agreement_id,
        Agreement.is_active,
        Organization.id == Agreement.organization_id,
        Organization.province_id == course.province_id,
        Organization.is_active,
        *lasts,
    )


def _works(course: Course | type[Course]) -> list[Any]:
    """Somebody may begin in a unit, or leave it, on a day to come; a course without dates asks for today alone."""
    first, last = course.start_on, course.end_on
    if isinstance(course, Course):
        first, last = first or date.max, last or date.min
    return [
        Instructor.id == course.instructor_id,
        Instructor.unit_id == course.unit_id,
        Instructor.is_active,
        or_(Instructor.started_on.is_(None), Instructor.started_on <= first),
        or_(Instructor.ended_on.is_(None), Instructor.ended_on >= last),
    ]
