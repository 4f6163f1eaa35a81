"""From a basket to the bank: what must be said first, and the visit that is begun."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import update

from models import Basket, db, utcnow
from services import counters
from services.baskets import making, values
from services.baskets.values import Line, Payer
from services.errors import Conflict, DomainError
from services.payments import banks, starting, wording
from services.payments.starting import Order, Started
from services.transaction import atomic

UNTICKED = "این کد در سامانه ثبت نشده است. رقم‌ها را با مدرک تطبیق دهید و اگر درست است، این خانه را بزنید"


class Unticked(DomainError):
    """Somebody unknown without a tick; `numbers` are the lines of all of them."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(UNTICKED)
        self.numbers = numbers


@dataclass(frozen=True)
class Said:
    """What the payer sends with the button: the version and the sum that stood on the page, and what was ticked."""

    version: int
    total: int
    ticked: Collection[int]
    form_key: str
    bank: str | None = None


def offered() -> list[tuple[str, str]]:
    """(code, title) of the gateways that can be paid at now, the first one first; none where none is on."""
    return [(bank.code, wording.title(bank.code)) for bank in banks.to_try(None)]


def pay(payer: Payer, basket: Basket, said: Said) -> Started:
    """Begin a visit to a bank for what stood on the page; the same form sent again is the same visit.

    Raises:
        Conflict: the basket was changed or paid since.
        Unticked: somebody is unknown and not ticked. DomainError: no bank can be reached.
        NotAllowed: a counter office without a contract that allows it.
    """
    counters.require_of(payer.counters, counters.TOP_UP)
    lines = _ticked(making.lines_of(basket), said.ticked)
    total = sum(line.amount for line in lines)
    if total != said.total:
        raise Conflict(making.STALE)
    values.limits().check_sum(total)
    _keep_ticks(basket, said.version, lines)
    return starting.start(_order(payer, basket, lines, said))


def _ticked(lines: list[Line], ticked: Collection[int]) -> list[Line]:
    left = [number for number, line in enumerate(lines) if not line.known and number not in ticked]
    if left:
        raise Unticked(left)
    return [replace(line, ticked=not line.known) for line in lines]


def _keep_ticks(basket: Basket, version: int, lines: list[Line]) -> None:
    """Store what was ticked. The version stays: nothing that is paid has changed, and a repeat of the form passes."""
    with atomic():
        kept = db.session.scalar(
            update(Basket)
            .where(Basket.id == basket.id, Basket.version == version, Basket.paid_at.is_(None))
            .values(lines=[line.as_row() for line in lines], updated_at=utcnow())
            .returning(Basket.id)
            .execution_options(synchronize_session=False)
        )
        if kept is None:
            raise Conflict(making.PAID if basket.paid_at else making.STALE)


def _order(payer: Payer, basket: Basket, lines: list[Line], said: Said) -> Order:
    return Order(
        lines=tuple(starting.Line(*line.owner, line.amount, line.known) for line in lines),
        user_id=payer.user_id,
        person_id=payer.person_id,
        unit_id=basket.unit_id,
        form_key=said.form_key,
        basket_id=basket.id,
        gateway=said.bank,
    )
