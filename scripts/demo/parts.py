"""What courses have beside their plan: what their standard asked for when they were sent, a copy, and a helper."""

import datetime as dt
from typing import Any

from models import (
    Course,
    CourseEvent,
    CourseInstructor,
    Instructor,
    InstructorField,
    SkillStandard,
    StandardRequirement,
)
from scripts.demo import courses
from scripts.demo.units import CENTER1
from scripts.reference.rows import Rows
from services.courses.making import first_like
from services.courses.snapshots import KEPT

AHEAD, LONGER = dt.timedelta(days=21), dt.timedelta(weeks=3)
# What a copy keeps of its own.
OWN = ("id", "code", "status", "levels", "version", "sent_at", "level_since", "created_at", "entered_by_id", "taken")


def fill(rows: Rows, found: tuple[courses.Course, ...], today: dt.date) -> None:
    """Complete the courses that are collected."""
    _keep_standards(rows)
    here = [one for one in found if one.unit_code == CENTER1]
    draft = next(one for one in here if one.status == "draft" and one.is_complete)
    former = next(one for one in here if one.status == "finished")
    _copy(rows, draft.number, former.number, today)


def _row(rows: Rows, model: Any, row_id: int) -> dict[str, Any]:
    return next(row for row in rows.rows[model.__tablename__] if row["id"] == row_id)


def _keep_standards(rows: Rows) -> None:
    standards = {row["id"]: row for row in rows.rows[SkillStandard.__tablename__]}
    needs: dict[int, list[list[Any]]] = {}
    for need in rows.rows.get(StandardRequirement.__tablename__, []):
        told = [need["item_group"], need["item_name"], need["quantity"], need["basis_n"]]
        needs.setdefault(need["standard_id"], []).append(told)
    for course in rows.rows[Course.__tablename__]:
        standard = standards[course["standard_id"]]
        kept = {name: standard.get(name) for name in KEPT if name != "compiled_on"}
        equipment = needs.get(standard["id"], [])
        course["standard_snapshot"] = kept | {"equipment": equipment} if course["sent_at"] else None
        course["copied_from_id"] = None


def _copy(rows: Rows, draft_id: int, former_id: int, today: dt.date) -> None:
    """The draft as a copy of a course that is over, for more people, with somebody who teaches a part of it."""
    former = _row(rows, Course, former_id)
    values = {name: value for name, value in former.items() if name not in OWN}
    start = first_like(former["start_on"], today + AHEAD)
    by = start - former["start_on"]
    moved = {"start_on": start, "end_on": former["end_on"] + by + LONGER, "copied_from_id": former_id}
    moved |= {name: former[name] + by for name in ("enroll_open_at", "enroll_close_at")}
    rows.put(Course, draft_id, **values | moved | {"capacity_min": 6, "standard_snapshot": None})
    first = next(row for row in rows.rows[CourseEvent.__tablename__] if row["course_id"] == draft_id)
    first["action"] = "copy"
    if (other := _colleague(rows, former)) is not None:
        rows.add(CourseInstructor, course_id=draft_id, instructor_id=other, minutes=12 * 60)


def _colleague(rows: Rows, course: dict[str, Any]) -> int | None:
    """Another instructor of the unit who teaches in the field."""
    fields = rows.rows[InstructorField.__tablename__]
    teach = {row["instructor_id"] for row in fields if row["field_id"] == course["field_id"]}
    unit = [row["id"] for row in rows.rows[Instructor.__tablename__] if row["unit_id"] == course["unit_id"]]
    return next((each for each in unit if each in teach and each != course["instructor_id"]), None)
