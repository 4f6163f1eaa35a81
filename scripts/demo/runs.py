"""Loads the courses with the steps that brought them where they are, and their meetings."""

from collections import Counter
from typing import Any

from models import Course, CourseEvent, CourseSession
from scripts.demo import courses, reviews, units
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import Enrollment
from scripts.demo.ground import Ground
from scripts.reference import rules
from scripts.reference.rows import Rows
from services import codes, text


def hold(
    rows: Rows, ground: Ground, crowd: Crowd, found: tuple[courses.Course, ...], enrolled: tuple[Enrollment, ...]
) -> None:
    """Load the courses; the number of a course is its id, as with every course entered later."""
    taken = Counter(row.course.number for row in enrolled if row.is_active)
    for course in found:
        values = _place(course, ground) | _plan(course) | _standing(course, crowd)
        if not course.is_complete:
            values |= dict.fromkeys(_OFTEN_MISSING)
        else:
            values["instructor_id"] = crowd.instructors[course.unit_code, course.kit]
        rows.add(Course, id=course.number, taken=taken[course.number], **values)
        _events(rows, ground, crowd, course)
        if course.status != "draft":
            _meetings(rows, course)


_OFTEN_MISSING = ("instructor_id", "start_on", "end_on", "enroll_open_at", "enroll_close_at")


def _place(course: courses.Course, ground: Ground) -> dict[str, Any]:
    unit, standard = units.unit(course.unit_code), course.standard
    code = codes.course_code(course.number)
    words = (standard.title, unit.title, unit.county, unit.province, code, standard.code)
    return {
        "province_id": ground.provinces[unit.province or ""],
        "county_id": ground.counties[unit.province or "", unit.county or ""],
        "unit_id": ground.units[unit.code],
        "standard_id": ground.standards[standard.code],
        "field_id": ground.fields[standard.field.title],
        "place_id": ground.places[unit.code],
        "workshop_id": ground.workshops[unit.code, course.kit],
        "target_group_id": ground.groups.get(course.target_group or ""),
        "code": code,
        "standard_code": standard.code,
        "title": standard.title,
        "search_key": " ".join(text.key(word) for word in words),
        "theory_minutes": standard.theory_minutes,
        "practice_minutes": standard.practice_minutes,
        "project_minutes": standard.project_minutes,
        "internship_minutes": standard.internship_minutes,
        "min_education": standard.min_education,
    }


def _plan(course: courses.Course) -> dict[str, Any]:
    return {
        "setting": course.setting,
        "delivery": course.delivery,
        "shift": course.shift,
        "gender": course.gender,
        "capacity_min": course.capacity_min,
        "capacity_max": course.capacity_max,
        "age_min": 15,
        "start_on": course.start_on,
        "end_on": course.end_on,
        "weekdays": course.weekdays,
        "start_time": course.start_time,
        "end_time": course.end_time,
        "enroll_open_at": course.enroll_open_at,
        "enroll_close_at": course.enroll_close_at,
        "tuition_rials": course.tuition_rials,
    }


def _standing(course: courses.Course, crowd: Crowd) -> dict[str, Any]:
    sent = next((step for step in course.steps if step.action == "send"), None)
    return {
        "entered_by_id": crowd.clerks[course.unit_code],
        "status": course.status,
        "levels": rules.levels(units.unit(course.unit_code).kind, course.setting) if sent else None,
        "version": len(course.steps),
        "sent_at": sent and sent.at,
        "level_since": course.steps[-1].at,
        "created_at": course.steps[0].at,
    }


def _events(rows: Rows, ground: Ground, crowd: Crowd, course: courses.Course) -> None:
    for version, step in enumerate(course.steps, 1):
        actor_id = _actor(crowd, course, step.who)
        reviews.signature(rows, course, step, version, actor_id)
        rows.add(
            CourseEvent,
            course_id=course.number,
            actor_id=actor_id,
            action=step.action,
            level=step.level,
            source=step.source,
            target=step.target,
            reason=step.reason,
            reason_text_id=ground.reasons.get(step.reason),
            course_version=version,
            at=step.at,
            **reviews.said(step, course.number),
        )


def _actor(crowd: Crowd, course: courses.Course, who: str) -> int | None:
    if who == "clerk":
        return crowd.clerks[course.unit_code]
    if who == "manager":
        return crowd.managers[course.unit_code]
    if who == "province":
        is_golestan = units.unit(course.unit_code).province == "گلستان"
        return crowd.users["province1" if is_golestan else "province2"]
    return crowd.users["hq1"] if who == "hq" else None


def _meetings(rows: Rows, course: courses.Course) -> None:
    for day in course.sessions:
        rows.add(
            CourseSession,
            course_id=course.number,
            on_date=day,
            start_time=course.start_time,
            end_time=course.end_time,
        )
