"""Purses for the page walker: of a member of staff and of a trainee, with all that can have happened to them."""

import uuid

from models import DebitObjection, Enrollment, LedgerTransfer, Person
from services import codes
from services.purses import cards
from tests import make


def standing(world, owner: Person) -> LedgerTransfer:
    """A top-up of somebody's purse."""
    held = make.purse(owner, 90_000)
    return make.db.session.query(LedgerTransfer).filter_by(to_account_id=held.id).order_by(-LedgerTransfer.id).first()


def card(world, who: str) -> str:
    return cards.serial(standing(world, owner(world, who)).id)


def owner(world, who: str) -> Person:
    return world.trainee if who == "trainee" else make.first(Person, id=world.staff[who].person_id)


def debit(world, source: str = "trainee", person: Person | None = None) -> LedgerTransfer:
    """An enrollment that a clerk made, and what it took from the trainee's purse or the clerk's own."""
    by, person = make.user(unit_=world.unit), person or world.trainee
    course = make.course(unit_=world.unit, taken=1, entered_by_id=world.staff["center"].id)
    purse = make.purse(person if source == "trainee" else owner(world, "center"), 50_000)
    place = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    keys = {"form_key": str(uuid.uuid4()), "form_hash": "0" * 64, "tracking_code": codes.tracking_code()}
    paid = {"debit_source": source, "fee_rials": 50_000, "payer_account_id": purse.id, "created_by_id": by.id}
    made = make.save(Enrollment(person_id=person.id, channel="clerk", **paid, **place, **keys))
    income = make.first(make.Account, owner_kind="system", owner_code="income")
    ends = {"from_account_id": purse.id, "to_account_id": income.id, "enrollment_id": made.id, "actor_id": by.id}
    return make.save(LedgerTransfer(kind="debit", amount=50_000, cause_key=f"test:{made.form_key}", **ends))


def objection(world) -> DebitObjection:
    """One that waits for an answer."""
    values = {"unit_id": world.unit.id, "person_id": world.trainee.id, "text": "من در این دوره ثبت‌نام نکرده‌ام."}
    return make.save(DebitObjection(transfer_id=debit(world).id, **values))


def begun(world) -> None:
    """The purse of the center's user, before anything has moved in it."""
    make.purse(owner(world, "center"))


def grown(world, n: int) -> None:
    for who in ("center", "trainee"):
        standing(world, owner(world, who))
    objection(world)
    debit(world, "portal_user", make.person())


def objected(world):
    row = debit(world)
    typed = {"text": "من در این دوره ثبت‌نام نکرده‌ام"}
    return f"/trainee/credit/debits/{row.id}/objection", {"debit_id": row.id}, typed


def answered(level: str, decision: str):
    def scene(world):
        row = objection(world)
        typed = {"decision": decision, "answer": "برگهٔ امضاشدهٔ کارآموز نزد مرکز است"}
        return f"/{level}/credit/objections/{row.id}", {"objection_id": row.id}, typed

    return scene


SCENES = {
    "trainee.objection_send": objected,
    "center.objection_answer accept": answered("center", "accept"),
    "province.objection_answer decline": answered("province", "decline"),
}
