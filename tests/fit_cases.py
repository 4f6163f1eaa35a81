"""Builders for who may teach what: rules of a standard, and verified rows of an instructor's file."""

import datetime as dt

from models import (
    CompetenceRuling,
    Course,
    Degree,
    EmploymentRecord,
    ExperienceRecord,
    Instructor,
    InstructorCard,
    InstructorRule,
    RecordState,
    RetrainingRecord,
    SkillCertificate,
    SkillStandard,
    db,
    utcnow,
)
from services import jalali
from tests import make

TODAY = jalali.tehran_today(utcnow())
DAY = dt.timedelta(days=1)
BACHELOR = {"min_degree": Degree.BACHELOR, "study_fields": "مکانیک، مواد"}


def rule(standard: SkillStandard, **over) -> InstructorRule:
    """A way to be fit; a bachelor's degree in two fields unless told otherwise."""
    position = db.session.query(InstructorRule).filter_by(standard_id=standard.id).count() + 1
    return make.save(InstructorRule(standard_id=standard.id, position=position, **(over or BACHELOR)))


def _row(kind, instructor: Instructor, state: RecordState, values: dict):
    whose = {"person_id": instructor.person_id, "unit_id": instructor.unit_id, "province_id": instructor.province_id}
    decided = {"sent_at": utcnow(), "decided_at": utcnow(), "decision": "ناخوانا"}
    return make.save(kind(**whose, **decided, state=state, **values))


def experience(instructor, field, first, last=None, state=RecordState.VERIFIED, **over):
    values = {"experience": "teaching", "workplace": "مرکز", "field_id": field.id, **over}
    return _row(ExperienceRecord, instructor, state, values | {"started_on": first, "ended_on": last})


def retraining(instructor, hours, ended_on, state=RecordState.VERIFIED, **over):
    values = {"title": "روش تدریس", "provider": "مرکز تربیت مربی", "hours": hours, **over}
    return _row(RetrainingRecord, instructor, state, values | {"started_on": ended_on - 9 * DAY, "ended_on": ended_on})


def card(instructor, expires_on, state=RecordState.VERIFIED):
    return _row(InstructorCard, instructor, state, {"number": "۱۲", "issued_on": TODAY, "expires_on": expires_on})


def certificate(instructor, standard, state=RecordState.VERIFIED):
    values = {"standard_id": standard and standard.id, "title": "جوش", "number": "۷", "issued_on": TODAY}
    return _row(SkillCertificate, instructor, state, values)


def ruling(instructor, standard, valid_until=None, state=RecordState.VERIFIED):
    values = {"standard_id": standard.id, "number": "۱۴۰۵/۳۱", "ruled_on": TODAY - 30 * DAY, "valid_until": valid_until}
    return _row(CompetenceRuling, instructor, state, values)


def employment(instructor, kind="official", morning=24, evening=0, state=RecordState.VERIFIED, **over):
    values = {"employment": kind, "employer": "سازمان", "hired_on": dt.date(2012, 3, 20), **over}
    return _row(EmploymentRecord, instructor, state, values | {"morning_hours": morning, "evening_hours": evening})


def teacher_of(course: Course) -> Instructor:
    return db.session.get_one(Instructor, course.instructor_id)
