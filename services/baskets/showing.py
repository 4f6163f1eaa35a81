"""A basket as its payer sees it before the bank: whose purses, how much, and what has become of it so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import Basket, OwnerKind, Payment, PaymentState, Person, Unit, db
from services import people
from services.baskets import making, typed
from services.baskets.values import Line, Owner, Payer

UNKNOWN = "شخص ناشناخته – هنوز در سامانه ثبت نشده"
CODE_WORDS = {
    OwnerKind.NATIONAL: "کد ملی",
    OwnerKind.FOREIGN: "کد اتباع خارجی",
    OwnerKind.UNIT: "کد واحد",
}
_OPEN = (PaymentState.TOKEN_OK, PaymentState.REDIRECTED, PaymentState.RETURNED)


@dataclass(frozen=True)
class Shown:
    """A line on the screen; `name` is masked for whoever does not see it elsewhere."""

    number: int
    line: Line
    name: str

    @property
    def word(self) -> str:
        return CODE_WORDS[self.line.kind]

    @property
    def code(self) -> str:
        return typed.grouped(self.line.kind, self.line.code)


@dataclass(frozen=True)
class Visit:
    """A payment that this basket has led to."""

    receipt_key: str
    amount: int
    created_at: datetime
    is_paid: bool


@dataclass(frozen=True)
class View:
    """The page of a basket; `paid` is the visit that has paid it, `open` those that the bank has not settled."""

    basket: Basket
    lines: list[Shown]
    visits: list[Visit]

    @property
    def total(self) -> int:
        return sum(each.line.amount for each in self.lines)

    @property
    def unknown(self) -> list[Shown]:
        return [each for each in self.lines if not each.line.known]

    @property
    def paid(self) -> Visit | None:
        return next((visit for visit in self.visits if visit.is_paid), None)

    @property
    def open(self) -> list[Visit]:
        return [visit for visit in self.visits if not visit.is_paid]


def view(payer: Payer, basket: Basket) -> View:
    """Read the page of a basket; three queries, whatever the number of lines."""
    lines = making.lines_of(basket)
    named = _names(payer, [line.owner for line in lines])
    shown = [Shown(number, line, named.get(line.owner, UNKNOWN)) for number, line in enumerate(lines)]
    return View(basket, shown, _visits(basket))


def _names(payer: Payer, owners: Sequence[Owner]) -> dict[Owner, str]:
    found = {owner: _name(payer, person) for owner, person in making.people(owners).items()}
    units = [code for kind, code in owners if kind is OwnerKind.UNIT]
    rows = db.session.execute(select(Unit.code, Unit.title).where(Unit.code.in_(units))) if units else ()
    return found | {(OwnerKind.UNIT, row.code): row.title for row in rows}


def _name(payer: Payer, person: Person) -> str:
    """The whole name for its bearer and for whom the desk shows it; else its first letters."""
    whole = payer.sees_names or payer.person_id == person.id
    return people.shown_name(person) if whole else people.masked_name(person)


def _visits(basket: Basket) -> list[Visit]:
    columns = (Payment.receipt_key, Payment.amount, Payment.created_at, Payment.state)
    wanted = Payment.state.in_((*_OPEN, PaymentState.VERIFIED))
    query = select(*columns).where(Payment.basket_id == basket.id, wanted).order_by(Payment.id.desc()).limit(5)
    return [
        Visit(row.receipt_key, row.amount, row.created_at, row.state is PaymentState.VERIFIED)
        for row in db.session.execute(query)
    ]
