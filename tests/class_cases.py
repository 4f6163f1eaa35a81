"""Builders for classes: a course under way with meetings, its instructor, and people in it."""

import datetime as dt
import uuid

from models import Course, CourseSession, CourseStatus, Enrollment, Instructor, Presence, Role, Unit, User, utcnow
from services import codes, jalali
from services.access import Actor
from services.attendance.marking import Mark
from tests import make
from tests.course_cases import actor


def today() -> dt.date:
    return jalali.tehran_today(utcnow())


def instructor(unit: Unit, **over) -> User:
    """Somebody who teaches in a unit and has an account for it."""
    person = make.person()
    make.save(Instructor(person_id=person.id, unit_id=unit.id, province_id=unit.province_id))
    return make.user(Role.INSTRUCTOR, unit, person=person, **over)


def course(teacher: User, status: CourseStatus = CourseStatus.RUNNING, **over) -> Course:
    """A class of this instructor that began four weeks ago."""
    unit = make.first(Unit, id=teacher.roles[0].unit_id)
    row = make.first(Instructor, person_id=teacher.person_id, unit_id=unit.id)
    days = {"start_on": today() - dt.timedelta(days=28), "end_on": today() + dt.timedelta(days=28)}
    return make.course(status, unit, **{"instructor_id": row.id, **days, **over})


def meeting(of: Course, days_ago: int = 0) -> CourseSession:
    return make.meeting(of, today() - dt.timedelta(days=days_ago))


def enroll(into: Course, since_days: int = 40, until_days: int | None = None, **person) -> Enrollment:
    """Somebody enrolled so many days ago, and canceled so many days ago where told."""
    keys = {"form_key": str(uuid.uuid4()), "form_hash": "0" * 64, "tracking_code": codes.tracking_code()}
    place = {"course_id": into.id, "unit_id": into.unit_id, "province_id": into.province_id}
    how = {"channel": "clerk", "debit_source": "none", "fee_rials": 0, "created_at": _ago(since_days)}
    if until_days is not None:
        how |= {"status": "canceled", "canceled_at": _ago(until_days)}
    return make.save(Enrollment(person_id=make.person(**person).id, **place, **keys, **how))


def mark(of: Enrollment, presence: Presence = Presence.ABSENT, ago_s: int = 0, **over) -> Mark:
    return Mark(**{"key": str(uuid.uuid4()), "enrollment_id": of.id, "presence": presence, "age_s": ago_s, **over})


def acting(user: User) -> Actor:
    return actor(user)


def _ago(days: int) -> dt.datetime:
    return utcnow() - dt.timedelta(days=days)
