"""Attacks by many at once on seats, purses and rules, each with a control that shows the attack is real."""

import uuid

import pytest
from sqlalchemy import func, select, text, update

from models import Account, Channel, Course, DebitSource, Enrollment, EnrollmentStatus, LedgerTransfer, db
from services import enrollment, ledger
from services.enrollment import Application, commit
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


def test_sixteen_undos_of_one_enrollment_give_the_money_and_the_seat_back_once(app):
    course, person = make.course(), make.person()
    purse = make.purse(person, 50_000)
    made = enrollment.enroll(application(course.id, person.id, ledger.owner_of(person)))
    seen = storm(app, lambda _: enrollment.withdraw(person, made.enrollment_id).status.value, range(CROWD))
    assert seen == {"canceled": CROWD}
    db.session.refresh(purse)
    db.session.refresh(course)
    assert (purse.balance, course.taken) == (50_000, 0)


def naive(form: Application) -> str:
    """Enrolling as it is ordinarily written: read, decide, write. The guards of the real one are left out."""
    row = db.session.execute(select(Course.taken, Course.capacity_max).where(Course.id == form.course_id)).one()
    db.session.commit()
    if row.taken >= row.capacity_max:
        return "full"
    with atomic():
        course = db.session.get(Course, form.course_id)
        commit._insert(form, commit.Terms(course, 0, None, 1))
        db.session.execute(update(Course).where(Course.id == form.course_id).values(taken=row.taken + 1))
    return "enrolled"


def test_control_without_the_conditional_update_the_last_seat_is_sold_many_times(app):
    course = make.course(capacity_max=1)
    forms = [application(course.id, person, owner) for person, owner in people()]
    seen = storm(app, naive, forms)
    assert seen["enrolled"] > 1, "the attack no longer works, so the test above proves nothing"
    assert not invariants_hold()


def test_control_without_the_check_a_purse_goes_below_zero(app, without_check):
    without_check("account", "balance_not_negative")
    purse = make.purse(balance=5 * 50_000)
    income = make.purse().id

    def spend(n: int) -> str:
        with atomic():
            cause = ledger.Cause(f"control:{n}", "debit")
            ledger.transfer(purse.id, income, 50_000, cause)
        return "spent"

    assert storm(app, spend, range(CROWD)) == {"spent": CROWD}
    db.session.refresh(purse)
    assert purse.balance < 0
