"""A payment from the form to the purse: each trap of the banks, each loss on the way, and each attack by a return."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateways.errors import Refused, Temporary, Unanswered
from models import Account, AuditEvent, Basket, OwnerKind, Payment, PaymentEvent, PaymentState, db, utcnow
from services import books, ledger
from services.errors import Conflict, DomainError, NotFound, Unavailable
from services.payments import reading, rechecking, returning, starting
from services.payments.starting import Line, Order
from services.transaction import atomic
from tests import make, owed
from tests.fakes import Bank, Killed, banking, kill

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


# -- Back from the bank ------------------------------------------------------------


def visit(key: str = "form-1", *amounts: int, **over) -> int:
    """The order number of a visit that has been begun."""
    started = starting.start(order(key, *amounts, **over))
    return next(row.order_number for row in payments() if row.id == started.payment_id)


def held(n: int = 0) -> int:
    return ledger.balance(OwnerKind.NATIONAL, CODES[n])


def come_back(bank: Bank, number: int, **over: str) -> str:
    return returning.take(bank.code, bank.fields(number) | over)


def overdue() -> None:
    """The bank's own way back has passed for every open visit."""
    with atomic():
        db.session.execute(update(Payment).values(ask_until=utcnow() - timedelta(seconds=1)))


def kinds() -> list[str]:
    return list(db.session.scalars(select(PaymentEvent.kind).order_by(PaymentEvent.id)))


def test_a_paid_visit_fills_every_purse_of_its_basket_once_and_marks_that_paid():
    basket = make.save(
        Basket(key="basket", lines=[], return_path="/center/enroll/x", created_at=utcnow(), updated_at=utcnow())
    )
    with banking(bank := Bank()):
        number = visit("form-1", 500_000, 250_000, basket_id=basket.id)
        bank.pay(number)
        key = come_back(bank, number)
        assert key == come_back(bank, number)
    receipt = reading.by_receipt(key)
    assert (receipt.is_paid, receipt.return_path) == (True, "/center/enroll/x")
    assert receipt.payment.reference == f"R{number}"
    assert (held(0), held(1), bank.taken) == (500_000, 250_000, 750_000)
    assert db.session.get(Basket, basket.id, populate_existing=True).paid_at is not None
    assert books.check().count == 0
    assert bank.calls["verify"] == 1
    [paid, _] = reading.by_reference(f"R{number}")
    assert (paid.owner, paid.amount_rials) == ((OwnerKind.NATIONAL, CODES[1]), 250_000)


def test_a_payer_who_gives_up_ends_the_visit_and_may_begin_anew():
    with banking(bank := Bank()):
        number = visit()
        bank.cancel(number)
        come_back(bank, number)
        assert states() == [("sadad", "failed", "not_paid")]
        assert visit() != number


@pytest.mark.parametrize("kind", ["lost", "trouble"])
def test_the_job_credits_what_the_payer_paid_when_the_bank_did_not_answer_at_the_return(kind):
    """The verification itself may have been taken: the bank then says «verified before», which is success (trap 2)."""
    with banking(bank := Bank(**{kind: []})):
        number = visit()
        bank.pay(number)
        getattr(bank, kind).append(Unanswered("not_json"))
        key = come_back(bank, number)
        assert reading.by_receipt(key).is_open
        assert held() == 0
        assert reading.pending_of((OwnerKind.NATIONAL, CODES[0]))[0].receipt_key == key
        owed.again("sadad")
        assert (held(), bank.taken) == (500_000, 500_000)
        owed.again("sadad")
    assert held() == 500_000
    assert states() == [("sadad", "verified", "already" if kind == "lost" else "paid")]


def test_a_paid_visit_whose_return_is_lost_is_credited_by_the_job_after_two_minutes():
    with banking(bank := Bank()):
        number = visit()
        bank.pay(number)
        owed.run("sadad")  # nobody looks so soon
        assert (bank.calls["inquire"], held()) == (0, 0)
        assert owed.row("sadad").next_try_at > utcnow() + timedelta(seconds=100)
        owed.again("sadad")
    assert held() == 500_000


def test_a_visit_of_which_nothing_is_heard_expires_only_when_the_bank_says_so_after_its_time():
    with banking(bank := Bank()):
        visit()
        owed.again("sadad")
        assert states() == [("sadad", "redirected", "pending")]
        overdue()
        bank.trouble.append(Unanswered("timeout"))
        owed.again("sadad")
        assert states() == [("sadad", "redirected", "timeout")]
        owed.again("sadad")
    assert states() == [("sadad", "expired", "overdue")]
    assert [row.state.value for row in owed.rows("sadad")] == ["done"]


def test_a_bank_that_cannot_be_asked_without_its_reference_is_not_asked_for_ever():
    with banking(bank := Bank("sep", by_reference=True)):
        number = visit()
        bank.pay(number)
        owed.again("sep")
        assert states() == [("sep", "redirected", "cannot_ask")]
        overdue()
        bank.time_out()
        owed.again("sep")
    assert states() == [("sep", "expired", "overdue")]


def test_what_a_bank_that_gives_nothing_back_refuses_to_tell_is_left_to_an_operator():
    with banking(bank := Bank("sep", by_reference=True, reverses_in=None)):
        bank.pay(visit())
        overdue()
        owed.again("sep")
    assert states() == [("sep", "redirected", "cannot_ask")]
    assert owed.row("sep").failures == 1


# -- The traps ---------------------------------------------------------------------


def test_one_reference_that_a_bank_confirms_twice_fills_one_purse_only():
    """Trap 1."""
    with banking(bank := Bank("sep", by_reference=True)):
        first, second = visit("form-1"), visit("form-2")
        bank.pay(first)
        come_back(bank, first)
        come_back(bank, second, reference=f"R{first}", code="0")
    assert states() == [("sep", "verified", "paid"), ("sep", "failed", "reference_used")]
    assert held() == 500_000


def test_another_amount_is_not_credited_but_given_back_even_when_the_answer_to_that_is_lost():
    """Trap 4."""
    with banking(bank := Bank()):
        first, second = visit("form-1"), visit("form-2")
        bank.pay(first, amount=5_000_000)
        come_back(bank, first)
        bank.pay(second, amount=10)
        bank.lost = [lambda: None, Unanswered("timeout")]  # the verification is answered, the reversal is not
        come_back(bank, second)
        owed.again("sadad")
    assert states() == [("sadad", "reversed", "amount_differs")] * 2
    assert [bank.visits[n].reversals for n in (first, second)] == [1, 1]
    assert held() == 0


def test_another_amount_at_a_bank_without_a_way_back_has_failed_and_is_in_sight():
    with banking(bank := Bank("zarinpal", undo_within=None, reverses_in=None)):
        number = visit()
        bank.pay(number, amount=10)
        come_back(bank, number)
    assert states() == [("zarinpal", "failed", "amount_differs")]
    assert held() == 0


def test_the_money_of_a_credited_payment_is_not_given_back_by_its_reference_on_a_smaller_one():
    """Whoever brings the reference of what is credited to a visit of ten rials must not get the money back."""
    with banking(bank := Bank("sep", by_reference=True)):
        paid, small = visit("form-1", 5_000_000), visit("form-2", 10)
        bank.pay(paid)
        come_back(bank, paid)
        come_back(bank, small, reference=f"R{paid}", code="0")
        assert bank.calls["reverse"] == 0
        # And in the other order: what was given back is not credited.
        paid, small = visit("form-3", 4_000_000), visit("form-4", 20)
        bank.pay(paid)
        come_back(bank, small, reference=f"R{paid}", code="0")
        come_back(bank, paid)
    assert [state for _, state, _ in states()] == ["verified", "failed", "reversed", "reversed"]
    assert (held(), bank.taken) == (5_000_000, 5_000_000)


# -- Attacks by a return -----------------------------------------------------------


def test_the_number_of_one_visit_with_the_token_of_another_does_nothing_and_is_written_down():
    with banking(bank := Bank()):
        mine, theirs = visit("form-1"), visit("form-2")
        bank.pay(theirs)
        for fields in (bank.fields(mine) | {"token": bank.visits[theirs].token}, bank.fields(theirs) | {"token": "x"}):
            with pytest.raises(NotFound):
                returning.take("sadad", fields)
    assert bank.calls["verify"] == 0
    assert {state for _, state, _ in states()} == {"redirected"}
    assert kinds().count("strange_return") == 2
    assert (
        db.session.scalar(select(AuditEvent.action).where(AuditEvent.subject == "payment")) == "payment_return_refused"
    )


@pytest.mark.parametrize(
    "fields", [{}, {"order": "7"}, {"order": "9" * 30}, {"order": "x"}, {"order": "-1", "token": "y"}]
)
def test_a_return_of_no_visit_of_ours_is_not_found(fields):
    with banking(Bank()), pytest.raises(NotFound):
        returning.take("sadad", fields)
    with banking(Bank()), pytest.raises(NotFound):
        returning.take("mellat", fields)


def test_a_forged_success_is_not_believed_and_the_true_return_still_counts():
    with banking(bank := Bank()):
        number = visit()
        come_back(bank, number, code="0", reference="R1", amount="1")
        assert states() == [("sadad", "returned", "pending")]
        bank.pay(number)
        come_back(bank, number)
    assert held() == 500_000


def test_a_forged_failure_does_not_end_a_visit_that_may_still_be_paid():
    with banking(bank := Bank()):
        number = visit()
        come_back(bank, number, code="17")
        assert states() == [("sadad", "returned", "pending")]
        bank.pay(number)
        owed.again("sadad")
    assert held() == 500_000


def test_a_false_reference_before_the_true_one_does_not_hide_it():
    with banking(bank := Bank("sep", by_reference=True)):
        number = visit()
        come_back(bank, number, code="0", reference="false")
        bank.pay(number)
        come_back(bank, number)
    assert (held(), states()) == (500_000, [("sep", "verified", "paid")])


def test_a_false_reference_after_the_true_one_does_not_hide_it_where_the_bank_says_nothing_about_it():
    with banking(bank := Bank("sep", by_reference=True, curt=True)):
        number = visit()
        bank.pay(number)
        bank.lost.append(Unanswered("timeout"))
        come_back(bank, number)  # the verification is taken, its answer is lost
        for n in range(2):
            come_back(bank, number, code="0", reference=f"false-{n}")
        for _ in range(3):
            owed.end_the_rest()
            owed.again("sep")
    assert (held(), states()) == (500_000, [("sep", "verified", "paid")])


def test_a_replay_of_what_has_ended_changes_nothing_however_often_it_comes():
    with banking(bank := Bank()):
        number = visit()
        bank.pay(number)
        fields = bank.fields(number)
        for _ in range(40):
            returning.take("sadad", fields)
    assert (held(), bank.calls["verify"]) == (500_000, 1)
    assert kinds().count("late_return") < 25


# -- By hand and by the clock ------------------------------------------------------


def test_an_operator_has_a_bank_asked_again_but_not_about_what_has_ended():
    operator = make.user()
    with banking(bank := Bank()):
        number = visit()
        bank.pay(number)
        [payment] = payments()
        rechecking.again(operator.id, payment.id)
        owed.run("sadad")
        assert held() == 500_000
        with pytest.raises(Conflict):
            rechecking.again(operator.id, payment.id)


def test_a_visit_whose_process_was_lost_before_it_had_a_token_ends_and_the_form_works_again():
    with banking(Bank(lost=[kill])):
        with pytest.raises(Killed):
            starting.start(order())
        assert starting.start(order()).redirect is None  # somebody may still be asking
        with atomic():
            db.session.execute(update(Payment).values(created_at=utcnow() - timedelta(minutes=11)))
        assert rechecking.sweep(utcnow()) == 1
        assert starting.start(order()).redirect is not None
    assert states()[0] == ("sadad", "failed", "cut_off")
