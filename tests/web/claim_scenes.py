"""Groups that people have named when they enrolled themselves, as the walkers of pages and forms see them."""

from models import Enrollment, EnrollmentEvent, TargetGroup, utcnow
from tests import make
from tests.web import pages


def group() -> TargetGroup:
    found = make.first(TargetGroup, code="claimed")
    return found or make.save(TargetGroup(code="claimed", title="معلولان", is_fee_exempt=True))


def claimed(world, person=None) -> Enrollment:
    """Somebody in the course of the center who said that they pay nothing."""
    row = pages.enroll(world.course if person is None else make.course(unit_=world.unit), person or make.person())
    row.target_group_id, row.group_evidence = group().id, "کارت ۱۲"
    return make.save(row)


def standing(world) -> Enrollment:
    """The claim that the center looks at; the same one each time."""
    return make.first(Enrollment, target_group_id=group().id, course_id=world.course.id) or claimed(world)


def owed(world, person=None) -> Enrollment:
    """One of the trainee's own, whose fee is still to be paid; the same one each time."""
    person = person or world.trainee
    found = make.first(Enrollment, target_group_id=group().id, person_id=person.id)
    if found is None:
        found = claimed(world, person)
        word = {"action": "group_fee_owed", "reason": "کارت از آنِ شخص دیگری است", "at": utcnow()}
        make.save(EnrollmentEvent(enrollment_id=found.id, **word))
    return found


# -- Forms -------------------------------------------------------------------------


def decided(button: str, **typed):
    def scene(world):
        row = claimed(world)
        return f"/center/claims/{row.id}", {"enrollment_id": row.id}, typed, button

    return scene


def paid(money: int):
    def scene(world):
        person = make.person()
        if money:
            make.purse(person, money)
        row = owed(world, person)
        return f"/trainee/enrollments/{row.id}/fee", {"enrollment_id": row.id}, {}, "", person

    return scene


SCENES = {
    "center.claim_decide accept": decided("do=accept"),
    "center.claim_decide reject": decided("do=reject", reason="کارت از آنِ شخص دیگری است"),
    "trainee.claim_pay": paid(500_000),
    "trainee.claim_pay top up": paid(0),
}
OWN = {
    "center.claim_review": {"enrollment_id": lambda world: standing(world).id},
    "trainee.claim_fee": {"enrollment_id": lambda world: owed(world).id},
}
