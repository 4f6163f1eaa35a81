"""Payments at the four banks of the sandbox, by our own gateways and services: each trap costs nobody a rial."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

import config
import gateways
from models import LedgerTransfer, Outcome, OwnerKind, Payment, PaymentState, Role, UnitKind, db
from services import jalali, ledger, outside
from services.payments import returning, starting
from services.payments.starting import Line, Order, Started
from services.reconciliation import reading, sheets
from tests import make, owed
from tests.sandbox_process import Sandbox
from tests.services.test_import_engine import actor, folder, send  # noqa: F401 (a fixture)

RIALS = 500_000
CODE = make.national_code(82_000_000)
pytestmark = pytest.mark.once  # what the databases do about it, tests/services/test_payments.py shows on both
each_bank = pytest.mark.parametrize("code", ["sadad", "sep", "mellat", "zarinpal"])


@dataclass
class Desk:
    """Somebody who fills one purse at a bank, again and again."""

    sandbox: Sandbox

    def start(self, code: str, key: str = "form-1") -> Payment:
        started = self.ask(code, key)
        assert started.gateway == code
        return db.session.get(Payment, started.payment_id)

    def ask(self, code: str, key: str) -> Started:
        return starting.start(Order([Line(OwnerKind.NATIONAL, CODE, RIALS)], key, gateway=code))

    def choose(self, payment: Payment, outcome: str) -> dict[str, str]:
        """What the payer does at the bank; what the browser would bring from there."""
        back = self.sandbox.pay(payment.gateway, outcome, token=payment.token)
        return back["fields"] or dict(parse_qsl(urlsplit(back["url"]).query))

    def visit(self, code: str, outcome: str, key: str = "form-1") -> Payment:
        payment = self.start(code, key)
        returning.take(code, self.choose(payment, outcome))
        return self.again(payment)

    def again(self, payment: Payment) -> Payment:
        db.session.rollback()
        db.session.refresh(payment)
        return payment

    def look(self, payment: Payment) -> Payment:
        """The re-check job comes by."""
        owed.again(payment.gateway)
        return self.again(payment)

    def credited(self) -> tuple[int, int]:
        """The balance of the purse, and by how many movements."""
        count = db.session.scalar(select(func.count(LedgerTransfer.id)))
        return ledger.balance(OwnerKind.NATIONAL, CODE), count or 0


@pytest.fixture
def desk(sandbox: Sandbox, app: Flask):
    ours = config.load({"DOREH_MODE": "test", **sandbox.bank_settings(), "PAYMENT_TIMEOUT_S": "1.6"})
    names = [name for name in ours if name.startswith("PAYMENT_")]
    before = {name: app.config[name] for name in names}
    app.config.update({name: ours[name] for name in names})
    gateways.init_app(app)
    yield Desk(sandbox)
    app.config.update(before)
    gateways.init_app(app)


@each_bank
@pytest.mark.parametrize("outcome", ["pay", "already"])
def test_a_payment_is_credited_once_however_often_its_browser_and_the_job_come_back(desk, code, outcome):
    payment = desk.start(code)
    fields = desk.choose(payment, outcome)
    for _ in range(2):
        returning.take(code, fields)
        desk.look(payment)
    assert desk.again(payment).state is PaymentState.VERIFIED
    assert desk.credited() == (RIALS, 1)


@pytest.mark.parametrize(("code", "outcome"), [
    ("sadad", "unheard"), ("sep", "unheard"), ("mellat", "unheard"), ("zarinpal", "unheard"), ("sadad", "html"),
    ("sep", "silent"),
])  # fmt: skip
def test_an_answer_that_is_none_leaves_the_payment_open_until_the_bank_speaks(desk, code, outcome):
    payment = desk.visit(code, outcome)
    assert (payment.state, desk.credited()) == (PaymentState.RETURNED, (0, 0))
    desk.sandbox.bank("odd", bank=code, token=payment.token, odd="")
    assert desk.look(payment).state is PaymentState.VERIFIED
    assert desk.credited() == (RIALS, 1)


@each_bank
def test_a_payment_whose_way_back_was_lost_is_credited_by_the_job_where_the_bank_can_be_asked(desk, code):
    payment = desk.start(code)
    desk.choose(payment, "lost")
    state = desk.look(payment).state
    if code == "mellat":  # is asked by what only the browser brings, and gives the money back by itself
        assert (state, desk.credited()) == (PaymentState.TOKEN_OK, (0, 0))
    else:
        assert (state, desk.credited()) == (PaymentState.VERIFIED, (RIALS, 1))


@pytest.mark.parametrize(("code", "outcome"), [
    ("sadad", "cancel"), ("sep", "cancel"), ("mellat", "cancel"), ("zarinpal", "cancel"), ("sep", "forged"),
])  # fmt: skip
def test_what_was_not_paid_credits_nothing(desk, code, outcome):
    payment = desk.visit(code, outcome)
    assert payment.state is (PaymentState.FAILED if outcome == "cancel" else PaymentState.RETURNED)
    assert desk.credited() == (0, 0)


@each_bank
def test_another_amount_credits_nothing_and_is_given_back_where_it_can_be(desk, code):
    payment = desk.visit(code, "wrong")
    ends = {"sadad": "failed", "sep": "reversed", "zarinpal": "reversed", "mellat": "verified"}
    assert payment.state.value == ends[code]
    if code != "mellat":  # tells no amount anywhere but in the browser: the bank itself answers for that of its token
        assert (payment.code, desk.credited()) == ("amount_differs", (0, 0))


def test_a_yes_without_an_amount_credits_nothing(desk):
    payment = desk.visit("sadad", "no_amount")
    assert (payment.state, payment.code, desk.credited()) == (PaymentState.RETURNED, "no_amount", (0, 0))


def test_the_reference_of_an_earlier_payment_fills_no_second_purse(desk):
    desk.visit("sep", "pay")
    second = desk.visit("sep", "duplicate", "form-2")
    assert (second.state, second.code) == (PaymentState.FAILED, "reference_used")
    assert desk.credited() == (RIALS, 1)


@each_bank
def test_money_that_the_bank_has_given_back_is_not_credited(desk, code):
    payment = desk.start(code)
    fields = desk.choose(payment, "pay")
    desk.sandbox.bank("age", bank=code, token=payment.token, minutes=45)
    returning.take(code, fields)
    ends = {"sadad": "returned", "sep": "reversed", "mellat": "reversed", "zarinpal": "verified"}
    assert desk.again(payment).state.value == ends[code]
    assert desk.credited()[0] == (RIALS if code == "zarinpal" else 0)


def test_a_bank_that_fails_is_left_alone_by_itself_and_the_next_one_takes_its_payers(desk):
    desk.sandbox.switch("sadad", "error500")
    assert {desk.ask("sadad", f"form-{n}").gateway for n in range(outside.FAILURES_TO_OPEN)} == {"sep"}
    asked = desk.sandbox.counts()["sadad"]
    assert (desk.ask("sadad", "form-resting").gateway, outside.is_down("sadad")) == ("sep", True)
    assert desk.sandbox.counts()["sadad"] == asked
    desk.sandbox.switch("sadad", "up")
    owed.end_the_rest()
    assert (desk.ask("sadad", "form-up").gateway, outside.is_down("sadad")) == ("sadad", False)


@each_bank
@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_the_day_file_of_a_bank_is_read_as_it_comes_and_each_of_its_faults_is_found(desk, code, shape):
    well, less, lacking = (desk.visit(code, "pay", f"form-{n}") for n in range(3))
    day = jalali.tehran(well.settled_at).date()
    faults = [
        {"kind": "leave_out", "reference": lacking.reference},
        {"kind": "amount", "reference": less.reference, "amount": RIALS - 1_000},
        {"kind": "add", "order_id": "900", "amount": 70_000},
    ]
    for fault in faults:
        desk.sandbox.bank("file", bank=code, day=day.isoformat(), **fault)
    data = requests.get(f"{desk.sandbox.url}/control/bank/file/{code}/{day}.{shape}", timeout=60).content
    accountant = actor(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))
    assert send(accountant, name=f"{code}.{shape}", data=data, form=sheets.FORMS[code]).state == "done"
    found = reading.one(code, day)
    assert {(each.kind, each.payment_id, each.ours, each.theirs) for each in found.differences} == {
        (Outcome.MISSING_THERE, lacking.id, RIALS, 0),
        (Outcome.AMOUNT_DIFFERS, less.id, RIALS, RIALS - 1_000),
        (Outcome.UNKNOWN_HERE, None, 0, 70_000),
    }
    assert (found.ours, found.theirs) == (reading.Sum(3, 3 * RIALS), reading.Sum(3, 2 * RIALS + 69_000))
