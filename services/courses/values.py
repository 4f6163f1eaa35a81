"""What a clerk writes about a course, and the parts of it that are written and saved one by one."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time

from models import Course, Delivery, Gender, Setting, Shift, Trigger
from services.courses import team


@dataclass(frozen=True)
class CourseValues:
    """What a clerk writes about a course; None (or no weekday, or nobody) is not written yet.

    `co_instructors` are pairs of an instructor and the minutes that this one teaches.
    """

    place_id: int | None = None
    workshop_id: int | None = None
    instructor_id: int | None = None
    co_instructors: tuple[team.Part, ...] = ()
    target_group_id: int | None = None
    agreement_id: int | None = None
    start_trigger: Trigger | None = None
    setting: Setting | None = None
    delivery: Delivery | None = None
    shift: Shift | None = None
    gender: Gender | None = None
    capacity_min: int | None = None
    capacity_max: int | None = None
    age_min: int | None = None
    age_max: int | None = None
    start_on: date | None = None
    end_on: date | None = None
    weekdays: int = 0
    start_time: time | None = None
    end_time: time | None = None
    enroll_open_at: datetime | None = None
    enroll_close_at: datetime | None = None
    tuition_rials: int | None = None


FIELDS = tuple(field.name for field in fields(CourseValues))
COLUMNS = tuple(name for name in FIELDS if name != "co_instructors")  # which has rows of its own
# The parts of the form, each saved by itself; what belongs to none of them stands where the course is sent.
PARTS = {
    "time": (
        "place_id", "setting", "delivery", "shift", "start_on", "end_on", "weekdays", "start_time", "end_time",
    ),
    "workshop": ("workshop_id", "capacity_min", "capacity_max"),
    "teacher": ("instructor_id", "co_instructors"),
    "terms": (
        "gender", "target_group_id", "age_min", "age_max", "start_trigger", "agreement_id", "enroll_open_at",
        "enroll_close_at", "tuition_rials",
    ),
}  # fmt: skip
PLAN = ("start_on", "weekdays", "start_time", "end_time")  # what the end date is worked out from


def values_of(course: Course) -> CourseValues:
    """What is written of a course; one query for who teaches parts of it."""
    written = {name: getattr(course, name) for name in COLUMNS}
    return CourseValues(co_instructors=team.of(course.id), **written)


def part_of(field: str) -> str:
    """The part of the form at which a field stands; "standard" for the standard, "send" for what stands at none."""
    if field == "standard_id":
        return "standard"
    return next((part for part, names in PARTS.items() if field in names), "send")
