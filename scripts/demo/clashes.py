"""A draft of the center in Gorgan that was planned over an approved course: the same workshop, instructor and hours."""

from models import Course
from scripts.demo import courses
from scripts.demo.units import CENTER1
from scripts.reference.rows import Rows

# What a draft keeps of its own.
OWN = ("id", "code", "status", "levels", "version", "sent_at", "level_since", "created_at", "entered_by_id", "taken")


def plan(rows: Rows, found: tuple[courses.Course, ...]) -> None:
    """Give the newest draft of the center everything that an approved course of it has; after the courses."""
    here = [one for one in found if one.unit_code == CENTER1]
    draft = next(one for one in reversed(here) if one.status == "draft")
    other = next(one for one in here if one.status == "approved")
    values = next(row for row in rows.rows[Course.__tablename__] if row["id"] == other.number)
    rows.put(Course, draft.number, **{name: value for name, value in values.items() if name not in OWN})
