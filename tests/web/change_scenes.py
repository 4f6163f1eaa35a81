"""Changes of approved courses as the walkers of pages and forms see them."""

from models import ChangeKind, ChangeState, Course, CourseChange, CourseStatus, utcnow
from tests import change_cases, make
from tests.web import pages

S = ChangeState
LEVELS = ("center", "province", "hq")


def change(
    world, level: str = "province", state: ChangeState = S.WAITING, course: Course | None = None
) -> CourseChange:
    """A change that waits at a level, or has come to an end, of a course that fifteen seats are too many for."""
    course = course or make.course(unit_=world.unit)
    where = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    asked = {"asked_by_id": make.user(unit_=world.unit).id, "reason": "کارگاه کوچک‌تر شد", "kind": ChangeKind.EDIT}
    wanted = {"capacity_max": [15, 12], "start_time": ["08:00:00", "08:30:00"]}
    at = {"levels": ",".join(LEVELS), "level": level, "level_since": utcnow()}
    over = {"decision": "خوب است", "decided_at": utcnow(), "decided_by_id": world.staff[level].id}
    ended = over if state is not S.WAITING else {}
    return make.save(CourseChange(**where, **asked, **at, **ended, wanted=wanted, state=state))


def standing(world, level: str = "province") -> CourseChange:
    """The first such change, so that a page that is walked again is the same one."""
    return make.first(CourseChange, unit_id=world.unit.id, level=level, state=S.WAITING) or change(world, level)


def grown(world, n: int) -> None:
    for level in LEVELS:
        pages.enroll(standing(world, level).course, make.person())
        change(world, level)
        change(world, level, S.REFUSED)
    make.course(unit_=world.unit)


# -- Forms -------------------------------------------------------------------------


def asked(world) -> tuple:
    course = change_cases.live(_center(world))
    return f"/center/courses/{course.id}/change", {"course_id": course.id}, {"capacity_max": "۱۲"}


def ended(level: str):
    def scene(world) -> tuple:
        course = change_cases.live(_center(world))
        change_cases.fill(course, 1)
        return f"/{level}/courses/{course.id}/end", {"course_id": course.id}, {"other": ""}

    return scene


def decided(level: str, decision: str):
    def scene(world) -> tuple:
        row = change(world, level)
        return f"/{level}/changes/{row.id}", {"change_id": row.id}, {"decision": decision, "reason": "دلیل"}

    return scene


def decided_together(level: str, decision: str):
    def scene(world) -> tuple:
        case = "&".join(f"case={change(world, level).id}" for _ in range(2))
        return f"/{level}/changes/together?do={decision}&{case}", {}, {"reason": "کارگاه کوچک است"}

    return scene


def moved(world) -> tuple:
    course, other = (change_cases.live(_center(world)) for _ in range(2))
    row = change_cases.enroll(course)
    typed = {"other": str(other.id), "reason": "ساعت دیگری می‌خواهد"}
    return f"/center/enrollments/{row}/move", {"enrollment_id": row}, typed


def told(level: str):
    def scene(world) -> tuple:
        course = make.course(CourseStatus.OPEN, world.unit)
        pages.enroll(course, make.person())
        row = change(world, level, S.DONE, course)
        return f"/{level}/changes/{row.id}", {"change_id": row.id}

    return scene


def _center(world):
    make.instructor(world.unit, make.first(type(make.field())))
    return world.unit
