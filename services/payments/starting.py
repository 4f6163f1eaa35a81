"""The way to the bank: one row before any call, and another gateway where one does not answer.

Nothing of a payment is decided here but where the payer goes; the money is `settling`'s.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Update, select, update
from sqlalchemy.exc import IntegrityError

from gateways.banks.base import Bank, Redirect, Token
from gateways.errors import GatewayError
from models import OwnerKind, Payment, PaymentLine, PaymentState, db, utcnow
from services import outbox, outside
from services.errors import Conflict, DomainError, Unavailable
from services.outbox import Topic
from services.payments import banks, events, wording
from services.sql import add_many, add_once
from services.transaction import atomic

WAY_S = 7.5  # from the click to the bank's page, our own part included
MOST_TRIES = 12  # of one form, over all gateways and all times that it was sent
PAGE = timedelta(minutes=20)  # so long a bank's page may stay open
MARGIN = timedelta(minutes=10)
NO_WINDOW = timedelta(hours=24)  # where the bank never gives money back by itself
FIRST_LOOK = timedelta(minutes=2)
CUT_OFF = timedelta(seconds=30)  # a visit without a token since then has lost its process, and nobody can pay it
OVER = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REVERSED)
AT_THE_BANK = (PaymentState.TOKEN_OK, PaymentState.REDIRECTED)


@dataclass(frozen=True)
class Line:
    """A purse to fill; `was_known` is False for a code that was never seen and that the payer has ticked."""

    owner_kind: OwnerKind
    owner_code: str
    amount_rials: int
    was_known: bool = True

    @property
    def key(self) -> tuple[str, str, int]:
        return self.owner_kind.value, self.owner_code, self.amount_rials


@dataclass(frozen=True)
class Order:
    """What is to be paid; each purse stands in one line. `gateway` is the wanted one, None for the first that answers.

    Who pays is a signed-in user or person, or nobody we know; `form_key` is the key of the form that asks.
    """

    lines: Sequence[Line]
    form_key: str
    user_id: int | None = None
    person_id: int | None = None
    unit_id: int | None = None
    basket_id: int | None = None
    gateway: str | None = None

    @property
    def amount_rials(self) -> int:
        return sum(line.amount_rials for line in self.lines)


@dataclass(frozen=True)
class Started:
    """Where the payer goes: `redirect` leads to the bank; without it the receipt says how the payment stands.

    `instead_of` is the gateway that was wanted, where another one has answered in its place.
    """

    payment_id: int
    receipt_key: str
    gateway: str
    redirect: Redirect | None
    instead_of: str | None = None


@dataclass(frozen=True)
class _Visit:
    payment_id: int
    order_number: int
    receipt_key: str


def start(order: Order) -> Started:
    """Ask the gateways in turn for a token. The same form again leads to the same visit, as long as that is not over.

    Raises:
        Unavailable: no gateway answers; nothing was paid.
        Conflict: the form is another user's.
        DomainError: payments are not online, or this form has failed too often.

    Source: docs/rules.md R-430, R-431, R-432.
    """
    began = time.monotonic()
    earlier = _newest(order)
    if earlier is not None and not _may_begin_anew(earlier, order):
        return _again(earlier, order)
    attempt = 0 if earlier is None else _attempt(earlier) + 1
    offered = banks.to_try(order.gateway)
    if not offered:
        raise DomainError(wording.NOT_ONLINE)
    for bank in offered:
        visit = _begin(order, bank.code, attempt)
        if visit is None:  # the same form at the same moment
            return _same(order)
        token = _token(bank, visit, order)
        if token is not None:
            return Started(visit.payment_id, visit.receipt_key, bank.code, token.redirect, _missed(order, bank.code))
        attempt += 1
        if time.monotonic() - began + current_app.config["PAYMENT_TIMEOUT_S"] > WAY_S:
            break  # a payer who waits for a second slow bank is worse off than one who is told
    if bank is offered[-1]:
        raise Unavailable(wording.NO_ANSWER)
    raise Unavailable(wording.NO_ANSWER_BUT_OTHERS.format(title=wording.title(bank.code)))


# -- The row -----------------------------------------------------------------------


def _begin(order: Order, gateway: str, attempt: int) -> _Visit | None:
    """The row of a visit, before anything is called; None when another request has begun it."""
    if attempt >= MOST_TRIES:
        raise DomainError(wording.TOO_OFTEN)
    number, key = 10**14 + secrets.randbelow(9 * 10**14), secrets.token_urlsafe(24)
    who = {"user_id": order.user_id, "person_id": order.person_id, "unit_id": order.unit_id}
    ours = {"order_number": number, "receipt_key": key, "form_key": f"{order.form_key}:{attempt}"}
    what = {"basket_id": order.basket_id, "gateway": gateway, "amount": order.amount_rials}
    counts = {"currency": "IRR", "checks": 0, "state": PaymentState.CREATED, "created_at": utcnow()}
    with atomic():
        payment_id = add_once(Payment, **who, **ours, **what, **counts)
        if payment_id is None:
            return None
        add_many(PaymentLine, [_line(payment_id, line) for line in order.lines])
    return _Visit(payment_id, number, key)


def _line(payment_id: int, line: Line) -> dict[str, object]:
    owner = {"owner_kind": line.owner_kind, "owner_code": line.owner_code}
    return {"payment_id": payment_id, **owner, "amount": line.amount_rials, "was_known": line.was_known}


# -- The token ---------------------------------------------------------------------


def _token(bank: Bank, visit: _Visit, order: Order) -> Token | None:
    """What the bank knows the visit by; None when it does not answer or says no, and the visit has failed."""
    return_url = f"{current_app.config['BASE_URL']}/pay/callback/{bank.code}"
    try:
        token = outside.call(bank.code, lambda: bank.request(visit.order_number, order.amount_rials, return_url))
        _sent(visit.payment_id, bank, token, by_button=_missed(order, bank.code) is not None)
        return token
    except outside.Resting:
        _fail(visit.payment_id, "resting")
    except GatewayError as error:
        _fail(visit.payment_id, error.code)
    except IntegrityError:
        _fail(visit.payment_id, "token_used")  # by another visit: whoever pays with it would pay for that one
    return None


def _sent(payment_id: int, bank: Bank, token: Token, *, by_button: bool) -> None:
    now = utcnow()
    # A page of ours that leads to the bank by a button is not left yet; an answer that redirects is.
    waits = by_button or token.redirect.method == "POST"
    state = PaymentState.TOKEN_OK if waits else PaymentState.REDIRECTED
    times = {"redirected_at": now, "ask_until": now + asked_for(bank)}
    with atomic():
        db.session.execute(_open_one(payment_id).values(state=state, token=token.value, **times))
        events.note(payment_id, events.TOKEN)
        outbox.owe_later(Topic(bank.code), payment_id, f"payment:{payment_id}", now + FIRST_LOOK)


def asked_for(bank: Bank) -> timedelta:
    """How long after the visit has begun the bank may still know more than we do.

    Source: docs/rules.md R-435.
    """
    return PAGE + (NO_WINDOW if bank.reverses_in is None else bank.reverses_in) + MARGIN


def _fail(payment_id: int, code: str) -> None:
    with atomic():
        db.session.execute(_open_one(payment_id).values(state=PaymentState.FAILED, code=code[:40], settled_at=utcnow()))
        events.note(payment_id, events.NO_TOKEN, code)


def _open_one(payment_id: int) -> Update:
    made = update(Payment).where(Payment.id == payment_id, Payment.state == PaymentState.CREATED)
    return made.execution_options(synchronize_session=False)


# -- The same form again -----------------------------------------------------------


def _newest(order: Order) -> Payment | None:
    keys = [f"{order.form_key}:{attempt}" for attempt in range(MOST_TRIES)]
    query = select(Payment).where(Payment.form_key.in_(keys)).order_by(Payment.id.desc()).limit(1)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _attempt(payment: Payment) -> int:
    return int(payment.form_key.rpartition(":")[2])


def _may_begin_anew(earlier: Payment, order: Order) -> bool:
    """Whether the earlier visit of this form has ended without money, or was for something else.

    Raises:
        Conflict: somebody else sent it.
    """
    if (earlier.user_id, earlier.person_id) != (order.user_id, order.person_id):
        raise Conflict(wording.NOT_YOURS)
    if earlier.state in OVER or (earlier.state is PaymentState.CREATED and earlier.created_at < utcnow() - CUT_OFF):
        return True
    lines = {(line.owner_kind.value, line.owner_code, line.amount) for line in earlier.lines}
    return lines != {line.key for line in order.lines}


def _same(order: Order) -> Started:
    earlier = _newest(order)
    if earlier is None:
        raise Unavailable(wording.NO_ANSWER)
    return _again(earlier, order)


def _again(payment: Payment, order: Order) -> Started:
    to, missed = way_back(payment, utcnow()), _missed(order, payment.gateway)
    return Started(payment.id, payment.receipt_key, payment.gateway, to, missed)


def _missed(order: Order, gateway: str) -> str | None:
    """The gateway that was wanted, where the visit is at another one."""
    return order.gateway if order.gateway != gateway and order.gateway in wording.TITLES else None


def way_back(payment: Payment, now: datetime) -> Redirect | None:
    """The way to the bank's page once more, for one who has come back without having paid; None when that is over."""
    if payment.state not in AT_THE_BANK or payment.token is None or payment.redirected_at is None:
        return None
    bank = banks.by_code(payment.gateway)
    is_over = now > payment.redirected_at + PAGE / 2
    return None if bank is None or is_over else bank.redirect(payment.token)
