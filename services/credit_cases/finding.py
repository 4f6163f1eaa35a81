"""The payment that went to the wrong code: among one's own, by its receipt, or by the bank's number and its amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from models import (
    Account,
    LedgerTransfer,
    Payment,
    PaymentLine,
    PaymentState,
    Person,
    TransferKind,
    User,
    db,
    utcnow,
)
from services import codes, people, seals, throttle
from services.access import Actor, Visitor
from services.credit_cases import owners
from services.errors import DomainError, NotAllowed, NotFound
from services.payments.wording import TITLES, title
from services.text import as_printed
from services.throttle import Bucket

Asker = Actor | Visitor
BACK = timedelta(days=180)  # so far back the list of one's own payments goes; older ones are found by their number
MOST = 30
FREE = 10  # numbers that may be tried before one waits
_NONE = "پرداخت موفقی با این شماره و مبلغ پیدا نشد. هر دو را از روی رسید بانک بنویسید؛ مبلغ به ریال است."
_OTHERS = (
    "این پرداخت را شخص دیگری با حساب خود انجام داده است. خود او، یا مرکز با رسید پرداخت، می‌تواند جابه‌جایی آن را "
    "درخواست کند."
)


@dataclass(frozen=True)
class Line:
    """A purse that a payment has filled: whose, masked, and why the money cannot be moved any more, if it cannot."""

    id: int
    owner: str
    amount: int
    why: str = ""


@dataclass(frozen=True)
class Paid:
    """A payment that somebody may ask about; `wants_receipt` from who is not known to have paid it."""

    receipt_key: str
    wants_receipt: bool
    at: datetime
    reference: str
    gateway: str
    amount: int
    lines: Sequence[Line]


def own(asker: Asker) -> list[Payment]:
    """One's own payments that were credited, newest first."""
    query = select(Payment).where(_paid_by(asker), Payment.state == PaymentState.VERIFIED)
    query = query.where(Payment.created_at > utcnow() - BACK).options(joinedload(Payment.lines))
    return list(db.session.scalars(query.order_by(Payment.id.desc()).limit(MOST)).unique())


def by_number(asker: Asker, number: str, amount: int) -> str:
    """The key of the receipt of a payment, by the bank's reference or our order number, and its amount.

    Raises:
        DomainError: there is none; the reason stands at `number`.
        NotAllowed: somebody else has paid it. TooMany: too many numbers were tried.

    Source: docs/rules.md R-482.
    """
    tried = [Bucket(seals.mark("throttle", f"credit-number:{_name(asker)}"), FREE)]
    throttle.count(tried)
    found = db.session.scalars(select(Payment).where(numbered(number), Payment.amount == amount).limit(MOST)).all()
    if not found:
        raise DomainError(_NONE, field="number")
    throttle.forgive(tried)
    allowed = [payment for payment in found if _may_ask(asker, payment)]
    if not allowed:
        raise NotAllowed(_OTHERS)
    return allowed[-1].receipt_key


def numbered(number: str) -> ColumnElement[bool]:
    """SQL: payments that were credited and have this reference at a bank, or this order number of ours."""
    bare = codes.bare(number)[:80]
    named = and_(Payment.gateway.in_(TITLES), Payment.reference == bare)
    is_ours = bare.isascii() and bare.isdigit() and len(bare) <= 18
    either = or_(named, Payment.order_number == int(bare)) if is_ours else named
    return and_(either, Payment.state == PaymentState.VERIFIED)


def paid(asker: Asker, receipt_key: str) -> Paid:
    """One payment with what became of each of its purses, for whoever holds its receipt.

    Raises:
        NotFound: no credited payment has this receipt. NotAllowed: somebody else has paid it.
    """
    payment = _by_receipt(asker, receipt_key)
    found = {transfer.payment_line_id or 0: (transfer, account) for transfer, account in _top_ups(payment)}
    seen = owners.of(account for _, account in found.values())
    taken = undone([transfer.id for transfer, _ in found.values()])
    lines = []
    for line in payment.lines:
        if line.id in found:
            transfer, account = found[line.id]
            lines.append(Line(line.id, seen[account.id].masked, line.amount, _why_not(transfer, account, taken)))
    at = payment.settled_at or payment.created_at
    words = (payment.reference or "", title(payment.gateway))
    return Paid(payment.receipt_key, not _has_paid(asker, payment), at, *words, payment.amount, lines)


def top_up(asker: Asker, receipt_key: str, line_id: int) -> tuple[LedgerTransfer, bool]:
    """The entry by which a line of a payment was credited, and whether the asker is known to have paid it.

    Raises:
        as `paid`; DomainError: the payment has no such line.
    """
    payment = _by_receipt(asker, receipt_key)
    wanted = (LedgerTransfer.payment_line_id == line_id, LedgerTransfer.kind == TransferKind.TOP_UP)
    found = db.session.scalar(select(LedgerTransfer).where(*wanted))
    if found is None or line_id not in {line.id for line in payment.lines}:
        raise DomainError("یکی از ردیف‌های این پرداخت را انتخاب کنید", field="line")
    return found, _has_paid(asker, payment)


def said_of(line_id: int | None) -> str | None:
    """How the money of an entry was paid and by whom, for reviewers; None where no bank had to do with it."""
    user = aliased(User)
    who = Person.id == func.coalesce(Payment.person_id, user.person_id)
    query = select(Payment, Person).join(PaymentLine, PaymentLine.payment_id == Payment.id)
    query = query.outerjoin(user, user.id == Payment.user_id).outerjoin(Person, who)
    found = db.session.execute(query.where(PaymentLine.id == line_id)).first() if line_id else None
    if found is None:
        return None
    payment, payer = found
    by = f"با حساب {people.shown_name(payer)}" if payer else "بدون ورود به سامانه"
    return f"{title(payment.gateway)}، مرجع {as_printed(payment.reference or '')}، {by}"


def undone(transfer_ids: Sequence[int]) -> dict[int, int]:
    """Rials of these entries that later ones have undone, by id; what nothing was done to is absent."""
    if not transfer_ids:
        return {}
    rows = db.session.execute(
        select(LedgerTransfer.opposes_id, LedgerTransfer.amount).where(LedgerTransfer.opposes_id.in_(transfer_ids))
    )
    found: dict[int, int] = {}
    for row in rows:
        found[row.opposes_id or 0] = found.get(row.opposes_id or 0, 0) + row.amount
    return found


# -- Support -----------------------------------------------------------------------


def _by_receipt(asker: Asker, receipt_key: str) -> Payment:
    query = select(Payment).where(Payment.receipt_key == receipt_key[:32], Payment.state == PaymentState.VERIFIED)
    payment = db.session.scalar(query.options(selectinload(Payment.lines)))
    if payment is None:
        raise NotFound("پرداخت موفقی با این رسید پیدا نشد. از فهرست پرداخت‌ها شروع کنید.")
    if not _may_ask(asker, payment):
        raise NotAllowed(_OTHERS)
    return payment


def _may_ask(asker: Asker, payment: Payment) -> bool:
    """Staff ask for whoever brings the receipt; a trainee for what they have paid, or nobody who has signed in.

    Source: docs/rules.md R-481.
    """
    nobody = payment.person_id is None and payment.user_id is None
    return isinstance(asker, Actor) or nobody or _has_paid(asker, payment)


def _has_paid(asker: Asker, payment: Payment) -> bool:
    """Whether the payment was made by this very person, signed in as staff or as trainee."""
    human = asker.person_id if isinstance(asker, Actor) else asker.id
    if human == payment.person_id or payment.user_id is None:
        return human == payment.person_id
    user = db.session.get(User, payment.user_id)
    return user is not None and user.person_id == human


def _paid_by(asker: Asker) -> ColumnElement[bool]:
    return Payment.user_id == asker.user_id if isinstance(asker, Actor) else Payment.person_id == asker.id


def _name(asker: Asker) -> str:
    return f"user:{asker.user_id}" if isinstance(asker, Actor) else f"person:{asker.id}"


def _top_ups(payment: Payment) -> Sequence[tuple[LedgerTransfer, Account]]:
    query = select(LedgerTransfer, Account).join(Account, Account.id == LedgerTransfer.to_account_id)
    lines = select(PaymentLine.id).where(PaymentLine.payment_id == payment.id)
    query = query.where(LedgerTransfer.payment_line_id.in_(lines), LedgerTransfer.kind == TransferKind.TOP_UP)
    return [(transfer, account) for transfer, account in db.session.execute(query)]


def _why_not(transfer: LedgerTransfer, account: Account, taken: dict[int, int]) -> str:
    if taken.get(transfer.id):
        return "پیش‌تر جابه‌جا شده است"
    return "خرج شده است" if account.balance < transfer.amount else ""
