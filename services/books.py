"""The nightly proof that what is counted is what there is: seats, money in purses, debits, payments, and undoing.

Each part is one statement that the database works out by itself and of which a few ids come back, so that a ledger of
any length takes the same memory here. Source: docs/rules.md R-533.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select, text, union_all
from sqlalchemy.orm import aliased

from models import (
    Account,
    Course,
    Enrollment,
    EnrollmentStatus,
    LedgerTransfer,
    OwnerKind,
    Payment,
    PaymentLine,
    PaymentState,
    TransferKind,
    WaitlistEntry,
    WaitState,
    db,
)
from services import audit, ledger

ACTION, SUBJECT = "books_checked", "books"
MOST_NAMED = 20  # ids in the audit row; the counts are whole
UNDOING = (TransferKind.REFUND, TransferKind.MOVE, TransferKind.CORRECTION)


@dataclass(frozen=True)
class Differences:
    """The first ids of what does not add up; `count` is of all.

    `courses` have a wrong `taken` or `held`, `accounts` a balance that is not the sum of their entries. `enrollments`
    were charged and lack debits that make up the fee from the payer's purse, or were free and have one. `debits` are
    transfers that no enrollment is the cause of. `payments` are verified and not the sum of their lines; `lines` are
    of verified payments and not credited once to their purse with their amount, or of others and credited. `top_ups`
    are transfers that say they are a payment's and are not. `undone` are transfers that undo and do not name what,
    and those of which more was undone than there was.
    """

    courses: list[int]
    accounts: list[int]
    enrollments: list[int]
    debits: list[int]
    payments: list[int]
    lines: list[int]
    top_ups: list[int]
    undone: list[int]
    count: int


def differences() -> Differences:
    """Compare, each in one statement, so that work going on meanwhile is seen whole or not at all."""
    checks = (_courses(), _accounts(), _enrollments(), _debits(), _payments(), _lines(), _top_ups(), _undone())
    found = [_first(query) for query in checks]
    named = dict(zip((field.name for field in fields(Differences)), (ids for ids, _ in found), strict=False))
    return Differences(**named, count=sum(count for _, count in found))


def check() -> Differences:
    """Compare and write the result into the audit trail, with how much has come, was spent and is left."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = '30min'"))
    found = differences()
    named = {field.name: getattr(found, field.name) for field in fields(found)}
    audit.record(ACTION, SUBJECT, None, **named, rials=sums())
    return found


def last_count() -> int | None:
    """How many differences the last check found; None before the first."""
    last = audit.newest([SUBJECT]).get(SUBJECT)
    return int(last["count"]) if last else None


def sums() -> dict[str, int]:
    """Rials that have left each purse of the system, less those that came to it, and what all others hold.

    Every transfer gives to one purse what it takes from another, so that these sum up to what balances are wrong by.
    """
    legs = _legs()
    query = select(Account.owner_code, func.sum(legs.c.amount)).join(legs, legs.c.account_id == Account.id)
    system = db.session.execute(query.where(Account.owner_kind == OwnerKind.SYSTEM).group_by(Account.owner_code))
    held = db.session.scalar(select(func.sum(Account.balance)))
    return {code: int(amount) for code, amount in system} | {"held": int(held or 0)}


def _first(query: Select[Any]) -> tuple[list[int], int]:
    """The first ids of a query, and how many there are."""
    part = query.subquery()
    rows: Sequence[Any] = db.session.execute(
        select(part.c.id, func.count().over()).order_by(part.c.id).limit(MOST_NAMED)
    ).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


# -- Seats and purses --------------------------------------------------------------


def _courses() -> Select[Any]:
    active = (
        select(Enrollment.course_id, func.count().label("n"))
        .where(Enrollment.status == EnrollmentStatus.ACTIVE)
        .group_by(Enrollment.course_id)
        .subquery()
    )
    offers = (
        select(WaitlistEntry.course_id, func.count().label("n"))
        .where(WaitlistEntry.state == WaitState.OFFERED)
        .group_by(WaitlistEntry.course_id)
        .subquery()
    )
    query = select(Course.id).outerjoin(active, active.c.course_id == Course.id)
    query = query.outerjoin(offers, offers.c.course_id == Course.id)
    return query.where(or_(Course.taken != func.coalesce(active.c.n, 0), Course.held != func.coalesce(offers.c.n, 0)))


def _accounts() -> Select[Any]:
    legs = _legs()
    sums = select(legs.c.account_id, func.sum(legs.c.amount).label("total")).group_by(legs.c.account_id).subquery()
    # Purses of the system keep no balance: every enrollment in the country would lock the one row.
    kept = case((Account.owner_kind == OwnerKind.SYSTEM, 0), else_=func.coalesce(sums.c.total, 0))
    query = select(Account.id).outerjoin(sums, sums.c.account_id == Account.id)
    return query.where(Account.balance != kept)


def _legs() -> Any:
    return union_all(
        select(LedgerTransfer.from_account_id.label("account_id"), (-LedgerTransfer.amount).label("amount")),
        select(LedgerTransfer.to_account_id.label("account_id"), LedgerTransfer.amount.label("amount")),
    ).subquery()


# -- Enrollments and their debits --------------------------------------------------


def _enrollments() -> Select[Any]:
    debit = LedgerTransfer
    debits = (
        select(
            debit.enrollment_id,
            func.count().label("n"),
            func.sum(debit.amount).label("amount"),
            func.min(debit.from_account_id).label("least"),
            func.max(debit.from_account_id).label("purse"),
        )
        .where(debit.kind == TransferKind.DEBIT, debit.enrollment_id.is_not(None))
        .group_by(debit.enrollment_id)
        .subquery()
    )
    # What was owed because a group did not hold is a second debit of the same purse, with a cause of its own.
    wrong = or_(
        func.coalesce(debits.c.amount, 0) != Enrollment.fee_rials,
        debits.c.n > 2,
        debits.c.least != Enrollment.payer_account_id,
        debits.c.purse != Enrollment.payer_account_id,
    )
    return select(Enrollment.id).outerjoin(debits, debits.c.enrollment_id == Enrollment.id).where(wrong)


def _debits() -> Select[Any]:
    query = select(LedgerTransfer.id).where(LedgerTransfer.kind == TransferKind.DEBIT)
    return query.where(LedgerTransfer.enrollment_id.is_(None))


# -- Payments and their credits ----------------------------------------------------


def _payments() -> Select[Any]:
    sums = select(PaymentLine.payment_id, func.sum(PaymentLine.amount).label("total")).group_by(PaymentLine.payment_id)
    lines = sums.subquery()
    query = select(Payment.id).outerjoin(lines, lines.c.payment_id == Payment.id)
    return query.where(Payment.state == PaymentState.VERIFIED, Payment.amount != func.coalesce(lines.c.total, 0))


def _lines() -> Select[Any]:
    """Lines of payments whose credits are not one for a verified payment and none for any other (I3)."""
    credit = LedgerTransfer
    credits = (
        select(
            credit.payment_line_id,
            func.count().label("n"),
            func.max(credit.amount).label("amount"),
            func.max(credit.to_account_id).label("purse"),
        )
        .where(credit.kind == TransferKind.TOP_UP, credit.payment_line_id.is_not(None))
        .group_by(credit.payment_line_id)
        .subquery()
    )
    wanted = case((Payment.state == PaymentState.VERIFIED, 1), else_=0)
    is_owners = and_(Account.owner_kind == PaymentLine.owner_kind, Account.owner_code == PaymentLine.owner_code)
    wrong = or_(
        func.coalesce(credits.c.n, 0) != wanted,
        credits.c.amount != PaymentLine.amount,
        and_(credits.c.purse.is_not(None), ~is_owners),
    )
    query = select(PaymentLine.id).join(Payment, Payment.id == PaymentLine.payment_id)
    query = query.outerjoin(credits, credits.c.payment_line_id == PaymentLine.id)
    return query.outerjoin(Account, Account.id == credits.c.purse).where(wrong)


def _top_ups() -> Select[Any]:
    """Movements that name a line of a payment, or say so, and are not its credit, and top-ups out of other purses.

    A top-up that names none is none of a bank's: credit that was brought along from elsewhere.
    """
    named, line = LedgerTransfer.payment_line_id, cast(LedgerTransfer.payment_line_id, String)
    says_payment, is_top_up = LedgerTransfer.cause_key.like("payment:%"), LedgerTransfer.kind == TransferKind.TOP_UP
    own: ColumnElement[bool] = and_(is_top_up, LedgerTransfer.cause_key == literal("payment:").concat(line))
    is_gateway = and_(Account.owner_kind == OwnerKind.SYSTEM, Account.owner_code == ledger.GATEWAY)
    query = select(LedgerTransfer.id).join(Account, Account.id == LedgerTransfer.from_account_id)
    astray = or_(and_(named.is_not(None), ~own), and_(named.is_(None), says_payment))
    return query.where(or_(astray, and_(is_top_up, ~is_gateway)))


# -- What undoes -------------------------------------------------------------------


def _undone() -> Select[Any]:
    """Refunds, moves and corrections that do not go back from where the first one went, or further than it went."""
    first = aliased(LedgerTransfer)
    goes_back = and_(
        LedgerTransfer.from_account_id == first.to_account_id,
        or_(LedgerTransfer.kind == TransferKind.MOVE, LedgerTransfer.to_account_id == first.from_account_id),
    )
    query = select(LedgerTransfer.id).outerjoin(first, first.id == LedgerTransfer.opposes_id)
    astray = query.where(LedgerTransfer.kind.in_(UNDOING), or_(first.id.is_(None), ~goes_back))
    taken = (
        select(LedgerTransfer.opposes_id, func.sum(LedgerTransfer.amount).label("amount"))
        .where(LedgerTransfer.opposes_id.is_not(None))
        .group_by(LedgerTransfer.opposes_id)
        .subquery()
    )
    beyond = select(first.id).join(taken, taken.c.opposes_id == first.id).where(taken.c.amount > first.amount)
    both = union_all(astray, beyond).subquery()
    return select(both.c.id)
