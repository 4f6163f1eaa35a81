"""Outside systems that keep their promises in memory and fail on request."""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app

from gateways import Gateways
from gateways.banks import base
from gateways.banks.base import Order, Redirect, Returned, Status, Token, Verdict
from gateways.errors import Refused, Unanswered
from gateways.karpoosheh import Outcome
from gateways.registry import RegistryPerson

Trouble = list[Exception | Callable[[], object]]


def stumble(trouble: Trouble) -> None:
    """Raise or run the next thing that is to go wrong, if any."""
    if trouble:
        wrong = trouble.pop(0)
        if isinstance(wrong, Exception):
            raise wrong
        wrong()


@dataclass
class Phones:
    """A provider that keeps one message for each key; `lost` failures come after the message was taken."""

    trouble: Trouble = field(default_factory=list)
    lost: Trouble = field(default_factory=list)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    handed_over: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def send(self, uid: str, mobile: str, text: str) -> str:
        stumble(self.trouble)
        self.handed_over[uid] += 1
        self.texts.setdefault(uid, (mobile, text))
        stumble(self.lost)
        return uid

    def find(self, uid: str) -> str | None:
        self.asked[uid] += 1
        return uid if uid in self.texts else None


@dataclass
class Registry:
    """Knows people by code and birth date."""

    people: dict[tuple[str, dt.date], RegistryPerson] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=list)
    asked: int = 0

    def add(self, code: str, birth_date: dt.date, **fields: object) -> None:
        values = {"first_name": "مریم", "last_name": "کریمی", "father_name": "علی", "gender": "female"}
        values |= {"shenasname_no": "12", "alive": True, **fields}
        self.people[code, birth_date] = RegistryPerson(national_code=code, birth_date=birth_date, **values)

    def person(self, national_code: str, birth_date: dt.date) -> RegistryPerson | None:
        self.asked += 1
        stumble(self.trouble)
        return self.people.get((national_code, birth_date))


@dataclass
class Shahkar:
    """Knows who owns which mobile."""

    owners: dict[str, str] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=list)
    provider_code: str = "0785"
    asked: list[str] = field(default_factory=list)

    def matches(self, national_code: str, mobile: str, request_id: str) -> bool:
        self.asked.append(request_id)
        stumble(self.trouble)
        return self.owners.get(mobile) == national_code


@dataclass
class Inbox:
    """Karpoosheh: keeps one notice for each key."""

    trouble: Trouble = field(default_factory=list)
    notices: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def send(self, national_code: str, title: str, body: str, ref: str) -> Outcome:
        stumble(self.trouble)
        self.notices[ref] = (national_code, title, body)
        return Outcome.QUEUED


@contextlib.contextmanager
def installed(app: Flask, *, banks: dict[str, base.Bank] | None = None, **systems: object) -> Iterator[None]:
    """The given systems, and gateways of banks by code, stand in for the real ones, which are online meanwhile."""
    online: dict[str, object] = {f"{name.upper()}_MODE": "online" for name in systems}
    online |= {"PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": tuple(banks)} if banks else {}
    before = app.extensions["gateways"], {name: app.config[name] for name in online}
    everybody = {"sso": None, "registry": None, "shahkar": None, "sms": None}
    app.extensions["gateways"] = Gateways(**{**everybody, **systems}, banks=banks or {})
    app.config.update(online)
    try:
        yield
    finally:
        app.extensions["gateways"] = before[0]
        app.config.update(before[1])


# -- Banks -------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends at this point; nothing after it is done."""


def kill() -> None:
    raise Killed


@dataclass
class Visit:
    """A visit as the bank has it: what was paid and taken, and under which reference."""

    order_number: int
    amount: int
    token: str
    paid: int | None = None  # rials, which may be another amount than was asked for
    reference: str | None = None
    state: Status = Status.PENDING
    reversals: int = 0


@dataclass
class Bank:
    """A bank in memory. `trouble` comes before anything is done, `lost` after it; what is paid is paid by the test.

    One that is asked `by_reference` (as SEP) knows a visit by nothing else once it is paid, says success each time, and
    cannot be asked about a visit whose return was lost. One that `tells` no amount lets nobody pay another one; a
    `curt` one says nothing that can be read about a reference that it does not know.
    """

    code: str = "sadad"
    by_reference: bool = False
    tells: bool = True
    curt: bool = False
    origin: str = "https://bank.example"
    reverses_in: dt.timedelta | None = dt.timedelta(minutes=15)
    undo_within: dt.timedelta | None = dt.timedelta(minutes=50)
    trouble: Trouble = field(default_factory=list)
    lost: Trouble = field(default_factory=list)
    visits: dict[int, Visit] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        self.calls["request"] += 1
        stumble(self.trouble)
        assert order_number not in self.visits, "the same order number twice"
        assert return_url.endswith(f"/pay/callback/{self.code}")
        token = f"{self.code}-{len(self.visits)}-{order_number}"
        self.visits[order_number] = Visit(order_number, amount_rials, token)
        stumble(self.lost)
        return Token(token, self.redirect(token))

    def redirect(self, token: str) -> Redirect:
        return Redirect("GET", f"{self.origin}/pay?token={token}")

    # What a payer does.

    def pay(self, order_number: int, amount: int | None = None, reference: str | None = None) -> Visit:
        visit = self.visits[order_number]
        if visit.state is Status.PENDING:
            visit.paid = visit.amount if amount is None or not self.tells else amount
            visit.reference = reference or f"R{order_number}"
            visit.state = Status.PAID
        return visit

    def cancel(self, order_number: int) -> Visit:
        visit = self.visits[order_number]
        if visit.state is Status.PENDING:
            visit.state = Status.UNPAID
        return visit

    def fields(self, order_number: int) -> dict[str, str]:
        """What the payer's browser brings back."""
        visit = self.visits[order_number]
        told = {"order": str(order_number), "token": visit.token, "code": "0" if visit.paid else "17"}
        return told | ({"reference": visit.reference} if visit.reference else {})

    def time_out(self) -> None:
        """The window for verifying passes: what was not taken goes back."""
        for visit in self.visits.values():
            if visit.state is Status.PAID:
                visit.state = Status.REVERSED
            elif visit.state is Status.PENDING:
                visit.state = Status.UNPAID

    @property
    def taken(self) -> int:
        return sum(visit.paid or 0 for visit in self.visits.values() if visit.state is Status.ALREADY)

    # What we ask.

    def returned(self, fields: Mapping[str, str]) -> Returned:
        if not fields.get("order", "").isdigit():
            raise ValueError("no order")
        code = fields.get("code", "")
        amount = int(fields["amount"]) if "amount" in fields else None
        number, reference = int(fields["order"]), fields.get("reference")
        return Returned(number, fields.get("token"), reference, amount, code == "0", code, trace="12")

    def verify(self, order: Order) -> Verdict:
        self.calls["verify"] += 1
        stumble(self.trouble)
        visit = self._of(order)
        if visit is None and self.curt:
            raise Unanswered("no_word")
        before = visit.state if visit else Status.UNPAID
        if visit and before is Status.PAID:
            visit.state = Status.ALREADY
        stumble(self.lost)
        says = Status.PAID if self.by_reference and before is Status.ALREADY else before
        return self._verdict(visit, says)

    def inquire(self, order: Order) -> Verdict:
        self.calls["inquire"] += 1
        stumble(self.trouble)
        if self.by_reference and order.reference is None:
            raise Refused("cannot_ask")
        visit = self._of(order)
        return self._verdict(visit, visit.state if visit else Status.UNPAID)

    def reverse(self, order: Order) -> Verdict:
        self.calls["reverse"] += 1
        stumble(self.trouble)
        if self.undo_within is None:
            raise Refused("no_reversal")
        visit = self._of(order)
        if visit is None or visit.paid is None:
            raise Refused("unknown")
        visit.state = Status.REVERSED
        visit.reversals += 1
        stumble(self.lost)
        return self._verdict(visit, Status.REVERSED)

    def _of(self, order: Order) -> Visit | None:
        if self.by_reference:
            paid = (v for v in self.visits.values() if v.reference is not None and v.reference == order.reference)
            return next(paid, None)
        visit = self.visits.get(order.order_number)
        return visit if visit and visit.token == order.token else None

    def _verdict(self, visit: Visit | None, status: Status) -> Verdict:
        amount = visit.paid if visit and self.tells else None
        return Verdict(
            status, status.value, visit.reference if visit else None, amount, trace="12", card="6037******1234"
        )


@contextlib.contextmanager
def banking(*banks: Bank) -> Iterator[None]:
    """The given banks are those of the installation, in this order."""
    with installed(current_app._get_current_object(), banks={bank.code: bank for bank in banks}):  # type: ignore[attr-defined]
        yield
