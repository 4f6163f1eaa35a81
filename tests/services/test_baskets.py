"""Payments in the making: how many answers anybody gets, what may be paid, and what explains a shortage."""

import datetime as dt
import threading
from types import SimpleNamespace

import pytest
import time_machine

from models import AnswerCount, AuditEvent, Basket, OwnerKind, Payment, PaymentState, db, utcnow
from services import baskets
from services.baskets import asking, making, typed, values
from services.baskets.typed import Wanted
from services.errors import Conflict, DomainError, NotFound, TooMany
from services.transaction import atomic
from tests import make
from tests.fakes import Bank, banking

NOW = dt.datetime(2026, 11, 22, 8, 7, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def wanted(*codes: str) -> list[Wanted]:
    return [Wanted(OwnerKind.NATIONAL, code) for code in codes or [make.national_code()]]


def stranger(address: str = "10.0.0.1", browser: str = "a browser") -> values.Payer:
    return values.stranger(address, browser)


def basket(payer: values.Payer | None = None, *codes: str, amount: int = 50_000) -> Basket:
    payer = payer or stranger()
    return making.get(baskets.start(payer, wanted(*codes), amount), [payer])


# -- Answers about people ----------------------------------------------------------


def answers(payers, until: int = 100) -> int:
    """How many codes somebody learns something about before they are stopped."""
    for n in range(until):
        try:
            baskets.start(payers(n), wanted(), 50_000)
        except TooMany:
            return n
    return until


def test_a_stranger_gets_fewer_than_thirty_answers_in_any_hour_whatever_they_change():
    with time_machine.travel(NOW, tick=False) as clock:
        assert answers(lambda n: stranger(browser=f"browser {n}")) == values.FREE < 30
        assert answers(lambda n: stranger(address=f"10.1.{n}.1")) == values.FREE
        assert db.session.query(Basket).count() == 2 * values.FREE
        clock.shift(dt.timedelta(minutes=59))
        with pytest.raises(TooMany, match="ساعت ۱۲:۴") as refused:
            baskets.start(stranger(), wanted(), 50_000)
        clock.shift(refused.value.seconds)
        assert answers(lambda n: stranger()) == values.FREE
        assert asking.purge(utcnow() + dt.timedelta(hours=2)) > 0
    assert db.session.query(AnswerCount).count() == 0


def test_a_list_counts_as_many_answers_as_it_has_codes_and_a_refused_one_none():
    codes = [make.national_code() for _ in range(10)]
    for _ in range(2):
        baskets.start(stranger(), wanted(*codes), 50_000)
    with pytest.raises(TooMany):
        baskets.start(stranger(), wanted(*codes), 50_000)
    baskets.start(stranger(), wanted(*codes[:5]), 50_000)


def test_who_is_signed_in_is_counted_by_themselves_and_an_own_purse_never():
    person = make.person()
    assert answers(lambda n: values.person(person.id)) == values.FREE
    user = values.user(make.user().id, None, sees_names=True)
    assert answers(lambda n: user, until=values.FREE + 5) == values.FREE + 5
    baskets.start_own(values.person(person.id), (OwnerKind.NATIONAL, person.national_code), 50_000)


def test_a_hundred_questions_at_the_same_moment_do_not_slip_through(app):
    passed, barrier = [], threading.Barrier(16)

    def ask():
        barrier.wait()
        with app.app_context():
            try:
                with atomic():
                    asking.count(stranger(), 2)
                passed.append(2)
            except TooMany:
                pass
            finally:
                db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(passed) == values.FREE // 2 * 2


# -- Codes -------------------------------------------------------------------------


def test_a_pasted_list_is_read_however_its_codes_are_parted():
    one, two, three = "0010350829", "0077611616", "0013542419"
    for raw in (
        f"{one}\n{two}\r\n{three}\n",
        f"{one}، {two},{three};{one}",
        f"{one} {two}\t{three}",
        "۰۰۱ ۰۳۵ ۰۸۲۹\n۰۰۷۷۶۱۱۶۱۶ ۰۰۱۳۵۴۲۴۱۹",
    ):
        assert [each.code for each in typed.many(raw)] == [one, two, three]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("0010350829\n10350829", "کد ۲ («۱۰۳۵۰۸۲۹»): کد ملی باید ۱۰ رقم باشد؛ ۸ رقم نوشته‌اید"),
        ("0013542418", "این کد ملی درست نیست"),
        ("علی", "فقط از رقم ساخته می‌شود"),
        ("1234567891", "جداگانه و با دلیل"),
        ("0000000001\n1\n2\n3\n4", "و ۲ کد دیگر"),
        (" \n,", "هر کدام در یک سطر"),
    ],
)
def test_a_wrong_code_of_a_list_is_said_with_its_place_and_none_is_left_out(raw, said):
    with pytest.raises(DomainError) as refused:
        typed.many(raw)
    assert said in str(refused.value)
    assert refused.value.field == "codes"


def test_a_code_that_looks_made_up_needs_a_reason_which_is_kept():
    with pytest.raises(DomainError) as refused:
        baskets.start(stranger(), [Wanted(OwnerKind.NATIONAL, "1234567891")], 50_000)
    assert (refused.value.field, db.session.query(AnswerCount).count()) == ("code_reason", 0)
    key = baskets.start(stranger(), [Wanted(OwnerKind.NATIONAL, "1234567891", "کارت ملی")], 50_000)
    assert making.lines_of(making.get(key, []))[0].reason == "کارت ملی"
    assert db.session.query(AuditEvent).filter_by(action="made_up_code_confirmed").count() == 1


# -- Baskets -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "said"),
    [(9_999, "کمترین مبلغ"), (5_000, "یک صفر به آن بیفزایید"), (20_000_001, "بیشترین مبلغ")],
)
def test_an_amount_beyond_the_limits_is_refused_with_what_to_write(amount, said):
    with pytest.raises(DomainError, match=said):
        baskets.start(stranger(), wanted(), amount)
    with pytest.raises(DomainError, match=said):
        baskets.change(stranger(), basket(), 1, {0: amount})


def test_a_basket_is_whose_it_is_and_what_is_paid_or_stale_is_not_changed():
    mine, other = values.person(make.person().id), values.person(make.person().id)
    own = basket(mine, *(make.national_code() for _ in range(3)))
    for payers in ([other, stranger()], [stranger()]):
        with pytest.raises(baskets.NotYours):
            making.get(own.key, payers)
    with pytest.raises(NotFound):
        making.get("no such key", [mine])
    baskets.change(mine, own, 1, {1: 70_000})
    with pytest.raises(Conflict):
        baskets.change(mine, own, 1, {1: 80_000})
    baskets.remove(making.get(own.key, [mine]), 2, 0)
    added = make.person(national_code=None, foreign_code="12345678")
    baskets.add(mine, making.get(own.key, [mine]), 3, Wanted(OwnerKind.FOREIGN, "12345678"), 20_000)
    found = baskets.view(mine, making.get(own.key, [mine]))
    assert [each.line.amount for each in found.lines] == [70_000, 50_000, 20_000]
    assert (found.lines[2].name, len(found.unknown)) == (f"م*** {added.last_name[0]}***", 2)
    with pytest.raises(DomainError, match="هست"):
        baskets.add(mine, making.get(own.key, [mine]), 4, Wanted(OwnerKind.FOREIGN, "12345678"), 20_000)
    own.paid_at = utcnow()
    db.session.commit()
    with pytest.raises(Conflict):
        baskets.remove(own, 4, 0)


def test_a_stranger_pays_for_ten_at_once_and_staff_for_fifty():
    codes = wanted(*(make.national_code() for _ in range(11)))
    with pytest.raises(DomainError, match="تا ۱۰ نفر"):
        baskets.start(stranger(), codes, 50_000)
    baskets.start(values.user(make.user().id, None, sees_names=False), codes, 50_000)


def test_a_basket_that_nobody_paid_is_forgotten_after_a_month_and_one_with_a_payment_stays():
    old, paid = basket(), basket()
    with banking(Bank()):
        baskets.pay(stranger(), paid, said(paid, ticked=[0]))
    db.session.query(Basket).update({"updated_at": utcnow() - dt.timedelta(days=31)})
    db.session.commit()
    assert baskets.purge(utcnow()) == 1
    assert [row.key for row in db.session.query(Basket)] == [paid.key] != [old.key]


# -- To the bank -------------------------------------------------------------------


def said(row: Basket, ticked=(), key: str = "5d3a3f5e-0000-4000-8000-000000000001", **over) -> baskets.Said:
    total = sum(line.amount for line in making.lines_of(row))
    return baskets.Said(**{"version": row.version, "total": total, "ticked": ticked, "form_key": key, **over})


def test_somebody_unknown_is_paid_for_only_with_a_tick_and_only_what_stood_on_the_page():
    row = basket(None, make.person().national_code, make.national_code())
    with banking(Bank("sadad"), Bank("sep")):
        with pytest.raises(baskets.Unticked) as refused:
            baskets.pay(stranger(), row, said(row))
        assert refused.value.numbers == [1]
        for over in ({"total": 50_000}, {"version": 2}):
            with pytest.raises(Conflict):
                baskets.pay(stranger(), row, said(row, [1], **over))
        assert db.session.query(Payment).count() == 0
        first, again = (baskets.pay(stranger(), row, said(row, [1], bank="sep")) for _ in range(2))
    assert first == again
    [payment] = db.session.query(Payment)
    assert (payment.gateway, payment.amount, payment.basket_id) == ("sep", 100_000, row.id)
    assert [line.was_known for line in payment.lines] == [True, False]
    [visit] = baskets.view(stranger(), row).open
    assert visit.receipt_key == payment.receipt_key


# -- Shortages ---------------------------------------------------------------------

MEANT = "0010350829"
OTHER = "0084575948"


@pytest.fixture
def payer():
    return values.user(make.user().id, None, sees_names=True)


def paid(payer: values.Payer, code: str, *, known: bool = True, days: int = 0, spent: bool = False) -> Payment:
    """A verified top-up of this payer, as the ledger has it."""
    moment = utcnow() - dt.timedelta(days=days)
    with banking(Bank()):
        row = basket(payer, code)
        baskets.pay(payer, row, said(row, [0], key=f"{make.national_code()}-form-key-{days}"))
    payment = db.session.query(Payment).order_by(Payment.id.desc()).first()
    payment.state, payment.reference, payment.settled_at = PaymentState.VERIFIED, f"R{payment.id}", moment
    payment.lines[0].was_known = known
    db.session.commit()
    make.purse(SimpleNamespace(national_code=code), 10_000 if spent else 50_000)
    return payment


def test_a_payment_that_the_bank_has_not_settled_explains_a_shortage(payer):
    person = make.person(national_code=MEANT)
    with banking(Bank()):
        row = basket(stranger(), person.national_code)
        baskets.pay(stranger(), row, said(row))
    found = baskets.causes(payer, [(OwnerKind.NATIONAL, MEANT)])
    assert [each.amount_rials for each in found.pending] == [50_000]
    assert baskets.causes(payer, [(OwnerKind.NATIONAL, OTHER)]) == baskets.NONE


@pytest.mark.parametrize(
    ("code", "over", "is_found"),
    [
        ("0010350837", {"days": 5}, True),  # two digits apart
        (OTHER, {"days": 5, "known": False}, True),
        (OTHER, {"days": 0}, True),
        (OTHER, {"days": 5}, False),
        ("0010350837", {"days": 40}, False),
        ("0010350837", {"days": 5, "spent": True}, False),
        (MEANT, {"days": 0}, False),
    ],
)
def test_an_unspent_top_up_under_another_code_explains_it_when_it_may_have_been_meant(payer, code, over, is_found):
    payment = paid(payer, code, **over)
    owners = [(OwnerKind.NATIONAL, MEANT)]
    found = baskets.causes(payer, owners).elsewhere
    assert [each.receipt_key for each in found] == [payment.receipt_key] * is_found
    assert code not in str(found)
    for another in (stranger(), values.user(make.user().id, None, sees_names=True)):
        assert baskets.causes(another, owners).elsewhere == []
