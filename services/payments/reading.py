"""How a payment stands, for whoever paid, for the owner of a purse and for the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import selectinload

from gateways.banks.base import Redirect
from models import Basket, OwnerKind, Payment, PaymentLine, PaymentState, Person, db, utcnow
from services import people
from services.errors import NotFound
from services.payments import starting, wording

Owner = tuple[OwnerKind, str]
OPEN = (PaymentState.TOKEN_OK, PaymentState.REDIRECTED, PaymentState.RETURNED)


@dataclass(frozen=True)
class Pending:
    """Money on its way to a purse: asked for at a bank that has not said yet what became of it."""

    owner: Owner
    amount_rials: int
    at: datetime
    gateway_title: str
    receipt_key: str


@dataclass(frozen=True)
class Paid:
    """Money that has reached a purse; `line_id` is what the ledger's entry names."""

    line_id: int
    payment_id: int
    owner: Owner
    amount_rials: int
    at: datetime
    gateway_title: str
    reference: str
    receipt_key: str


@dataclass(frozen=True)
class Owned:
    """A line of a receipt: whose purse, masked, and how much."""

    name: str
    code: str
    amount_rials: int
    was_known: bool


@dataclass(frozen=True)
class Receipt:
    """What the holder of the key of a payment may see of it."""

    payment: Payment
    lines: list[Owned]
    gateway_title: str
    basket_key: str | None
    return_path: str | None
    way_back: Redirect | None

    @property
    def is_open(self) -> bool:
        return self.payment.settled_at is None

    @property
    def is_paid(self) -> bool:
        return self.payment.state is PaymentState.VERIFIED


def by_receipt(key: str) -> Receipt:
    """The payment of a receipt, with the purses masked.

    Raises:
        NotFound: no payment has this key.
    """
    query = select(Payment, Basket.key, Basket.return_path).outerjoin(Basket, Basket.id == Payment.basket_id)
    query = query.where(Payment.receipt_key == key).options(selectinload(Payment.lines))
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none() if key else None
    if found is None:
        raise NotFound(wording.NOT_FOUND)
    payment, basket_key, return_path = found
    way_back = starting.way_back(payment, utcnow())
    title = wording.title(payment.gateway)
    return Receipt(payment, owned(payment.lines), title, basket_key, return_path, way_back)


def pending_of(*owners: Owner) -> list[Pending]:
    """The open visits to a bank for these purses, newest first; whether they are paid is not known yet."""
    query = select(PaymentLine, Payment.created_at, Payment.gateway, Payment.receipt_key)
    query = query.join(Payment, Payment.id == PaymentLine.payment_id).where(_of(owners), Payment.state.in_(OPEN))
    return [
        Pending(_owner(line), line.amount, at, wording.title(gateway), key)
        for line, at, gateway, key in db.session.execute(query.order_by(PaymentLine.id.desc()).limit(20))
    ]


def paid_by(user_id: int | None = None, person_id: int | None = None, limit: int = 50) -> list[Paid]:
    """What a signed-in user or person has paid for, purse by purse, newest first."""
    mine = Payment.user_id == user_id if user_id is not None else Payment.person_id == person_id
    return _paid(mine, limit=limit)


def by_reference(reference: str) -> list[Paid]:
    """What was paid under a bank's reference, by whichever gateway."""
    return _paid(Payment.reference == reference)


def _paid(*where: ColumnElement[bool], limit: int = 50) -> list[Paid]:
    query = select(PaymentLine, Payment).join(Payment, Payment.id == PaymentLine.payment_id)
    query = query.where(Payment.state == PaymentState.VERIFIED, *where)
    rows = db.session.execute(query.order_by(PaymentLine.id.desc()).limit(limit))
    return [_one_paid(line, payment) for line, payment in rows]


def _one_paid(line: PaymentLine, payment: Payment) -> Paid:
    if payment.settled_at is None or payment.reference is None:
        raise AssertionError("a verified payment has both")
    title, paid = wording.title(payment.gateway), (_owner(line), line.amount, payment.settled_at)
    return Paid(line.id, payment.id, *paid, title, payment.reference, payment.receipt_key)


def _of(owners: tuple[Owner, ...]) -> ColumnElement[bool]:
    return tuple_(PaymentLine.owner_kind, PaymentLine.owner_code).in_(owners)


def _owner(line: PaymentLine) -> Owner:
    return line.owner_kind, line.owner_code


def owned(lines: list[PaymentLine]) -> list[Owned]:
    """Names for strangers: letters and digits enough to see whether it is the right purse."""
    known = {person.national_code: person for person in _people(OwnerKind.NATIONAL, Person.national_code, lines)}
    known |= {person.foreign_code: person for person in _people(OwnerKind.FOREIGN, Person.foreign_code, lines)}
    return [_one_owned(line, known.get(line.owner_code)) for line in lines]


def _people(kind: OwnerKind, column: Any, lines: list[PaymentLine]) -> list[Person]:
    codes = [line.owner_code for line in lines if line.owner_kind is kind]
    return list(db.session.scalars(select(Person).where(column.in_(codes)))) if codes else []


def _one_owned(line: PaymentLine, person: Person | None) -> Owned:
    if line.owner_kind is OwnerKind.UNIT:
        return Owned("اعتبار واحد", line.owner_code, line.amount, was_known=True)
    name = people.masked_name(person) if person else wording.NOT_SEEN
    return Owned(name, people.masked_code(line.owner_code), line.amount, line.was_known)
