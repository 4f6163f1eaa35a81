"""The nightly check that what is counted is what there is: seats of courses and money in purses."""

from dataclasses import dataclass

from sqlalchemy import case, func, select, text, union_all

from models import Account, AuditEvent, Course, Enrollment, EnrollmentStatus, LedgerTransfer, OwnerKind, db
from services import audit

ACTION, SUBJECT = "books_checked", "books"
MOST_NAMED = 20  # ids in the audit row; the counts are whole


@dataclass(frozen=True)
class Differences:
    """Ids of courses whose `taken` is wrong, and of accounts whose balance is not the sum of its entries."""

    courses: list[int]
    accounts: list[int]

    @property
    def count(self) -> int:
        return len(self.courses) + len(self.accounts)


def differences() -> Differences:
    """Compare, each in one statement, so that work going on meanwhile is seen whole or not at all."""
    return Differences(_courses(), _accounts())


def check() -> Differences:
    """Compare and write the result into the audit trail."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = '30min'"))
    found = differences()
    audit.record(
        ACTION,
        SUBJECT,
        None,
        count=found.count,
        courses=found.courses[:MOST_NAMED],
        accounts=found.accounts[:MOST_NAMED],
    )
    return found


def last_count() -> int | None:
    """How many differences the last check found; None before the first."""
    query = select(AuditEvent.detail).where(AuditEvent.subject == SUBJECT, AuditEvent.subject_id.is_(None))
    row = db.session.execute(query.order_by(AuditEvent.id.desc()).limit(1)).first()
    return int(row[0]["count"]) if row else None


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
