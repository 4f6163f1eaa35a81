"""The ledger's attacks: nothing below zero, nothing twice, nothing changed afterwards."""

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import Account, LedgerTransfer, OwnerKind, TransferKind, db
from services import enrollment, ledger
from services.transaction import atomic
from tests import change_cases, make


def cause(key: str = "test:1") -> ledger.Cause:
    return ledger.Cause(key, TransferKind.MOVE)


def income() -> int:
    with atomic():
        return ledger.account_id(OwnerKind.SYSTEM, ledger.INCOME)


def held(account: Account) -> int:
    return db.session.scalar(select(Account.balance).where(Account.id == account.id))


def test_a_transfer_moves_the_balance_of_the_purse_and_the_system_purse_keeps_none():
    purse, system = make.purse(balance=120_000), income()
    with atomic():
        assert ledger.transfer(purse.id, system, 50_000, cause())
    assert held(purse) == 70_000
    assert db.session.get(Account, system).balance == 0


def test_the_same_cause_moves_money_once():
    purse, system = make.purse(balance=120_000), income()
    for expected in (True, False, False):
        with atomic():
            assert ledger.transfer(purse.id, system, 50_000, cause()) is expected
    assert held(purse) == 70_000


def test_a_balance_never_goes_below_zero():
    purse, system = make.purse(balance=49_999), income()
    with pytest.raises(IntegrityError, match="balance_not_negative"), atomic():
        ledger.transfer(purse.id, system, 50_000, cause())
    assert held(purse) == 49_999
    assert db.session.scalar(select(func.count()).select_from(LedgerTransfer)) == 1


def test_the_legs_of_every_transfer_sum_to_zero_and_a_balance_is_the_sum_of_its_legs():
    purse, system = make.purse(balance=120_000), income()
    with atomic():
        ledger.transfer(purse.id, system, 50_000, cause())
    assert db.session.scalar(text("SELECT COALESCE(SUM(amount), 0) FROM ledger_entry")) == 0
    legs = text("SELECT SUM(amount) FROM ledger_entry WHERE account_id = :id")
    assert db.session.scalar(legs, {"id": purse.id}) == 70_000


@pytest.mark.parametrize("amount", [0, -50_000])
def test_an_amount_of_nothing_or_less_is_refused(amount):
    purse, system = make.purse(balance=120_000), income()
    with pytest.raises(IntegrityError), atomic():
        ledger.transfer(purse.id, system, amount, cause())


def test_a_debit_without_an_enrollment_is_refused():
    purse, system = make.purse(balance=120_000), income()
    with pytest.raises(IntegrityError, match="debit_has_enrollment"), atomic():
        ledger.transfer(purse.id, system, 50_000, ledger.Cause("test:for nothing", TransferKind.DEBIT))
    assert held(purse) == 120_000


def test_a_purse_cannot_pay_itself():
    purse = make.purse(balance=120_000)
    with pytest.raises(IntegrityError), atomic():
        ledger.transfer(purse.id, purse.id, 1, cause())


@pytest.mark.parametrize("statement", [update(LedgerTransfer).values(amount=1), delete(LedgerTransfer)])
def test_the_database_refuses_to_change_or_delete_a_transfer(statement):
    make.purse(balance=120_000)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(statement)
    db.session.rollback()


def test_a_purse_that_was_never_used_holds_nothing_and_a_code_without_a_person_may_have_one():
    code = make.national_code()
    assert ledger.balance(OwnerKind.NATIONAL, code) == 0
    with atomic():
        first, second = (ledger.account_id(OwnerKind.NATIONAL, code) for _ in range(2))
    assert first == second


def test_a_refund_names_the_debit_that_it_undoes_and_is_made_once():
    make.tariff(change_cases.FEE)
    course, person = make.course(), make.person()
    make.purse(person, change_cases.FEE)
    made = enrollment.enroll(change_cases.application(course, person))
    for _ in range(2):
        enrollment.withdraw(person, made.enrollment_id)
    rows = db.session.scalars(select(LedgerTransfer).where(LedgerTransfer.enrollment_id == made.enrollment_id))
    debit, refund = sorted(rows, key=lambda row: row.id)
    assert (debit.kind, refund.kind) == (TransferKind.DEBIT, TransferKind.REFUND)
    assert refund.opposes_id == debit.id
    assert (refund.from_account_id, refund.to_account_id) == (debit.to_account_id, debit.from_account_id)
    assert change_cases.odd() == []
