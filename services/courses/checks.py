"""What cannot stand in a course even as a draft, and what is looked at before a decision."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, exists, select

from models import CompetenceRuling, Course, CourseStatus, Place, TargetGroup, Workshop, db, utcnow
from services import jalali, labels, places, policy
from services.courses import completeness, conflicts, schedule, team
from services.courses.values import FIELDS, CourseValues
from services.errors import DomainError
from services.instructors import fit
from services.text import persian_digits

REVIEWED = (CourseStatus.CENTER_REVIEW, CourseStatus.PROVINCE_REVIEW, CourseStatus.HQ_REVIEW)


@dataclass(frozen=True)
class Problem:
    """What is wrong at one field."""

    field: str
    text: str


class Refused(DomainError):
    """A draft was not saved; `problems` tells everything at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("؛ ".join(problem.text for problem in problems))
        self.problems = problems


def problems(course: Course, values: CourseValues, names: Collection[str] = FIELDS) -> tuple[list[Problem], int | None]:
    """Everything in these fields that keeps a draft from being saved, and the place of the workshop it names; one
    query, or none for fields that choose nothing.
    """
    found, place_id = [*_order(values), *_numbers(values)], None
    if any(name in names for name in _CHOICES):
        chosen = _chosen(course, values)
        found += [*_misfits(values, chosen), *_team(course, values)]
        place_id = chosen.place_of_workshop
    return [problem for problem in found if problem.field in names], place_id


_CHOICES = (
    "place_id",
    "workshop_id",
    "capacity_max",
    "instructor_id",
    "co_instructors",
    "target_group_id",
    "agreement_id",
)


_SEATS = f"conflict_{conflicts.Kind.SEATS}"


def _misfits(values: CourseValues, chosen: Row[Any]) -> Iterator[Problem]:
    if values.place_id and not chosen.place_fits:
        yield Problem("place_id", "این محل برای این مرکز نیست یا دیگر به کار نمی‌رود؛ از فهرست انتخاب کنید")
    if values.workshop_id and not chosen.hosts:
        yield Problem("workshop_id", "این کارگاه برای این استاندارد یا این مرکز نیست؛ از فهرست انتخاب کنید")
    if values.instructor_id and not chosen.teaches:
        yield Problem("instructor_id", "این مربی در این رشته یا در این مرکز نیست؛ از فهرست انتخاب کنید")
    if values.target_group_id and not chosen.group_fits:
        yield Problem("target_group_id", "این گروه هدف دیگر به کار نمی‌رود؛ گروه دیگری انتخاب کنید")
    if values.agreement_id and not chosen.agreement_fits:
        yield Problem("agreement_id", "این قرارداد برای استان شما نیست یا کنار گذاشته شده است؛ از فهرست انتخاب کنید")
    refuses = policy.found(_SEATS, chosen.seats_rule) == conflicts.REFUSE
    if refuses and chosen.hosts and values.capacity_max and values.capacity_max > chosen.seats:
        yield Problem("capacity_max", conflicts.too_many_seats(values.capacity_max, chosen.seats))


def _team(course: Course, values: CourseValues) -> Iterator[Problem]:
    """What is wrong with those who teach parts of a course; one query where there are any."""
    who = [each for each, _ in values.co_instructors]
    if team.strangers(course, who):
        yield Problem("co_instructors", "مربی همکار در این رشته یا در این مرکز نیست؛ از فهرست انتخاب کنید")
    if len({*who, values.instructor_id}) <= len(who):
        yield Problem("co_instructors", "هر مربی را یک بار بنویسید؛ مربی دوره خود همکار خود نیست")
    if any(minutes <= 0 for _, minutes in values.co_instructors):
        yield Problem("co_instructors", "ساعت تدریس هر مربی همکار را بنویسید")
    elif course.total_minutes and sum(minutes for _, minutes in values.co_instructors) >= course.total_minutes:
        hours = labels.hours(course.total_minutes)
        yield Problem("co_instructors", f"همکاران همهٔ {hours} دوره را برداشته‌اند و برای مربی دوره چیزی نمی‌ماند")


def _chosen(course: Course, values: CourseValues) -> Row[Any]:
    """Whether what is chosen fits; workstations and place of the workshop."""
    wish = Course(
        unit_id=course.unit_id,
        province_id=course.province_id,
        standard_id=course.standard_id,
        field_id=course.field_id,
        workshop_id=values.workshop_id,
        instructor_id=values.instructor_id,
        agreement_id=values.agreement_id,
    )
    room = Workshop.id == values.workshop_id
    place = (Place.id == values.place_id, Place.unit_id == course.unit_id, Place.is_active)
    group = select(TargetGroup.is_active).where(TargetGroup.id == values.target_group_id)
    return db.session.execute(
        select(
            completeness.workshop_fits(wish).label("hosts"),
            completeness.instructor_fits(wish).label("teaches"),
            completeness.agreement_fits(wish).label("agreement_fits"),
            exists().where(*place).label("place_fits"),
            group.scalar_subquery().label("group_fits"),
            select(Workshop.workstations).where(room).scalar_subquery().label("seats"),
            policy.column(_SEATS, course.unit_id).label("seats_rule"),
            select(Workshop.place_id).where(room).scalar_subquery().label("place_of_workshop"),
        )
    ).one()


def still_fitting(wish: Course) -> dict[str, int | None]:
    """The workshop, its place and the instructor of a wished course, each None where it does not fit; one query."""
    hosts, teaches = db.session.execute(
        select(completeness.workshop_fits(wish), completeness.instructor_fits(wish))
    ).one()
    return {
        "workshop_id": wish.workshop_id if hosts else None,
        "place_id": wish.place_id if hosts else None,
        "instructor_id": wish.instructor_id if teaches else None,
    }


def _order(values: CourseValues) -> Iterator[Problem]:
    if values.start_on and values.end_on and values.end_on < values.start_on:
        yield Problem("end_on", "تاریخ پایان پیش از تاریخ شروع است")
    if values.start_time and values.end_time and values.end_time <= values.start_time:
        yield Problem("end_time", "ساعت پایان باید پس از ساعت شروع باشد")
    opens, closes = values.enroll_open_at, values.enroll_close_at
    if opens and closes and closes <= opens:
        yield Problem("enroll_close_at", "بسته شدن ثبت‌نام باید پس از باز شدن آن باشد")


def _numbers(values: CourseValues) -> Iterator[Problem]:
    for name in ("capacity_min", "capacity_max"):
        if getattr(values, name) is not None and not 1 <= getattr(values, name) <= 500:
            yield Problem(name, "ظرفیت عددی از ۱ تا ۵۰۰ است")
    low, high = values.capacity_min, values.capacity_max
    if low and high and low > high:
        yield Problem("capacity_min", "حداقل ظرفیت از حداکثر آن بیشتر است")
    for name in ("age_min", "age_max"):
        if getattr(values, name) is not None and not 5 <= getattr(values, name) <= 100:
            yield Problem(name, "سن عددی از ۵ تا ۱۰۰ است")
    if values.age_min and values.age_max and values.age_min > values.age_max:
        yield Problem("age_min", "حداقل سن از حداکثر آن بیشتر است")


# -- Facts for a decision ----------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What was read with a course: whether its workshop and instructor are there for it, and what is known of these.

    `planned` are its days of class by weekday, `lost` those of them that are holidays.
    """

    workshop_fits: bool
    instructor_fits: bool
    match: fit.Match
    short: Sequence[places.Shortage]
    planned: Sequence[date]
    lost: Sequence[date]


def facts(course: Course, seen: Seen) -> list[tuple[bool, str]]:
    """What the system itself can see about a course, as (fine, sentence); what it collides with stands beside it.

    Source: docs/rules.md R-45.
    """
    if course.workshop is None or course.instructor is None or course.capacity_max is None:
        return [(False, "پرونده هنوز کامل نیست؛ کارگاه، مربی یا ظرفیت ندارد")]
    seats = course.workshop.workstations
    capacity = f"ظرفیت {persian_digits(course.capacity_max)} نفر، کارگاه {persian_digits(seats)} جای کار"
    field = course.field.title if course.field else ""
    found = [
        (course.capacity_max <= seats, capacity),
        (
            seen.workshop_fits,
            "کارگاه برای این استاندارد است" if seen.workshop_fits else "کارگاه برای این استاندارد ثبت نشده است",
        ),
        (
            seen.instructor_fits,
            f"مربی در رشتهٔ «{field}» است" if seen.instructor_fits else f"رشتهٔ «{field}» برای این مربی ثبت نشده است",
        ),
        *facts_of_fit(seen.match),
        *_facts_of_dates(course, seen.planned, seen.lost),
    ]
    found += [(False, sentence) for sentence in said_of_shortages(seen.short)]
    if not seen.short:
        found.append((True, "تجهیزات ثبت‌شدهٔ کارگاه برای این ظرفیت کم نیست"))
    return found


def short_of(course: Course) -> Sequence[places.Shortage]:
    """What the workshop of a course has too few of; one query, or none while something is not chosen yet."""
    if not (course.workshop_id and course.standard_id and course.capacity_max):
        return []
    return places.shortages(course.workshop_id, course.standard_id, course.capacity_max)


def said_of_shortages(short: Sequence[places.Shortage]) -> list[str]:
    return [
        f"کمبود تجهیزات: {item.item}، {persian_digits(item.present)} از {persian_digits(item.needed)}"
        for item in short[:5]
    ]


def facts_of_fit(match: fit.Match) -> Iterable[tuple[bool, str]]:
    """How an instructor stands to the standard, point by point; nothing for a standard without rules."""
    if match.best is None:
        return
    yield from ((fine, f"مربی، {said}") for fine, said in match.best.points)
    if match.ruling and not match.fits:
        yield True, f"مربی با رأی کمیتهٔ تعیین صلاحیت درس می‌دهد: {said_of_ruling(match.ruling)}"
    elif not match.fits:
        yield False, "مربی رأی تأییدشدهٔ کمیتهٔ تعیین صلاحیت ندارد؛ دوره فرستاده یا تأیید نمی‌شود"


def said_of_ruling(ruling: CompetenceRuling) -> str:
    until = f"، معتبر تا {jalali.day_month_year(ruling.valid_until)}" if ruling.valid_until else ""
    return f"شمارهٔ {persian_digits(ruling.number)} در {jalali.day_month_year(ruling.ruled_on)}{until}"


def days_of(course: Course) -> tuple[list[date], list[date]]:
    """The days of class by weekday, and those of them that are lost to holidays."""
    plan = schedule.timetable_of(course)
    if plan is None or course.start_on is None or course.end_on is None:
        return [], []
    holidays = schedule.holidays_between(course.province_id, course.start_on, course.end_on)
    planned = list(schedule.class_days(plan, course.start_on, course.end_on, frozenset()))
    return planned, [day for day in planned if day in holidays]


def warnings(course: Course) -> list[str]:
    """What speaks against a draft before it is sent and is not refused, and what its workshop lacks."""
    said = [each.text for each in conflicts.of(None, course) if not each.bars]
    return [*said, *said_of_shortages(short_of(course))]


def _facts_of_dates(course: Course, planned: Sequence[date], lost: Sequence[date]) -> Iterator[tuple[bool, str]]:
    plan = schedule.timetable_of(course)
    if plan is None or course.start_on is None or course.end_on is None:
        yield False, "برنامهٔ زمانی کامل نیست"
        return
    hours = (len(planned) - len(lost)) * plan.minutes
    enough = hours >= course.total_minutes
    yield enough, f"{labels.hours(hours)} کلاس در برنامه، {labels.hours(course.total_minutes)} در استاندارد"
    yield _said_of_holidays(course.start_on, lost)
    if course.enroll_close_at and course.enroll_close_at <= utcnow() and course.status in REVIEWED:
        yield False, f"مهلت ثبت‌نام ({jalali.at(course.enroll_close_at)}) گذشته است؛ پس از تأیید کسی نمی‌تواند ثبت‌نام کند"
    if course.enroll_close_at and jalali.tehran_today(course.enroll_close_at) > course.start_on:
        yield False, "ثبت‌نام پس از شروع دوره هم باز است"


def _said_of_holidays(start: date, lost: Sequence[date]) -> tuple[bool, str]:
    if start in lost:
        return False, f"تاریخ شروع ({jalali.long(start)}) تعطیل است"
    if not lost:
        return True, "هیچ روز کلاس با تعطیلی رسمی یکی نیست"
    return True, f"{persian_digits(len(lost))} روز کلاس تعطیل است و در برنامه شمرده نشده است"
