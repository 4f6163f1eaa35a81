"""Whatever payers, forgers, banks, jobs and crashes do: every rial that a bank has verified is credited once.

A few short walks here; `make soak` (`ODD_INPUT=all`) takes thousands of steps on both databases.
"""

import contextlib
import itertools
from datetime import timedelta
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from gateways.banks.base import Status
from gateways.errors import Temporary, Unanswered
from models import Account, LedgerTransfer, OwnerKind, Payment, PaymentLine, PaymentState, TransferKind, db, utcnow
from services import books, outbox
from services.errors import DomainError
from services.payments import events, rechecking, returning, settling, starting
from services.payments.starting import Line, Order
from services.transaction import atomic
from tests import databases, make, owed
from tests.conftest import EVERYTHING
from tests.fakes import Bank, Killed, banking, kill

CODES = [make.national_code(83_000_000 + n) for n in range(4)]
PICK = st.integers(0, 99)
AMOUNTS = (500_000, 500_000, 750_000)  # two alike, so that a stolen reference may fit
# What goes wrong in one step: nothing most of the time.
WRONGS = (None,) * 6 + ("silence", "lost answer", "killed before", "killed after", "killed at note", "killed at done")


def banks() -> dict[str, Bank]:
    made = (
        Bank("sadad", undo_within=None),
        Bank("sep", by_reference=True),
        Bank("mellat", tells=False),
        Bank("zarinpal", reverses_in=None),
    )
    return {bank.code: bank for bank in made}


class Machine(RuleBasedStateMachine):
    """Visits to four banks; `ended` remembers how a payment has ended."""

    def __init__(self):
        super().__init__()
        db.session.rollback()
        databases.reset(db.engine)
        self.banks, self.keys, self.ended = banks(), itertools.count(), {}
        self.running = banking(*self.banks.values())
        self.running.__enter__()

    def teardown(self):
        """Peace at last: the banks answer, time passes, the jobs run. Nothing is left open and no money is lost."""
        for _ in range(3):
            owed.end_the_rest()
            self.time_passes()
            owed.again()
        self.check()
        rechecking.sweep(utcnow() + timedelta(days=1))
        self.running.__exit__(None, None, None)
        assert [row.state for row in self.payments() if row.settled_at is None] == []
        assert self.taken() - self.credited() - self.not_to_be_credited() == set()

    # -- What happens ------------------------------------------------------------------

    @rule(amount=st.sampled_from(AMOUNTS), lines=st.integers(1, 3), bank=st.sampled_from(sorted(banks())),
          wrong=st.sampled_from(WRONGS), again=st.booleans())  # fmt: skip
    def start(self, amount, lines, bank, wrong, again):
        key = f"form-{next(self.keys)}"
        order = Order([Line(OwnerKind.NATIONAL, code, amount) for code in CODES[:lines]], key, gateway=bank)
        with self.going(wrong):
            starting.start(order)
        if again:
            with self.going(None):
                starting.start(order)

    @rule(which=PICK, other=st.sampled_from([None, None, None, 10, 500_000]))
    def pay(self, which, other):
        for bank, number in self.picked(which):
            bank.pay(number, amount=other)

    @rule(which=PICK)
    def give_up(self, which):
        for bank, number in self.picked(which):
            bank.cancel(number)

    @rule(which=PICK, another=PICK, wrong=st.sampled_from(WRONGS), times=st.integers(1, 2),
          forged=st.sampled_from([None, None, None, "paid", "given up", "reference", "token", "amount"]))  # fmt: skip
    def come_back(self, which, another, wrong, times, forged):
        for bank, number in self.picked(which):
            other = list(bank.visits)[another % len(bank.visits)]
            lies = {
                "paid": {"code": "0"}, "given up": {"code": "17"}, "amount": {"amount": "1", "code": "0"},
                "reference": {"reference": f"R{other}", "code": "0"}, "token": {"token": bank.visits[other].token},
            }  # fmt: skip
            for _ in range(times):
                with self.going(wrong):
                    returning.take(bank.code, bank.fields(number) | lies.get(forged, {}))

    @rule(wrong=st.sampled_from(WRONGS), whole=st.booleans())
    def look(self, wrong, whole):
        """The job looks at everything, or only at what nobody holds."""
        if whole:
            owed.end_the_rest()
            owed.skip_the_wait()
        with self.going(wrong):
            owed.run()

    @rule()
    def time_passes(self):
        """Every page at a bank is closed, and banks that do so give back what nobody has taken."""
        for bank in self.banks.values():
            for visit in bank.visits.values():
                if visit.state is Status.PENDING:
                    visit.state = Status.UNPAID
                if visit.state is Status.PAID and bank.reverses_in is not None:
                    visit.state = Status.REVERSED
        with atomic():
            db.session.execute(update(Payment).values(ask_until=utcnow() - timedelta(seconds=1)))

    # -- What must always be true ------------------------------------------------------

    @invariant()
    def check(self):
        db.session.rollback()
        rows = self.payments()
        verified = {row.id: row for row in rows if row.state is PaymentState.VERIFIED}
        filled = db.session.execute(
            select(PaymentLine.payment_id, PaymentLine.amount, LedgerTransfer.amount, Account.owner_code)
            .join(LedgerTransfer, LedgerTransfer.payment_line_id == PaymentLine.id)
            .join(Account, Account.id == LedgerTransfer.to_account_id)
            .where(LedgerTransfer.kind == TransferKind.TOP_UP)
        ).all()
        assert {row.payment_id for row in filled} == set(verified)
        assert len(filled) == sum(len(row.lines) for row in verified.values())
        assert sum(row[2] for row in filled) == sum(row.amount for row in verified.values())
        assert books.differences().count == 0
        self.check_banks(verified.values())
        for row in rows:
            if row.settled_at is not None:
                assert self.ended.setdefault(row.id, row.state) is row.state

    def check_banks(self, verified):
        """What we have credited, a bank has taken: that amount, once, and it still has it."""
        used = [(row.gateway, row.reference) for row in verified]
        assert len(used) == len(set(used))
        for row in verified:
            visit = self.visit(row.gateway, row.reference)
            assert (visit.state, visit.paid) == (Status.ALREADY, row.amount)

    # -- Support -----------------------------------------------------------------------

    @contextlib.contextmanager
    def going(self, wrong):
        """Something goes wrong in this step, or nothing; whatever was to go wrong and did not is forgotten."""
        stack = contextlib.ExitStack()
        for bank in self.banks.values():
            bank.trouble = {"silence": [Unanswered("timeout")], "killed before": [kill]}.get(wrong, []).copy()
            bank.lost = {"lost answer": [Unanswered("not_json")], "killed after": [kill]}.get(wrong, []).copy()
        if wrong == "killed at note":
            stack.enter_context(mock.patch.object(events, "note", side_effect=Killed))
        if wrong == "killed at done":
            stack.enter_context(mock.patch.object(outbox, "done", side_effect=Killed))
        with contextlib.suppress(Killed, DomainError, Temporary), stack:
            yield
        db.session.rollback()
        for bank in self.banks.values():
            bank.trouble, bank.lost = [], []

    def visits(self):
        return [(bank, number) for bank in self.banks.values() for number in bank.visits]

    def picked(self, which):
        """One visit, if there is any: what is drawn depends on nothing that the clock has a part in."""
        found = self.visits()
        return [found[which % len(found)]] if found else []

    def visit(self, gateway, reference):
        return next(visit for visit in self.banks[gateway].visits.values() if visit.reference == reference)

    def payments(self):
        db.session.rollback()
        return db.session.scalars(select(Payment).execution_options(populate_existing=True)).all()

    def taken(self):
        return {
            (bank.code, visit.reference)
            for bank in self.banks.values()
            for visit in bank.visits.values()
            if visit.state is Status.ALREADY
        }

    def credited(self):
        return {(row.gateway, row.reference) for row in self.payments() if row.state is PaymentState.VERIFIED}

    def not_to_be_credited(self):
        """Money of another amount at a bank that cannot give it back: an operator sees it."""
        failed = [row for row in self.payments() if row.code == settling.AMOUNT_DIFFERS]
        return {(row.gateway, row.reference) for row in failed}


@pytest.mark.usefixtures("app")
def test_every_rial_that_a_bank_has_verified_is_credited_once_whatever_happens():
    examples, steps = (250, 80) if EVERYTHING else (6, 30)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=examples, stateful_step_count=steps, suppress_health_check=slow)
    )
