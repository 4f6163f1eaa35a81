"""The payer's return, the job and a second return at once: a payment is credited once, and so is a form paid once."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from models import LedgerTransfer, OwnerKind, Payment, PaymentState, db
from services import books, ledger, outbox
from services.payments import rechecking, returning, settling, starting
from services.payments.starting import Line, Order
from tests import make, owed
from tests.fakes import Bank, banking
from tests.race.crowd import storm

CODES = [make.national_code(84_000_000 + n) for n in range(6)]


@pytest.fixture
def bank():
    with banking(found := Bank()):
        yield found


def begun(bank: Bank, key: str, *codes: str) -> dict[str, str]:
    """A visit that was paid, and what the browser brings back from it."""
    starting.start(Order([Line(OwnerKind.NATIONAL, code, 500_000) for code in codes or CODES[:1]], key))
    number = list(bank.visits)[-1]
    bank.pay(number)
    return bank.fields(number)


def act(what) -> str:
    return str(what())


def credits() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(LedgerTransfer)) or 0


def all_at_once(app, bank: Bank, fields: dict[str, str]) -> Counter[str]:
    """Four returns and four jobs for each of them that is due."""
    owed.skip_the_wait()
    rows = [row.id for row in owed.rows("sadad")]
    returns = [lambda: bool(returning.take("sadad", fields))] * 4
    return storm(app, act, returns + [lambda: outbox.handle(rows[0]) in (True, False)] * 4)


def test_a_return_the_job_and_more_returns_at_once_credit_once(app, bank):
    fields = begun(bank, "form", *CODES[:2])
    assert all_at_once(app, bank, fields) == {"True": 8}
    owed.again("sadad")
    assert [ledger.balance(OwnerKind.NATIONAL, code) for code in CODES[:2]] == [500_000] * 2
    assert (credits(), books.differences().count) == (2, 0)


def test_control_without_the_step_in_the_same_transaction_they_credit_more_than_once(app, bank, monkeypatch):
    """Everybody asks for themselves, and the purse is filled whenever the bank says that it was paid."""

    def credit(case, verdict, reference):
        with settling.atomic():
            purse = ledger.account_id(OwnerKind.NATIONAL, CODES[0])
            gateway = ledger.account_id(OwnerKind.SYSTEM, ledger.GATEWAY)
            cause = ledger.Cause(f"naive:{make.codes.tracking_code()}", settling.TransferKind.TOP_UP)
            ledger.transfer(gateway, purse, case.payment.amount, cause)
        return True

    monkeypatch.setattr(settling, "_credit", credit)
    monkeypatch.setattr(rechecking, "look_now", lambda payment: settling.settle(case_of(payment, bank)))
    monkeypatch.setattr(outbox, "renew", lambda claim: None)
    fields = begun(bank, "form")
    storm(app, act, [lambda: bool(returning.take("sadad", fields))] * 4)
    assert credits() > 1, "the attack no longer works, so the test above proves nothing"


def case_of(payment, bank):
    return settling.case_of(payment, bank, outbox.Claim(0, outbox.Topic.SADAD, payment.id, 1, 0))


def test_baskets_with_the_same_purses_in_another_order_wait_for_each_other_in_no_ring(app, bank):
    orders = [CODES, list(reversed(CODES)), CODES[3:] + CODES[:3]] * 2
    came = [begun(bank, f"form-{n}", *codes) for n, codes in enumerate(orders)]
    seen = storm(app, act, [lambda fields=fields: bool(returning.take("sadad", fields)) for fields in came])
    assert seen == {"True": 6}
    owed.again("sadad")
    states = set(db.session.scalars(select(Payment.state)))
    assert (states, books.differences().count) == ({PaymentState.VERIFIED}, 0)
    assert {ledger.balance(OwnerKind.NATIONAL, code) for code in CODES} == {3_000_000}


def test_one_reference_brought_to_two_visits_at_once_fills_one_purse(app):
    with banking(bank := Bank("sep", by_reference=True)):
        first, second = begun(bank, "a", CODES[0]), begun(bank, "b", CODES[1])
        stolen = second | {"reference": first["reference"]}
        storm(app, act, [lambda fields=fields: bool(returning.take("sep", fields)) for fields in [first, stolen] * 3])
        owed.again("sep")
    db.session.rollback()
    references = list(db.session.scalars(select(Payment.reference).where(Payment.state == PaymentState.VERIFIED)))
    assert len(references) == len(set(references))
    assert credits() == len(references)
    assert references.count(first["reference"]) == 1


def test_the_same_form_sent_many_times_at_once_is_one_visit(app, bank):
    order = Order([Line(OwnerKind.NATIONAL, CODES[0], 500_000)], "form")
    seen = storm(app, lambda _: starting.start(order).payment_id, range(8))
    assert (len(seen), len(bank.visits)) == (1, 1)
