"""What a clerk may choose from for one course, or for one part of it, and why a list is empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models import Agreement, Course, Instructor, Organization, Place, TargetGroup, Workshop, db
from services import instructors, places, policy, servicing
from services.courses import checks
from services.instructors import fit


@dataclass(frozen=True)
class Options:
    """What fits a course; `why_*` explains a list with nothing in it."""

    places: Sequence[Place] = ()
    workshops: Sequence[Workshop] = ()
    instructors: Sequence[Instructor] = ()
    groups: Sequence[TargetGroup] = ()
    agreements: Sequence[Agreement] = ()
    why_no_place: str = ""
    why_no_workshop: str = ""
    why_no_instructor: str = ""
    down: str = ""  # why the chosen workshop is not to be counted on
    fits: fit.Fits = field(default_factory=fit.Fits)
    points: Sequence[fit.Point] = ()  # how the chosen instructor stands to the standard

    def stands(self, teacher: Instructor) -> str:
        """What a choice says of an instructor beside the name; nothing where the standard asks for the field alone."""
        match = self.fits.matches.get(teacher.person_id)
        if match is None or not match.ways:
            return ""
        if match.fits:
            return "واجد شرایط"
        return "با رأی کمیته" if match.ruling else "با شرایط استاندارد نمی‌خواند"


def options(course: Course) -> Options:
    """Six queries, and one more for a standard that says who may teach it; what has been chosen and does not fit any
    more is not among them.
    """
    found: dict[str, Any] = {}
    for part in OF_PART.values():
        found |= part(course)
    return Options(**found)


def options_of(course: Course, part: str) -> Options:
    """The same for one part of the form; a query or two."""
    return Options(**OF_PART[part](course))


def _places(course: Course) -> dict[str, Any]:
    query = select(Place).where(Place.unit_id == course.unit_id, Place.is_active).order_by(Place.id)
    found = db.session.scalars(query).all()
    why = "" if found else "هیچ محل فعالی از این واحد ثبت نشده است."
    return {"places": found, "why_no_place": why}


def _workshops(course: Course) -> dict[str, Any]:
    """Those in the place of the course first."""
    found = places.hosting(course.unit_id, course.standard_id or 0)
    here = sorted(found, key=lambda room: room.place_id != course.place_id)
    why = "" if found else f"هیچ کارگاه فعالی از این واحد برای استاندارد «{course.title}» ثبت نشده است."
    down = next((servicing.said(room) for room in found if room.id == course.workshop_id), "")
    return {"workshops": here, "why_no_workshop": why, "down": down}


def _teachers(course: Course) -> dict[str, Any]:
    found = instructors.teaching(course.unit_id, course.field_id or 0)
    fits = fit.of_people(course.standard_id or 0, [each.person_id for each in found], fit.day_of(course))
    match = next((fits.matches[each.person_id] for each in found if each.id == course.instructor_id), fit.Match())
    why = "" if found else "هیچ مربی فعالی از این واحد در رشتهٔ این استاندارد ثبت نشده است."
    points = tuple(checks.facts_of_fit(match))
    return {"instructors": found, "fits": fits, "why_no_instructor": why, "points": points}


def _terms(course: Course) -> dict[str, Any]:
    """Target groups, and the agreements of the province that have not run out."""
    groups = db.session.scalars(select(TargetGroup).where(TargetGroup.is_active).order_by(TargetGroup.id)).all()
    lasts = or_(Agreement.valid_until.is_(None), Agreement.valid_until >= (course.start_on or policy.today()))
    query = (
        select(Agreement)
        .join(Agreement.organization)
        .options(joinedload(Agreement.organization))
        .where(Organization.province_id == course.province_id, Organization.is_active, Agreement.is_active, lasts)
        .order_by(Organization.title_sort, Agreement.id)
        .limit(MOST)
    )
    return {"groups": groups, "agreements": db.session.scalars(query).all()}


MOST = 200  # agreements to choose from
OF_PART = {"time": _places, "workshop": _workshops, "teacher": _teachers, "terms": _terms}
