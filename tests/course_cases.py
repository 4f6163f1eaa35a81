"""Builders for courses on their way: who acts, and a draft that lacks nothing."""

import datetime as dt

from models import Course, CourseStatus, Role, Unit, UnitKind, User, db, utcnow
from services import access, courses, jalali
from tests import make

ANY_REASON = "روزهای کلاس را درست کنید"
SIGNED = courses.Signed(tuple(courses.CHECKLIST), "کمبود از کارگاه دیگر مرکز آورده می‌شود")


def actor(user: User, level: str | None = None) -> access.Actor:
    """The user as services see them, at the level of their first role."""
    roles = access.roles_of(user.id)
    found = access.actor(user, access.Level(level) if level else access.level_of(roles[0]), roles)
    assert found is not None
    return found


def staff(role: Role, unit: Unit) -> access.Actor:
    return actor(make.user(role, unit))


def center() -> Unit:
    """A center with a workshop and an instructor for the one standard there is."""
    unit = make.unit(UnitKind.CENTER)
    standard = make.standard()
    make.workshop(unit, standard)
    make.instructor(unit, make.first(type(make.field()), id=standard.field_id))
    return unit


def office(kind: UnitKind = UnitKind.DIRECTORATE) -> Unit:
    return make.first(Unit, kind=kind) or make.unit(kind)


def next_saturday(weeks: int = 3) -> dt.date:
    today = jalali.tehran_today(utcnow())
    return today + dt.timedelta(days=7 * weeks - jalali.weekday(today))


def complete_values(unit: Unit, **over) -> courses.CourseValues:
    """Saturdays and Mondays, 8 to 12: the 80 hours of `make.standard` are 20 meetings."""
    standard = make.first(make.SkillStandard)
    course = Course(unit_id=unit.id, standard_id=standard.id, field_id=standard.field_id, title=standard.title)
    choices = courses.options(course)
    values = {
        "workshop_id": choices.workshops[0].id, "instructor_id": choices.instructors[0].id, "setting": "fixed",
        "delivery": "in_person", "shift": "morning", "gender": "mixed", "capacity_min": 5, "capacity_max": 15,
        "start_on": next_saturday(), "weekdays": 0b101, "start_time": dt.time(8), "end_time": dt.time(12),
        "enroll_open_at": utcnow(), "enroll_close_at": utcnow() + dt.timedelta(days=10),
    }  # fmt: skip
    return courses.CourseValues(**{**values, **over})


def draft(clerk: access.Actor, **over) -> Course:
    """A draft with everything filled in by `clerk`."""
    unit = db.session.get_one(Unit, clerk.units[0])
    course = courses.create(clerk, make.first(make.SkillStandard).id, f"key-{make.national_code()}")
    courses.save(clerk, course.id, course.version, complete_values(unit, **over))
    return course


def advance(who: access.Actor, course_id: int, action: courses.Action, **said) -> Course:
    """`courses.advance` with a signed checklist: for tests that are about something else."""
    return courses.advance(who, course_id, action, **{"signed": SIGNED, **said})


def at(status: CourseStatus, unit: Unit, levels: str = "center,province,hq") -> Course:
    """A complete course in any state, entered by somebody of its unit who appears nowhere else."""
    course = draft(staff(Role.CLERK, unit))
    course.status, course.levels, course.level_since = status, levels, utcnow()
    course.sent_at = None if status is CourseStatus.DRAFT else utcnow()
    course.start_on = course.start_on if status is not CourseStatus.CLOSED else jalali.tehran_today(utcnow())
    if status is CourseStatus.RUNNING:
        course.end_on = course.start_on
    db.session.commit()
    return course
