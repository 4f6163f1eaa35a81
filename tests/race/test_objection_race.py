"""Many at once at one objection to a debit: one answer stands, and the money goes back once."""

from collections import Counter
from dataclasses import dataclass

import pytest
from sqlalchemy import update

from models import DebitObjection, Enrollment, LedgerTransfer, ObjectionState, Role, TransferKind, db, utcnow
from services import enrollment
from services.access import Actor, Visitor
from services.errors import Conflict
from services.purses import objecting, objections
from tests import change_cases, course_cases, make
from tests.race.crowd import storm
from tests.services.test_objections import debited

CROWD = 8


@dataclass(frozen=True)
class Debit:
    """A trainee who objects to a debit, and the managers who may answer."""

    person: Visitor
    enrollment_id: int
    objection_id: int
    managers: list[Actor]

    def answer(self, who: Actor, accepts: bool) -> str:
        return objections.answer(who, self.objection_id, accepts=accepts, words="بررسی شد").what.value


@pytest.fixture
def debit() -> Debit:
    make.tariff(50_000)
    unit = make.unit(title="مرکز گرگان")
    person, _, transfer = debited(course_cases.staff(Role.CLERK, unit))
    objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    managers = [course_cases.staff(Role.MANAGER, unit) for _ in range(CROWD)]
    return Debit(person, make.first(Enrollment).id, make.first(DebitObjection).id, managers)


def refunds() -> int:
    db.session.rollback()
    return db.session.query(LedgerTransfer).filter_by(kind=TransferKind.REFUND).count()


def everybody_answers(app, debit: Debit) -> tuple[Counter[str], list[str]]:
    """Half of the managers accept and half decline, at once; and what those read who were late."""
    read: list[str] = []

    def answer(turn: tuple[int, Actor]) -> str:
        try:
            return debit.answer(turn[1], accepts=turn[0] % 2 == 0)
        except Conflict as late:
            read.append(str(late))
            raise

    return storm(app, answer, list(enumerate(debit.managers))), read


def test_of_many_answers_at_once_one_stands_and_the_others_read_whose(app, debit):
    seen, read = everybody_answers(app, debit)
    row = db.session.get(DebitObjection, debit.objection_id, populate_existing=True)
    assert seen == {row.state.value: 1, "Conflict": CROWD - 1}
    [judge] = [who.name for who in debit.managers if who.user_id == row.answered_by_id]
    assert all(judge in each for each in read)
    assert refunds() == (row.state is ObjectionState.ACCEPTED)
    assert change_cases.is_active(debit.enrollment_id) is (row.state is ObjectionState.DECLINED)
    assert change_cases.odd() == []


def test_what_is_accepted_while_the_trainee_withdraws_goes_back_once(app, debit):
    def act(turn: str) -> str:
        if turn == "withdraw":
            return enrollment.withdraw(debit.person, debit.enrollment_id).status.value
        return debit.answer(debit.managers[0], accepts=True)

    seen = storm(app, act, ["withdraw", "answer"] * (CROWD // 2))
    assert seen == {"canceled": CROWD // 2, "accepted": CROWD // 2}
    assert (refunds(), change_cases.balance_of(debit.enrollment_id)) == (1, 50_000)
    assert change_cases.odd() == []


def test_of_two_objections_to_one_debit_at_once_one_is_written(app, debit):
    person, _, transfer = debited(course_cases.staff(Role.CLERK, make.first(make.Unit, title="مرکز گرگان")))
    texts = ["من ثبت‌نام نکرده‌ام", "مبلغ درست نیست"] * (CROWD // 2)
    seen = storm(app, lambda said: str(objecting.raise_(person, transfer, said)), texts)
    assert seen == {"True": 1, "False": CROWD // 2 - 1, "Conflict": CROWD // 2}


def test_control_without_its_condition_every_answer_stands_and_only_the_enrollment_keeps_the_money(
    app, debit, monkeypatch
):
    def settle(_actor: Actor, objection_id: int, state: ObjectionState, said: str) -> bool:
        answered = {"state": state, "answer": said, "answered_by_id": debit.managers[0].user_id}
        answered |= {"answered_at": utcnow()}
        db.session.execute(update(DebitObjection).where(DebitObjection.id == objection_id).values(answered))
        return True

    monkeypatch.setattr(objections, "_settle", settle)
    seen, _ = everybody_answers(app, debit)
    assert seen == {"accepted": CROWD // 2, "declined": CROWD // 2}
    assert refunds() == 1
