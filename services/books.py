"""The nightly check that what is counted is what there is: seats of courses, money in purses, debits of enrollments."""

from dataclasses import asdict, dataclass

from sqlalchemy import case, func, or_, select, text, union_all

from models import (
    Account,
    Course,
    Enrollment,
    EnrollmentStatus,
    LedgerTransfer,
    OwnerKind,
    TransferKind,
    db,
)
from services import audit

ACTION, SUBJECT = "books_checked", "books"
MOST_NAMED = 20  # ids in the audit row; the counts are whole


@dataclass(frozen=True)
class Differences:
    """Ids of what does not add up.

    `courses` have a wrong `taken`, `accounts` a balance that is not the sum of their entries. `enrollments` were
    charged and lack their one debit of the fee from the payer's purse, or were free and have one. `debits` are
    transfers that no enrollment is the cause of.
    """

    courses: list[int]
    accounts: list[int]
    enrollments: list[int]
    debits: list[int]

    @property
    def count(self) -> int:
        return sum(map(len, asdict(self).values()))


def differences() -> Differences:
    """Compare, each in one statement, so that work going on meanwhile is seen whole or not at all."""
    return Differences(_courses(), _accounts(), _enrollments(), _debits())


def check() -> Differences:
    """Compare and write the result into the audit trail."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = '30min'"))
    found = differences()
    named = {kind: ids[:MOST_NAMED] for kind, ids in asdict(found).items()}
    audit.record(ACTION, SUBJECT, None, count=found.count, **named)
    return found


def last_count() -> int | None:
    """How many differences the last check found; None before the first."""
    last = audit.newest([SUBJECT]).get(SUBJECT)
    return int(last["count"]) if last else None


def _courses() -> list[int]:
    active = (
        select(Enrollment.course_id, func.count().label("n"))
        .where(Enrollment.status == EnrollmentStatus.ACTIVE)
        .group_by(Enrollment.course_id)
        .subquery()
    )
    query = select(Course.id).outerjoin(active, active.c.course_id == Course.id)
    return list(db.session.scalars(query.where(Course.taken != func.coalesce(active.c.n, 0)).order_by(Course.id)))


def _accounts() -> list[int]:
    legs = union_all(
        select(LedgerTransfer.from_account_id.label("account_id"), (-LedgerTransfer.amount).label("amount")),
        select(LedgerTransfer.to_account_id.label("account_id"), LedgerTransfer.amount.label("amount")),
    ).subquery()
    sums = select(legs.c.account_id, func.sum(legs.c.amount).label("total")).group_by(legs.c.account_id).subquery()
    # Purses of the system keep no balance: every enrollment in the country would lock the one row.
    kept = case((Account.owner_kind == OwnerKind.SYSTEM, 0), else_=func.coalesce(sums.c.total, 0))
    query = select(Account.id).outerjoin(sums, sums.c.account_id == Account.id)
    return list(db.session.scalars(query.where(Account.balance != kept).order_by(Account.id)))


def _enrollments() -> list[int]:
    debit = LedgerTransfer
    debits = (
        select(
            debit.enrollment_id,
            func.count().label("n"),
            func.max(debit.amount).label("amount"),
            func.max(debit.from_account_id).label("purse"),
        )
        .where(debit.kind == TransferKind.DEBIT, debit.enrollment_id.is_not(None))
        .group_by(debit.enrollment_id)
        .subquery()
    )
    wanted = case((Enrollment.fee_rials > 0, 1), else_=0)
    wrong = or_(
        func.coalesce(debits.c.n, 0) != wanted,
        debits.c.amount != Enrollment.fee_rials,
        debits.c.purse != Enrollment.payer_account_id,
    )
    query = select(Enrollment.id).outerjoin(debits, debits.c.enrollment_id == Enrollment.id)
    return list(db.session.scalars(query.where(wrong).order_by(Enrollment.id)))


def _debits() -> list[int]:
    query = select(LedgerTransfer.id).where(LedgerTransfer.kind == TransferKind.DEBIT)
    return list(db.session.scalars(query.where(LedgerTransfer.enrollment_id.is_(None)).order_by(LedgerTransfer.id)))
