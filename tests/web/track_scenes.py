"""The pages of «پیگیری» and of a self-enrollment that was begun, for the walkers of pages and forms."""

from models import EnrollmentDraft, Person, TargetGroup
from services import submissions, tracking
from services.access import Visitor
from services.enrollment import resuming
from tests import attachments, make


def asked(world) -> str:
    return tracking.ask(submissions.new_key(), world.enrollment.tracking_code, "10.0.0.1")


def proven(world) -> tuple[str, dict[str, object], dict[str, str]]:
    key = asked(world)
    return f"/track/{key}", {"key": key}, {"code": tracking._code(key)}


def seen(client, token, world) -> str:
    """The page of the enrollments, opened by a browser that has typed the code."""
    url, _, typed = proven(world)
    assert client.post(url, data={**typed, "csrf_token": token(client, url)}).status_code == 303
    return url


def begun(world) -> EnrollmentDraft:
    """What the trainee has begun for the course of the world."""
    return resuming.begin(as_visitor(world.trainee), world.course.id)


def as_visitor(person: Person) -> Visitor:
    return Visitor(person.id, person.national_code, None, person.first_name, person.last_name, person.mobile)


def dropped(world) -> tuple[str, dict[str, object]]:
    return "/trainee", {"key": begun(world).key}


def grouped(world):
    group = make.first(TargetGroup, code="aid") or make.save(
        TargetGroup(code="aid", title="مددجویان", needs_evidence=True)
    )
    typed = {"target_group": str(group.id), "evidence": "کارت ۱۲۳"}
    place = f"/trainee/enroll/{world.course.code}/group"
    return place, {"code": world.course.code}, typed, "", make.person(), (("file", "کارت.jpg", attachments.jpeg()),)
