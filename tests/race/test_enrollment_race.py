"""Attacks by many at once on seats, purses and rules, each with a control that shows the attack is real."""

import contextlib
import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, func, select, text, update

from models import (
    Account,
    Channel,
    Course,
    DebitSource,
    Enrollment,
    EnrollmentStatus,
    LedgerTransfer,
    TransferKind,
    db,
    utcnow,
)
from services import enrollment, ledger
from services.enrollment import Application, at_once, commit, eligibility, reversal
from services.transaction import atomic
from tests import make
from tests.race.crowd import storm

CROWD = 16


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def application(course_id: int, person_id: int, owner, key: str | None = None) -> Application:
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": owner}
    return Application(form_key=key or str(uuid.uuid4()), course_id=course_id, person_id=person_id, **values)


def people(money: int = 50_000) -> list[tuple[int, tuple]]:
    made = []
    for _ in range(CROWD):
        person = make.person()
        make.purse(person, money)
        made.append((person.id, ledger.owner_of(person)))
    return made


def enroll(form: Application) -> str:
    return "repeated" if enrollment.enroll(form).repeated else "enrolled"


def invariants_hold() -> bool:
    """I1-I3 over the whole database: seats, purses, and one debit for each charged enrollment."""
    db.session.expire_all()
    active = select(Enrollment.course_id, func.count().label("n")).where(Enrollment.status == EnrollmentStatus.ACTIVE)
    counted = dict(db.session.execute(active.group_by(Enrollment.course_id)).all())
    seats = all(c.taken == counted.get(c.id, 0) <= c.capacity_max for c in db.session.scalars(select(Course)))
    sums = dict(db.session.execute(text("SELECT account_id, SUM(amount) FROM ledger_entry GROUP BY account_id")).all())
    purses = db.session.scalars(select(Account).where(Account.owner_kind != "system"))
    balances = all(p.balance == sums.get(p.id, 0) >= 0 for p in purses)
    charged = db.session.scalar(select(func.count()).where(Enrollment.fee_rials > 0))
    debits = db.session.scalar(select(func.count()).where(LedgerTransfer.kind == "debit"))
    return seats and balances and charged == debits


def test_of_sixteen_who_go_for_the_last_seat_one_gets_it(app):
    course = make.course(capacity_max=1)
    forms = [application(course.id, person, owner) for person, owner in people()]
    seen = storm(app, enroll, forms)
    assert seen == {"enrolled": 1, "CourseFull": CROWD - 1}
    assert invariants_hold()


def test_of_sixteen_debits_on_a_purse_that_holds_five_five_pass(app):
    payer = make.person()
    make.purse(payer, 5 * 50_000)
    course, owner = make.course(capacity_max=100), ledger.owner_of(payer)
    seen = storm(app, enroll, [application(course.id, person, owner) for person, _ in people(0)])
    assert seen == {"enrolled": 5, "Shortage": CROWD - 5}
    assert invariants_hold()


def test_the_same_form_sent_sixteen_times_at_once_has_one_effect(app):
    course = make.course()
    person, owner = people()[0]
    seen = storm(app, enroll, [application(course.id, person, owner, key="f" * 36)] * CROWD)
    assert seen == {"enrolled": 1, "repeated": CROWD - 1}
    assert invariants_hold()


def test_one_person_by_sixteen_forms_is_enrolled_once(app):
    course = make.course()
    person = make.person()
    make.purse(person, CROWD * 50_000)
    owner = ledger.owner_of(person)
    seen = storm(app, enroll, [application(course.id, person.id, owner) for _ in range(CROWD)])
    assert seen == {"enrolled": 1, "AlreadyEnrolled": CROWD - 1}
    assert invariants_hold()


def test_one_person_going_for_sixteen_courses_gets_one_under_one_active_course(app):
    person = make.person()
    make.purse(person, CROWD * 50_000)
    owner = ledger.owner_of(person)
    ids = [make.course().id for _ in range(CROWD)]
    seen = storm(app, enroll, [application(each, person.id, owner) for each in ids])
    assert seen == {"enrolled": 1, "NotEligible": CROWD - 1}
    assert invariants_hold()


def test_a_form_that_comes_again_after_its_enrollment_was_taken_back_charges_nothing(app):
    assert charged_by_two_presses("f" * 36, "f" * 36) == 1


def charged_by_two_presses(*keys: str) -> int:
    """The debits of one person's two presses for one course, with the enrollment taken back in between."""
    course, person = make.course(), make.person()
    make.purse(person, 100_000)
    first, second = (application(course.id, person.id, ledger.owner_of(person), key=key) for key in keys)
    enrollment.withdraw(person, enrollment.enroll(first).enrollment_id)
    enroll(second)
    return moved(TransferKind.DEBIT)


def moved(kind: TransferKind) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(LedgerTransfer.kind == kind))


def test_sixteen_debits_of_one_enrollment_at_once_move_nothing_more(app):
    made, purse = charged()
    assert storm(app, charge_again(made, purse, lambda key: key), range(CROWD)) == {"False": CROWD}
    assert invariants_hold()


def charged() -> tuple[int, int]:
    """An enrollment that has been paid, and the purse, in which there is enough for sixteen more."""
    course, person = make.course(), make.person()
    purse = make.purse(person, (CROWD + 1) * 50_000)
    return enrollment.enroll(application(course.id, person.id, ledger.owner_of(person))).enrollment_id, purse.id


def charge_again(enrollment_id: int, purse: int, new_key: Callable[[str], str]) -> Callable[[int], bool]:
    def charge(_: int) -> bool:
        with atomic():
            cause = ledger.Cause(new_key(f"enrollment:{enrollment_id}:debit"), TransferKind.DEBIT, enrollment_id)
            return ledger.earn(purse, 50_000, cause)

    return charge


def test_sixteen_undos_of_one_enrollment_give_the_money_and_the_seat_back_once(app):
    course, person = make.course(), make.person()
    purse = make.purse(person, 50_000)
    made = enrollment.enroll(application(course.id, person.id, ledger.owner_of(person)))
    seen = storm(app, lambda _: enrollment.withdraw(person, made.enrollment_id).status.value, range(CROWD))
    assert seen == {"canceled": CROWD}
    db.session.refresh(purse)
    db.session.refresh(course)
    assert (purse.balance, course.taken, moved(TransferKind.REFUND)) == (50_000, 0, 1)


# -- Controls: each attack again, with its guard taken away ------------------------


def naive() -> Callable[[Application], str]:
    """Enrolling as it is ordinarily written: read, decide, write. The guards of the real one are left out."""
    all_have_read = threading.Barrier(CROWD)

    def enroll_naively(form: Application) -> str:
        row = db.session.execute(select(Course.taken, Course.capacity_max).where(Course.id == form.course_id)).one()
        db.session.commit()
        all_have_read.wait(60)
        if row.taken >= row.capacity_max:
            return "full"
        with atomic():
            course = db.session.get(Course, form.course_id)
            commit._insert(form, commit.Terms(course, 0, None, 1))
            db.session.execute(update(Course).where(Course.id == form.course_id).values(taken=row.taken + 1))
        return "enrolled"

    return enroll_naively


def test_control_without_the_conditional_update_the_last_seat_is_sold_many_times(app):
    course = make.course(capacity_max=1)
    forms = [application(course.id, person, owner) for person, owner in people()]
    seen = storm(app, naive(), forms)
    assert seen["enrolled"] > 1, "the attack no longer works, so the test above proves nothing"
    assert not invariants_hold()


def test_control_without_the_check_a_purse_goes_below_zero(app, without_check):
    without_check("account", "balance_not_negative")
    purse = make.purse(balance=5 * 50_000)
    income = make.purse().id

    def spend(n: int) -> str:
        with atomic():
            cause = ledger.Cause(f"control:{n}", "move")
            ledger.transfer(purse.id, income, 50_000, cause)
        return "spent"

    assert storm(app, spend, range(CROWD)) == {"spent": CROWD}
    db.session.refresh(purse)
    assert purse.balance < 0


def test_control_without_the_unique_index_one_person_is_in_a_course_many_times(app, without_index):
    without_index(Enrollment, "uq_enrollment_active")
    course, person = make.course(capacity_max=CROWD), make.person()
    make.purse(person, CROWD * 50_000)
    seen = storm(app, enroll, [application(course.id, person.id, ledger.owner_of(person)) for _ in range(CROWD)])
    assert seen["enrolled"] > 1


def test_control_without_the_persons_lock_one_person_is_in_many_courses(app, monkeypatch):
    person = make.person()
    make.purse(person, CROWD * 50_000)
    forms = [application(make.course().id, person.id, ledger.owner_of(person)) for _ in range(CROWD)]
    # SQLite knows no lock of a row, only its one writer's turn: there the look comes before the turn.
    take_away = unlocked if db.engine.dialect.name == "postgresql" else looking_early
    assert storm(app, take_away(monkeypatch), forms)["enrolled"] > 1


def unlocked(monkeypatch) -> Callable[[Application], str]:
    """The person is read without FOR UPDATE; two of those who look at the rules do it before either goes on."""
    columns = list(commit._locked().selected_columns)
    where = columns[0].table.c.id == bindparam("person")
    monkeypatch.setattr(at_once, "enroll", lambda _: None)  # its own lock has its control beside it
    monkeypatch.setattr(commit, "_locked", lambda: select(*columns).where(where))
    look, two = eligibility.answer, threading.Barrier(2)

    def look_together(*asked, **more):
        found = look(*asked, **more)
        with contextlib.suppress(threading.BrokenBarrierError):
            two.wait(20)
        return found

    monkeypatch.setattr(eligibility, "answer", look_together)
    return enroll


def looking_early(monkeypatch) -> Callable[[Application], str]:
    """The rules are looked at before the transaction that writes, and all look before anybody goes on."""
    look, all_have_looked = eligibility.answer, threading.Barrier(CROWD)
    monkeypatch.setattr(eligibility, "answer", lambda *_, **__: [])

    def hasty(form: Application) -> str:
        person = db.session.execute(commit._locked(), {"person": form.person_id}).one()
        asked = eligibility.asked(form.course_id)
        found = look(person, asked.course, asked.values, said=form.said, words=commit.wording.of(form.channel))
        reasons = eligibility.against(found)
        db.session.commit()
        all_have_looked.wait(60)
        return "refused" if reasons else enroll(form)

    return hasty


def test_control_with_a_key_of_its_own_each_press_is_charged(app):
    assert charged_by_two_presses("e" * 36, "f" * 36) == 2


def test_control_with_a_new_cause_each_time_one_enrollment_is_charged_again_and_again(app):
    made, purse = charged()
    assert storm(app, charge_again(made, purse, other), range(CROWD)) == {"True": CROWD}
    assert not invariants_hold()


def other(key: str) -> str:
    """A key as it is ordinarily made: a new one at every call."""
    return str(uuid.uuid4())


def test_control_without_condition_and_cause_the_money_of_one_enrollment_comes_back_many_times(app, monkeypatch):
    made, _ = charged()
    cause, all_have_read = ledger.Cause, threading.Barrier(CROWD)
    monkeypatch.setattr(ledger, "Cause", lambda key, *rest, **more: cause(other(key), *rest, **more))

    def take_back(_: int) -> str:
        found = reversal._read(made)
        db.session.commit()
        all_have_read.wait(60)
        with atomic():
            if found.status is EnrollmentStatus.ACTIVE:
                gone = {"status": EnrollmentStatus.CANCELED, "canceled_at": utcnow()}
                db.session.execute(update(Enrollment).where(Enrollment.id == made).values(gone))
                reversal._give_back(found, None)
        return "canceled"

    assert storm(app, take_back, range(CROWD)) == {"canceled": CROWD}
    assert moved(TransferKind.REFUND) > 1
