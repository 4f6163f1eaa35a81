"""The nightly look at the books: right ones pass, and whatever does not add up is found and written down."""

import uuid

import pytest
from sqlalchemy import select, update

from models import (
    Account,
    AuditEvent,
    Channel,
    Course,
    DebitSource,
    Enrollment,
    LedgerTransfer,
    OwnerKind,
    Payment,
    PaymentLine,
    Tariff,
    TransferKind,
    db,
)
from services import books, enrollment, ledger
from services.enrollment import Application
from services.payments import starting
from services.transaction import atomic
from tests import make, owed
from tests.broken import behind_the_guards
from tests.fakes import Bank, banking


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


@pytest.mark.once
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
    db.session.execute(update(Course).where(Course.id == course.id).values(taken=2))
    held = make.course(held=1)  # and nobody has an offer for it
    db.session.execute(update(Account).where(Account.id == purse.id).values(balance=1))
    db.session.commit()
    found = books.check()
    assert (found.courses, found.accounts) == ([course.id, held.id], [purse.id])
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "books_checked")).one()
    rest = dict.fromkeys(("enrollments", "debits", "payments", "lines", "top_ups", "undone"), [])
    rials = {"gateway": -70_000, "held": 1}  # what left the system's purses and what is left are not the same
    assert event.detail == rest | {"count": 3, "courses": [course.id, held.id], "accounts": [purse.id], "rials": rials}
    assert books.last_count() == 3


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


# -- Every verified rial is credited once, and what undoes names the first ---------


COPIED = "from_account_id, to_account_id, amount, kind, payment_line_id, at"


def paid() -> Payment:
    """A payment for two purses that a bank has verified."""
    lines = [starting.Line(OwnerKind.NATIONAL, make.national_code(83_000_000 + n), 500_000) for n in range(2)]
    bank = Bank()
    with banking(bank):
        starting.start(starting.Order(lines, str(uuid.uuid4())))
        payment = make.first(Payment)
        bank.pay(payment.order_number)
        owed.again()
    db.session.refresh(payment)
    return payment


def returned() -> int:
    """The refund of an enrollment that was withdrawn."""
    made, _ = enrolled()
    row = db.session.get_one(Enrollment, made)
    enrollment.withdraw(row.person, made)
    return db.session.scalars(select(LedgerTransfer.id).where(LedgerTransfer.kind == "refund")).one()


@pytest.mark.parametrize(("broken", "found"), [
    ("DELETE FROM ledger_transfer WHERE payment_line_id = :line", ["lines"]),
    ("UPDATE ledger_transfer SET amount = 499999 WHERE payment_line_id = :line", ["lines"]),
    ("UPDATE ledger_transfer SET to_account_id = :other WHERE payment_line_id = :line", ["lines"]),
    ("UPDATE ledger_transfer SET kind = 'move' WHERE payment_line_id = :line", ["lines", "top_ups", "undone"]),
    ("UPDATE ledger_transfer SET payment_line_id = NULL WHERE payment_line_id = :line", ["lines", "top_ups"]),
    ("UPDATE ledger_transfer SET cause_key = 'payment:0' WHERE payment_line_id = :line", ["top_ups"]),
    ("UPDATE ledger_transfer SET from_account_id = :other WHERE payment_line_id = :line", ["top_ups"]),
    (f"INSERT INTO ledger_transfer ({COPIED}, cause_key) SELECT {COPIED}, 'again' FROM ledger_transfer "
     "WHERE payment_line_id = :line", ["lines", "top_ups"]),
    ("UPDATE payment_line SET amount = 1 WHERE id = :line", ["payments", "lines"]),
], ids=["not credited", "another amount", "another purse", "another kind", "no payment", "another cause", "no gateway",
        "twice", "another sum"])  # fmt: skip
def test_a_payment_that_is_not_credited_once_by_its_own_is_found(broken, found):
    line = paid().lines[0].id
    values = {"line": line, "other": make.purse().id}
    assert books.check().count == 0
    behind_the_guards(broken, **{name: value for name, value in values.items() if f":{name}" in broken})
    seen = books.check()
    parts = ("payments", "lines", "top_ups", "undone", "enrollments", "debits", "courses")
    assert [name for name in parts if getattr(seen, name)] == found


def test_a_credit_for_a_payment_that_is_not_verified_is_found():
    with banking(Bank()):
        line = starting.Line(OwnerKind.NATIONAL, make.national_code(83_000_009), 500_000)
        starting.start(starting.Order([line], "form"))
    line = make.first(PaymentLine)
    cause = ledger.Cause(f"payment:{line.id}", TransferKind.TOP_UP, payment_line_id=line.id)
    with atomic():
        gateway = ledger.account_id(OwnerKind.SYSTEM, ledger.GATEWAY)
        ledger.transfer(gateway, ledger.account_id(line.owner_kind, line.owner_code), line.amount, cause)
    assert (books.check().lines, books.last_count()) == ([line.id], 1)


@pytest.mark.parametrize("broken", [
    "UPDATE ledger_transfer SET opposes_id = NULL WHERE id = :refund",
    "UPDATE ledger_transfer SET to_account_id = :other WHERE id = :refund",
    "UPDATE ledger_transfer SET amount = 50001 WHERE id = :refund",
], ids=["names nothing", "to somebody else", "more than there was"])  # fmt: skip
def test_what_undoes_goes_back_where_the_first_came_from_and_no_further(broken):
    refund, other = returned(), make.purse().id
    assert books.differences().count == 0
    behind_the_guards(broken, refund=refund, **({"other": other} if ":other" in broken else {}))
    assert len(books.differences().undone) == 1


def test_money_moved_and_moved_back_each_naming_the_one_before_is_right():
    line, other = paid().lines[0], make.purse().id
    first = db.session.scalars(select(LedgerTransfer).where(LedgerTransfer.payment_line_id == line.id)).one()
    mine, whole = first.to_account_id, first.amount
    with atomic():
        ledger.transfer(mine, other, whole, ledger.Cause("case:1", TransferKind.MOVE, opposes_id=first.id))
        moved = ledger.transfer_of("case:1")
        ledger.transfer(other, mine, whole, ledger.Cause("case:2", TransferKind.CORRECTION, opposes_id=moved))
    assert books.differences().count == 0
