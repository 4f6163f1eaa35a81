"""A full course and its waiting list for the walkers of pages and forms."""

import uuid

from models import Course, Enrollment, WaitlistEntry
from services import codes
from tests import make


def full(world) -> Course:
    """A course of the world's center with one seat, which is taken as far as its number goes."""
    return make.course(unit_=world.unit, capacity_max=1, taken=1, entered_by_id=world.staff["center"].id)


def joined(course: Course, person) -> WaitlistEntry:
    place = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    return make.save(WaitlistEntry(form_key=str(uuid.uuid4()), person_id=person.id, channel="self", **place))


def own(world) -> WaitlistEntry:
    """The trainee of the world waits, and somebody before them; the same place each time."""
    found = make.first(WaitlistEntry, person_id=world.trainee.id)
    if found is None:
        course = full(world)
        joined(course, make.person())
        found = joined(course, world.trainee)
    return found


def grown(world, n: int) -> None:
    joined(own(world).course, make.person())


# -- Forms -------------------------------------------------------------------------


def joins(world):
    course, person = full(world), make.person()
    values = {"code": course.code}
    return f"/trainee/enroll/{course.code}", values, {}, "", person


def leaves(world):
    person = make.person()
    entry = joined(full(world), person)
    return f"/trainee/waiting/{entry.id}/leave", {"entry_id": entry.id}, {}, "", person


def staff(what: str):
    def scene(world):
        course = full(world)
        entry = [joined(course, make.person()) for _ in range(2)][1]
        return f"/center/waiting/{entry.id}/{what}", {"entry_id": entry.id}, {"reason": "دلیل آن"}

    return scene


def ended(world):
    course = full(world)
    place = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    keys = {"form_key": str(uuid.uuid4()), "form_hash": "0" * 64, "tracking_code": codes.tracking_code()}
    free = {"channel": "self", "debit_source": "none", "fee_rials": 0}
    row = make.save(Enrollment(person_id=make.person().id, **free, **place, **keys))
    typed = {"cause": "center", "reason": "دلیل آن"}
    return f"/center/enrollments/{row.id}/end", {"enrollment_id": row.id}, typed


SCENES = {
    "center.enrollment_end_do": ended,
    "trainee.wait_join": joins,
    "trainee.wait_leave": leaves,
    "center.waiting_ahead": staff("ahead"),
    "center.waiting_remove": staff("remove"),
}
