"""A payment from the form to the purse: each trap of the banks, each loss on the way, and each attack by a return."""

import pytest
from sqlalchemy import select

from gateways.errors import Refused, Temporary, Unanswered
from models import Account, OwnerKind, Payment, PaymentState, db
from services.errors import Conflict, DomainError, Unavailable
from services.payments import reading, starting
from services.payments.starting import Line, Order
from tests import make
from tests.fakes import Bank, banking

CODES = [make.national_code(81_000_000 + n) for n in range(5)]


def order(key: str = "form-1", *amounts: int, **over) -> Order:
    lines = [Line(OwnerKind.NATIONAL, *each) for each in zip(CODES, amounts or (500_000,), strict=False)]
    return Order(lines, key, **over)


def payments() -> list[Payment]:
    db.session.rollback()
    return list(db.session.scalars(select(Payment).order_by(Payment.id).execution_options(populate_existing=True)))


def states() -> list[tuple[str, str, str | None]]:
    return [(row.gateway, row.state.value, row.code) for row in payments()]


# -- The way to the bank -----------------------------------------------------------


def test_a_visit_is_a_row_with_its_purses_and_leads_to_the_bank():
    bank = Bank()
    with banking(bank):
        started = starting.start(order("form-1", 500_000, 250_000))
    [payment] = payments()
    assert (payment.amount, payment.state) == (750_000, PaymentState.REDIRECTED)
    assert started.redirect.url == f"https://bank.example/pay?token={payment.token}"
    assert [line.amount for line in payment.lines] == [500_000, 250_000]
    pending = reading.pending_of((OwnerKind.NATIONAL, CODES[0]))
    assert [(each.amount_rials, each.gateway_title) for each in pending] == [(500_000, "بانک ملی (سداد)")]


def test_the_same_form_is_one_visit_until_that_is_over_and_no_other_users():
    with banking(bank := Bank()):
        first, again = starting.start(order()), starting.start(order())
        assert first == again
        assert bank.calls["request"] == 1
        with pytest.raises(Conflict):
            starting.start(order(user_id=make.user().id))
        other = starting.start(order("form-1", 900_000))
        assert other.payment_id != first.payment_id


def test_a_bank_that_does_not_answer_fails_its_visit_and_the_next_one_is_asked():
    sadad, sep = Bank(trouble=[Temporary("unreachable")]), Bank("sep")
    with banking(sadad, sep):
        started = starting.start(order())
        assert started.gateway == "sep"
        # The one that just failed comes last for a while, even without a breaker that is open.
        assert starting.start(order("form-2")).gateway == "sep"
        assert starting.start(order("form-3", gateway="sadad")).gateway == "sadad"
    assert states()[0] == ("sadad", "failed", "unreachable")


@pytest.mark.parametrize("trouble", [Temporary("unreachable"), Unanswered("timeout"), Refused("1003")])
def test_where_no_bank_answers_the_payer_is_told_and_the_same_form_works_afterwards(trouble):
    with banking(Bank(trouble=[trouble])):
        with pytest.raises(Unavailable, match="پولی برداشته نشده"):
            starting.start(order())
        assert states() == [("sadad", "failed", trouble.code)]
        assert starting.start(order()).redirect is not None


def test_a_payer_does_not_wait_for_a_second_slow_bank(app, monkeypatch):
    clock = iter([0.0, 6.1])
    monkeypatch.setattr(starting.time, "monotonic", lambda: next(clock, 6.1))
    with banking(Bank(trouble=[Unanswered("timeout")]), Bank("sep")):
        with pytest.raises(Unavailable, match="بانک دیگری"):
            starting.start(order())
        monkeypatch.undo()
        assert starting.start(order()).gateway == "sep"


def test_a_token_that_another_visit_has_begins_no_second_one():
    class Forgetful(Bank):
        def request(self, order_number, amount_rials, return_url):
            token = super().request(order_number, amount_rials, return_url)
            return type(token)("always-the-same", token.redirect)

    with banking(Forgetful(), Bank("sep")):
        assert starting.start(order()).gateway == "sadad"
        assert starting.start(order("form-2")).gateway == "sep"
    assert ("sadad", "failed", "token_used") in states()


def test_without_a_gateway_nothing_is_begun():
    with banking(), pytest.raises(DomainError, match="روشن نیست"):
        starting.start(order())
    assert db.session.scalar(select(Account.id).where(Account.owner_kind == OwnerKind.NATIONAL)) is None
