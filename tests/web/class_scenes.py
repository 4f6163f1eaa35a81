"""Classes of the instructor, and of the center, as the walkers of pages and forms see them."""

import datetime as dt

from models import Attendance, Course, CourseSession, CourseStatus, Instructor, Presence
from tests import class_cases, make

TITLE, ENDED = "جوشکاری برق", "جوشکاری گاز"
Scene = tuple[str, dict, dict]


def standing(world) -> Course:
    """A class of the walker's instructor, with meetings behind and before it and somebody in it; grows with `grown`."""
    return make.first(Course, title=TITLE) or _begun(world)


def meeting(world) -> CourseSession:
    """The meeting of today, of which nothing is known."""
    course = standing(world)
    found = make.first(CourseSession, course_id=course.id, on_date=class_cases.today())
    return found or class_cases.meeting(course)


def grown(world, n: int) -> None:
    course = standing(world)
    enrollment = class_cases.enroll(course)
    marked(class_cases.meeting(course, n + 10), enrollment, world)
    _class(world, f"کلاس {n}")
    class_cases.enroll(ended(world))


def marked(session: CourseSession, enrollment, world, presence: Presence = Presence.ABSENT) -> None:
    who = {"enrollment_id": enrollment.id, "course_id": session.course_id, "marked_by_id": world.staff["instructor"].id}
    make.save(Attendance(session_id=session.id, presence=presence, **who))


def _begun(world) -> Course:
    course = _class(world, TITLE)
    marked(class_cases.meeting(course, 3), class_cases.enroll(course), world)
    class_cases.enroll(course)
    meeting(world)
    return course


def _class(world, title: str) -> Course:
    teacher = world.staff["instructor"]
    row = make.first(Instructor, person_id=teacher.person_id) or make.save(
        Instructor(person_id=teacher.person_id, unit_id=world.unit.id, province_id=world.unit.province_id)
    )
    today = class_cases.today()
    days = {"start_on": today - dt.timedelta(days=40), "end_on": today + dt.timedelta(days=40)}
    return make.course(CourseStatus.RUNNING, world.unit, title=title, instructor_id=row.id, **days)


def _choices(world) -> dict[str, str]:
    course = standing(world)
    return {f"p{row.id}": "late" for row in _enrolled(course)}


def _enrolled(course: Course):
    return make.db.session.query(class_cases.Enrollment).filter_by(course_id=course.id).all()


def ended(world) -> Course:
    """A class that is over, with people of whom nothing is said yet; grows with `grown`."""
    course = make.first(Course, title=ENDED) or _class(world, ENDED)
    if course.status is not CourseStatus.FINISHED:
        course.status, course.end_on = CourseStatus.FINISHED, class_cases.today() - dt.timedelta(days=1)
        make.db.session.commit()
        marked(class_cases.meeting(course, 3), class_cases.enroll(course), world)
    return course


def completed(world) -> Scene:
    course = ended(world)
    standing = " ".join(f"{row.id}:" for row in _enrolled(course))
    chosen = {f"p{row.id}": "completed" for row in _enrolled(course)}
    return f"/center/classes/{course.id}/completion", {"course_id": course.id}, chosen | {"standing": standing}


def recorded(world) -> Scene:
    one = meeting(world)
    return f"/instructor/meetings/{one.id}", {"meeting_id": one.id}, _choices(world)


def corrected(world) -> Scene:
    one = meeting(world)
    chosen = dict.fromkeys(_choices(world), "excused")
    return f"/center/meetings/{one.id}", {"meeting_id": one.id}, chosen | {"reason": "از روی برگهٔ کاغذی"}


SCENES = {
    "instructor.meeting_record": recorded,
    "center.meeting_record": corrected,
    "center.completion_save": completed,
}
