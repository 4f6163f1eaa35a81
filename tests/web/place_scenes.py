"""Scenes of the forms about places and workshops: the page, the values of the form's address, and what is typed."""

import datetime as dt

from models import CourseSession, Place, SkillStandard, Workshop, WorkshopStandard, utcnow
from services import jalali
from tests import make

Scene = tuple[str, dict[str, object], dict[str, str]]
REASON = {"reason": "ساختمان در دست تعمیر است"}


def place(world, **over) -> Place:
    """One that no course refers to."""
    where = {"unit_id": world.unit.id, "province_id": world.unit.province_id, "county_id": world.unit.county_id}
    return make.save(Place(kind="building", title="ساختمان دوم", **where, **over))


def room(world, title="کارگاه جوش", **over) -> Workshop:
    where = {"place_id": world.course.place_id, "unit_id": world.unit.id}
    return make.save(Workshop(title=title, workstations=20, **where, **over))


def grown(world, number: int) -> None:
    """A workshop beside that of the course, one elsewhere with more than it needs, and a class on one day more."""
    row = room(world, f"کارگاه {number}")
    make.save(WorkshopStandard(workshop_id=row.id, standard_id=world.course.standard_id))
    make.item(make.workshop(world.unit), 3, name=f"قلم {number}")
    day = jalali.tehran_today(utcnow()) + dt.timedelta(days=number)
    make.save(CourseSession(course_id=world.course.id, on_date=day, start_time=dt.time(8), end_time=dt.time(12)))


def place_new(world) -> Scene:
    return "/center/places/new", {}, {"title": "زندان گرگان", "postal_code": "۴۹۱۶۶۱۹۷۳۵", "point": "36.84, 54.44"}


def place_save(world) -> Scene:
    row = place(world)
    return f"/center/places/{row.id}/edit", {"place_id": row.id}, {"title": "ساختمان سوم", "code": "۳"}


def place_disable(world) -> Scene:
    row = place(world)
    return f"/center/places/{row.id}", {"place_id": row.id}, REASON


def place_enable(world) -> Scene:
    row = place(world, is_active=False)
    return f"/center/places/{row.id}", {"place_id": row.id}, {}


def workshop_new(world) -> Scene:
    row = place(world)
    return f"/center/places/{row.id}/workshops/new", {"place_id": row.id}, {"title": "سالن برق", "workstations": "۱۶"}


def workshop_save(world) -> Scene:
    row = room(world)
    return f"/center/places/workshops/{row.id}/edit", {"workshop_id": row.id}, {"title": "سالن", "workstations": "8"}


def workshop_disable(world) -> Scene:
    row = room(world)
    return f"/center/places/workshops/{row.id}", {"workshop_id": row.id}, REASON


def workshop_enable(world) -> Scene:
    row = room(world, is_active=False)
    return f"/center/places/workshops/{row.id}", {"workshop_id": row.id}, {}


def standard_add(world) -> Scene:
    row, standard = room(world), make.first(SkillStandard)
    return f"/center/places/workshops/{row.id}/standards?q={standard.code}", {"workshop_id": row.id}, {}


def standard_remove(world) -> Scene:
    standard = make.standard()
    row = make.workshop(world.unit, standard)
    url = f"/center/places/workshops/{row.id}/standards"
    return url, {"workshop_id": row.id, "standard_id": standard.id}, {}


SCENES = {
    "center.place_new": place_new,
    "center.place_save": place_save,
    "center.place_disable": place_disable,
    "center.place_enable": place_enable,
    "center.workshop_new": workshop_new,
    "center.workshop_save": workshop_save,
    "center.workshop_disable": workshop_disable,
    "center.workshop_enable": workshop_enable,
    "center.workshop_standard_add": standard_add,
    "center.workshop_standard_remove": standard_remove,
}
