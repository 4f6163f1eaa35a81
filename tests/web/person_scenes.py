"""Somebody enrolled as the walkers of forms see them: another mobile, who answers for a child."""

from datetime import timedelta

from models import Enrollment
from services import policy
from tests import attachments, make
from tests.web import pages

PAPER = ("file", "مدرک.jpg", attachments.jpeg((600, 900)))


def child(world) -> Enrollment:
    """A child in the walkers' course."""
    born = policy.today() - timedelta(days=4000)
    return pages.enroll(world.course, make.person(birth_date=born, mobile="09113700055", mobile_status="matched"))


def on_page(page: str, typed, files: tuple = ()):
    def scene(world) -> tuple:
        made = child(world)
        return f"/center/enrollments/{made.id}/{page}", {"enrollment_id": made.id}, typed(), "", None, files

    return scene


def own_guardian(world) -> tuple:
    world.trainee.birth_date = policy.today() - timedelta(days=4000)
    make.save(world.trainee)
    return "/trainee/guardian", {}, guardian()


def guardian() -> dict[str, str]:
    return {"guardian_code": make.national_code(), "guardian_relation": "mother", "guardian_mobile": "۰۹۱۱۳۷۰۰۰۵۶"}


def mobile() -> dict[str, str]:
    return {"mobile": "۰۹۱۱۳۷۰۰۰۵۷", "reason": "سیم‌کارت پیشین واگذار شده است", "evidence": "کارت ملی ۱۲۳"}


SCENES = {
    "center.person_mobile_save": on_page("mobile", mobile),
    "center.person_mobile_save paper": on_page("mobile", lambda: mobile() | {"evidence": ""}, (PAPER,)),
    "center.person_guardian_save": on_page("guardian", guardian),
    "trainee.guardian_save": own_guardian,
    "center.person_address_save": lambda world: (
        f"/center/enrollments/{world.enrollment.id}/person",
        {"enrollment_id": world.enrollment.id},
        {"postal_code": "۴۹۱۶۷۳۵۷۴۱"},
    ),
    "trainee.address_save": lambda world: ("/trainee/me", {}, {"postal_code": "۴۹۱۶۷۳۵۷۴۱"}),
}
