"""What a clerk may choose from for one course, and why a list is empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from models import Course, Instructor, TargetGroup, Workshop, db
from services import instructors, places, servicing
from services.courses import checks
from services.instructors import fit


@dataclass(frozen=True)
class Options:
    """Workshops, instructors and target groups that fit; `why_*` explains a list with nothing in it."""

    workshops: Sequence[Workshop]
    instructors: Sequence[Instructor]
    groups: Sequence[TargetGroup]
    why_no_workshop: str
    why_no_instructor: str
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
    """Four queries, and one more for a standard that says who may teach it; what has been chosen and does not fit any
    more is not among them.
    """
    workshops = places.hosting(course.unit_id, course.standard_id or 0)
    teachers = instructors.teaching(course.unit_id, course.field_id or 0)
    groups = db.session.scalars(select(TargetGroup).where(TargetGroup.is_active).order_by(TargetGroup.id)).all()
    fits = fit.of_people(course.standard_id or 0, [each.person_id for each in teachers], fit.day_of(course))
    match = next((fits.matches[each.person_id] for each in teachers if each.id == course.instructor_id), fit.Match())
    chosen = next((servicing.said(workshop) for workshop in workshops if workshop.id == course.workshop_id), "")
    no_workshop = f"هیچ کارگاه فعالی از این واحد برای استاندارد «{course.title}» ثبت نشده است."
    no_instructor = "هیچ مربی فعالی از این واحد در رشتهٔ این استاندارد ثبت نشده است."
    whys = ("" if workshops else no_workshop, "" if teachers else no_instructor)
    return Options(workshops, teachers, groups, *whys, chosen, fits, tuple(checks.facts_of_fit(match)))
