"""Rules set aside for single people as the walkers of pages and forms see them."""

from models import AuditEvent, EligibilityWaiver, utcnow
from tests import make


def standing(world) -> EligibilityWaiver:
    """A rule that a reviewer of the province has set aside in a course of the center; the same each time."""
    found = make.first(EligibilityWaiver, granted_by_id=world.staff["province"].id)
    return found or given(world, "province")


def given(world, level: str) -> EligibilityWaiver:
    who = {"course_id": world.course.id, "person_id": make.person().id, "granted_by_id": world.staff[level].id}
    row = make.save(EligibilityWaiver(rule="age", reason="رأی شورا", created_at=utcnow(), **who))
    mark = {"subject": "eligibility_waiver", "subject_id": row.id, "actor_id": row.granted_by_id}
    make.save(AuditEvent(action="rule_waived", detail={"level": level}, **mark))
    return row


# -- Forms -------------------------------------------------------------------------


def granted(level: str):
    """A rule set aside for somebody whom it refuses."""

    def scene(world):
        # Not the rule of ages: the walk of forms changes what follows from that one.
        person, course = make.person(schooling="primary"), make.course(unit_=world.unit, min_education="دیپلم")
        typed = {"national_code": person.national_code, "course": course.code, "rule": "education"}
        typed |= {"reason": "رأی شورا"}
        return f"/{level}/waivers", {}, typed

    return scene


def taken_back(level: str):
    def scene(world):
        row = given(world, level)
        return f"/{level}/waivers/{row.id}/back", {"waiver_id": row.id}, {"reason": "اشتباه بود"}

    return scene


SCENES = {
    f"{level}.waiver_{act}": scene
    for level in ("center", "province")
    for act, scene in (("add", granted(level)), ("back", taken_back(level)))
}
