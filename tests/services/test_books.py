"""The nightly look at the books: right ones pass, and whatever does not add up is found and written down."""

import uuid

import pytest
from sqlalchemy import select, update

from models import Account, AuditEvent, Channel, Course, DebitSource, LedgerTransfer, Tariff, TransferKind, db
from services import books, enrollment, ledger
from services.enrollment import Application
from services.transaction import atomic
from tests import make
from tests.broken import behind_the_guards


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def enrolled(money: int = 50_000) -> tuple[int, int]:
    """A person who has paid for a course by the ordinary way; ids of the enrollment and of the purse."""
    course, person = make.course(), make.person()
    purse = make.purse(person, money)
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    form = Application(form_key=str(uuid.uuid4()), course_id=course.id, person_id=person.id, **values)
    return enrollment.enroll(form).enrollment_id, purse.id


def debit_of(enrollment_id: int) -> int:
    found = select(LedgerTransfer.id).where(LedgerTransfer.kind == "debit")
    return db.session.scalars(found.where(LedgerTransfer.enrollment_id == enrollment_id)).one()


def test_right_books_have_no_difference():
    enrolled()
    person = make.person()
    make.purse(person, 70_000)
    course = make.course()
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    form = Application(form_key="k", course_id=course.id, person_id=person.id, **values)
    enrollment.withdraw(person, enrollment.enroll(form).enrollment_id)
    make.first(Tariff).amount_rials = 0
    db.session.commit()
    enrolled(0)
    assert books.check().count == 0
    assert books.last_count() == 0


def test_a_wrong_seat_and_a_wrong_balance_are_found_and_written_down():
    course, purse = make.course(), make.purse(balance=70_000)
    db.session.execute(update(Course).values(taken=2))
    db.session.execute(update(Account).where(Account.id == purse.id).values(balance=1))
    db.session.commit()
    found = books.check()
    assert (found.courses, found.accounts) == ([course.id], [purse.id])
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "books_checked")).one()
    whole = {"count": 2, "courses": [course.id], "accounts": [purse.id], "enrollments": [], "debits": []}
    assert event.detail == whole
    assert books.last_count() == 2


# -- Every charged enrollment has one debit, every debit its cause -----------------


@pytest.mark.parametrize("broken", [
    "UPDATE ledger_transfer SET kind = 'move' WHERE id = :debit",
    "DELETE FROM ledger_transfer WHERE id = :debit",
    "UPDATE ledger_transfer SET amount = 49999 WHERE id = :debit",
    "UPDATE ledger_transfer SET from_account_id = :other WHERE id = :debit",
    "UPDATE enrollment SET fee_rials = 0, debit_source = 'none' WHERE id = :enrollment",
], ids=["another kind", "no debit", "another amount", "another purse", "free and yet debited"])  # fmt: skip
def test_an_enrollment_whose_debit_is_not_its_own_is_found(broken):
    enrolled()
    wrong, _ = enrolled()
    values = {"debit": debit_of(wrong), "other": make.purse().id, "enrollment": wrong}
    used = {name: value for name, value in values.items() if f":{name}" in broken}
    behind_the_guards(broken, **used)
    found = books.check()
    assert found.enrollments == [wrong]
    assert found.count == books.last_count() >= 1


def test_an_enrollment_debited_twice_is_found():
    enrolled()
    wrong, purse = enrolled(100_000)
    cause = ledger.Cause("test:again", TransferKind.DEBIT, wrong)
    with atomic():
        ledger.earn(purse, 50_000, cause)
    found = books.check()
    assert (found.enrollments, found.debits, found.accounts, found.count) == ([wrong], [], [], 1)


def test_a_debit_that_has_lost_its_enrollment_is_found_on_both_sides():
    made, _ = enrolled()
    debit = debit_of(made)
    behind_the_guards("UPDATE ledger_transfer SET enrollment_id = NULL WHERE id = :debit", debit=debit)
    found = books.check()
    assert (found.enrollments, found.debits, found.count) == ([made], [debit], 2)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "books_checked")).one()
    assert (event.detail["count"], event.detail["debits"]) == (2, [debit])
