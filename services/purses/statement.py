"""The statement of one purse: its movements, newest first, each with what the purse held after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, Subquery, func, select, union_all
from sqlalchemy.orm import aliased

from models import (
    Account,
    Channel,
    Course,
    DebitObjection,
    Enrollment,
    EnrollmentStatus,
    ObjectionState,
    Payment,
    PaymentLine,
    Person,
    TransferKind,
    Unit,
    User,
    db,
)
from models import LedgerTransfer as L
from services import jalali
from services.purses.portal import Owner

SIZE = 25
AT_ONCE = 500  # lines of a long list that are read together


@dataclass(frozen=True)
class Wanted:
    """What of a statement is asked for; the days are both included."""

    kind: TransferKind | None = None
    first: date | None = None
    last: date | None = None

    def where(self) -> list[ColumnElement[bool]]:
        kind = [L.kind == self.kind] if self.kind else []
        first = [L.at >= jalali.from_tehran(self.first, time(0))] if self.first else []
        last = [L.at < jalali.from_tehran(self.last + timedelta(days=1), time(0))] if self.last else []
        return [*kind, *first, *last]


@dataclass(frozen=True)
class Entry:
    """One movement as its purse sees it: `amount` is negative for what left, `after` what the purse then held.

    `by` is the user who did it, `unit` the one that enrolled. `objection` is what became of an objection to it.
    """

    id: int
    at: datetime
    kind: TransferKind
    amount: int
    after: int
    course: str | None
    tracking_code: str | None
    person: str | None
    unit: str | None
    by: str | None
    gateway: str | None
    reference: str | None
    receipt_key: str | None
    objection: ObjectionState | None
    answer: str | None
    is_others: bool  # a debit that somebody else made of the credit of whoever was enrolled
    stands: bool  # whether what it paid for does


@dataclass(frozen=True)
class Statement:
    """Some of it; `before` is the id from which the next page goes on, or None."""

    entries: Sequence[Entry]
    before: int | None


ALL = Wanted()


def page(owner: Owner, wanted: Wanted = ALL, before: int | None = None, size: int = SIZE) -> Statement:
    """A page of a statement in two queries; the second sees balance and movements at one moment.

    Args:
        before: only movements with a smaller id.
    """
    return page_of(id_of(owner), wanted, before, size)


def page_of(purse_id: int | None, wanted: Wanted = ALL, before: int | None = None, size: int = SIZE) -> Statement:
    """`page` of a purse whose id is known; there is none yet where nobody has used it."""
    if purse_id is None:
        return Statement([], None)
    found = [_entry(row) for row in db.session.execute(_page(purse_id, wanted, before, size + 1))]
    return Statement(found[:size], found[size - 1].id if len(found) > size else None)


def every(owner: Owner, wanted: Wanted, most: int) -> Iterator[Entry]:
    """A statement of any length, newest first, read a part at a time; at most `most` movements."""
    before: int | None = None
    while most > 0:
        found = page(owner, wanted, before, min(AT_ONCE, most))
        yield from found.entries
        most, before = most - len(found.entries), found.before
        if before is None:
            return


def id_of(owner: Owner) -> int | None:
    """The id of a purse, by itself: a statement that looks for it inside is planned for the purse of the system."""
    return db.session.scalar(select(Account.id).where(Account.owner_kind == owner[0], Account.owner_code == owner[1]))


def _page(purse_id: int, wanted: Wanted, before: int | None, size: int) -> Select[*tuple[Any, ...]]:
    """What a purse held after a movement is what it holds now without all that came later.

    So no more is added up than what lies between now and the last line of the page.
    """
    where = [*wanted.where(), *([L.id < before] if before else [])]
    sides = (_newest(column, purse_id, where, size) for column in (L.from_account_id, L.to_account_id))
    both = union_all(*(select(side.c.id) for side in sides)).subquery()
    shown = select(both.c.id).order_by(both.c.id.desc()).limit(size).cte("shown")
    run = _run(purse_id, shown)
    query = select(run.c.id, run.c.amount, run.c.after, *_told()).select_from(run).join(shown, shown.c.id == run.c.id)
    return _joined(query.join(L, L.id == run.c.id)).order_by(run.c.id.desc())


def _newest(column: Any, purse_id: int, where: list[ColumnElement[bool]], size: int) -> Subquery:
    side = select(L.id).where(column == purse_id, *where)
    return side.order_by(L.id.desc()).limit(size).subquery()


def _run(purse_id: int, shown: CTE) -> Subquery:
    """Every movement since the oldest one shown, with the balance after it."""
    legs = legs_of(purse_id, L.id >= select(func.min(shown.c.id)).scalar_subquery())
    later = func.sum(legs.c.amount).over(order_by=legs.c.id.desc(), rows=(None, -1))
    now = select(Account.balance).where(Account.id == purse_id).scalar_subquery()
    return select(legs.c.id, legs.c.amount, (now - func.coalesce(later, 0)).label("after")).subquery()


def legs_of(purse_id: int, *where: ColumnElement[bool]) -> Subquery:
    """The movements of a purse: id, kind, moment, and the amount, negative for what left."""
    gone = select(L.id, L.kind, L.at, (-L.amount).label("amount")).where(L.from_account_id == purse_id, *where)
    come = select(L.id, L.kind, L.at, L.amount).where(L.to_account_id == purse_id, *where)
    return union_all(gone, come).subquery()


_BY = aliased(Person)


def _told() -> tuple[Any, ...]:
    """What is told of a movement, from the tables that `_joined` brings."""
    enrolled = (Enrollment.tracking_code, Enrollment.channel, Enrollment.status)
    titles = (Course.title.label("course"), Unit.title.label("unit"))
    people = (Person.first_name, Person.last_name, _BY.first_name.label("by_first"), _BY.last_name.label("by_last"))
    paid = (Payment.gateway, Payment.reference, Payment.receipt_key)
    objected = (DebitObjection.state.label("objection"), DebitObjection.answer)
    return (L.at, L.kind, *enrolled, *titles, *people, User.username, *paid, *objected)


def _joined(query: Any) -> Any:
    query = query.outerjoin(Enrollment, Enrollment.id == L.enrollment_id)
    query = query.outerjoin(Course, Course.id == Enrollment.course_id)
    query = query.outerjoin(Unit, Unit.id == Enrollment.unit_id).outerjoin(Person, Person.id == Enrollment.person_id)
    query = query.outerjoin(User, User.id == L.actor_id).outerjoin(_BY, _BY.id == User.person_id)
    query = query.outerjoin(PaymentLine, PaymentLine.id == L.payment_line_id)
    query = query.outerjoin(Payment, Payment.id == PaymentLine.payment_id)
    return query.outerjoin(DebitObjection, DebitObjection.transfer_id == L.id)


def _entry(row: Row[Any]) -> Entry:
    is_debit = row.kind is TransferKind.DEBIT
    return Entry(
        id=row.id,
        at=row.at,
        kind=row.kind,
        amount=int(row.amount),
        after=int(row.after),
        course=row.course,
        tracking_code=row.tracking_code,
        person=_name(row.first_name, row.last_name),
        unit=row.unit,
        by=_name(row.by_first, row.by_last) or row.username,
        gateway=row.gateway,
        reference=row.reference,
        receipt_key=row.receipt_key,
        objection=row.objection,
        answer=row.answer,
        is_others=is_debit and row.channel is not Channel.SELF,
        stands=row.status is EnrollmentStatus.ACTIVE,
    )


def _name(first: str | None, last: str | None) -> str | None:
    return " ".join(part for part in (first, last) if part) or None
