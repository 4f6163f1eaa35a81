"""What stands around a course: its place, standard and license, the job of its instructor, and the rules for it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from models import Course, Gender, Place, PlaceKind, SkillStandard, Unit, Workshop, WorkshopDowntime
from services import policy
from services.courses import licensing, shifts
from services.instructors import fit, workload

RULES = (*(name for name in policy.DEFAULTS if name.startswith("conflict_")), shifts.HOURS)


class Ground(NamedTuple):
    """The place, the standard, the license and the rules of a course, as `columns` brings them."""

    is_retired: bool
    seats: int | None
    capacity: int | None
    place_kind: PlaceKind | None
    place_gender: Gender | None
    place_title: str | None
    down_since: date | None
    down_reason: str | None
    unit_gender: Gender
    has_rules: bool
    license: licensing.Standing
    job: workload.Known
    policies: dict[str, Any]


def columns(course: Course | type[Course]) -> tuple[Any, ...]:
    """SQL: what `read` reads, as parts of a statement that asks for other things as well."""
    room, down = Workshop.id == course.workshop_id, WorkshopDowntime.workshop_id == course.workshop_id
    of_place = (Place.capacity, Place.kind, Place.gender, Place.title)
    place = [select(each).join(Workshop, Workshop.place_id == Place.id).where(room) for each in of_place]
    of_downtime = (WorkshopDowntime.starts_on, WorkshopDowntime.reason)
    downtime = [select(each).where(down, WorkshopDowntime.ends_on.is_(None)) for each in of_downtime]
    return (
        exists().where(SkillStandard.id == course.standard_id, SkillStandard.retired_at.is_not(None)),
        select(Workshop.workstations).where(room).scalar_subquery(),
        *(each.scalar_subquery() for each in (*place, *downtime)),
        select(Unit.gender).where(Unit.id == course.unit_id).scalar_subquery(),
        fit.has_rules(course),
        *licensing.columns(course),
        *workload.columns(course),
        policy.packed(RULES, course.unit_id),
    )


def read(found: Sequence[Any]) -> Ground:
    """The values of `columns`."""
    plain, license_, job, policies = found[:10], found[10:16], found[16:19], found[19]
    known = (licensing.Standing._make(license_), workload.known(job), policy.unpacked(RULES, policies))
    return Ground._make((*plain, *known))
