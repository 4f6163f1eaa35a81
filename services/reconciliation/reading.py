"""A day of a bank beside ours: both sums, each difference with what it does to them, and the last days in a list.

The difference of the sums is the sum of the differences: each of our payments of the day is met by one line of the
day's files or stands among them, and so does each line that meets none. Source: docs/rules.md R-522, R-523, R-524.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import joinedload

from models import (
    DayClosing,
    Outcome,
    Payment,
    PaymentState,
    ReconciliationFile,
    ReconciliationRow,
    User,
    db,
)
from services import policy, trail
from services.access import Actor
from services.errors import NotAllowed, NotFound
from services.payments import wording as payments
from services.payments.reading import OPEN
from services.reconciliation import sheets, wording
from services.reconciliation.matching import MEETS, Span, kind_of, span

DAYS = 14  # in the list
DIFFERING = tuple(wording.KINDS)


@dataclass(frozen=True)
class Sum:
    """So many payments of so many rials."""

    count: int = 0
    rials: int = 0

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum(self.count - other.count, self.rials - other.rials)


@dataclass(frozen=True)
class Difference:
    """Something of a day that is not the same on both sides; `ours` and `theirs` are the rials that it adds to each.

    `key` names it in a form. `by_id`, `note` and `settled_at` are of whoever explained it.
    """

    key: str
    kind: Outcome
    ours: int
    theirs: int
    order_number: int | None
    reference: str | None
    payment_id: int | None
    is_open_payment: bool = False
    at: datetime | None = None
    note: str = ""
    by_id: int | None = None
    settled_at: datetime | None = None

    @property
    def may_ask(self) -> bool:
        """Whether the bank can be asked again about its payment."""
        return self.kind is Outcome.NOT_CREDITED and self.is_open_payment and self.settled_at is None


@dataclass(frozen=True)
class Day:
    """One day of one bank."""

    gateway: str
    day: date
    files: Sequence[ReconciliationFile]
    ours: Sum
    theirs: Sum
    differences: list[Difference]
    closing: DayClosing | None
    names: dict[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return payments.title(self.gateway)

    @property
    def left(self) -> int:
        return sum(each.settled_at is None for each in self.differences)

    @cached_property
    def by_kind(self) -> dict[Outcome, list[Difference]]:
        """The differences of each kind that occurs, in the order of urgency."""
        found = {kind: [each for each in self.differences if each.kind is kind] for kind in DIFFERING}
        return {kind: each for kind, each in found.items() if each}

    @property
    def seen(self) -> str:
        """What a form that closes the day was rendered with."""
        return f"{self.ours.count}-{self.ours.rials}-{self.theirs.count}-{self.theirs.rials}-{len(self.differences)}"

    @property
    def is_over(self) -> bool:
        return self.day < policy.today()

    @property
    def may_close(self) -> bool:
        return bool(self.files) and not self.left and self.closing is None and self.is_over


def require(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this is not among the person's roles.
    """
    if not actor.has(*sheets.ROLES):
        raise NotAllowed(wording.NOT_YOURS)


def place(gateway: str, day: str) -> tuple[str, date]:
    """A bank and a day from an address.

    Raises:
        NotFound: there is no such bank, or no such day yet.
    """
    try:
        found = date.fromisoformat(day)
    except ValueError:
        found = date.max
    if gateway not in sheets.TITLES or len(day) != 10 or not date(2020, 1, 1) <= found <= policy.today():
        raise NotFound(wording.NO_SUCH_DAY)
    return gateway, found


# -- One day -----------------------------------------------------------------------


def one(gateway: str, day: date) -> Day:
    """A day with all that is different on both sides."""
    of_day = span(day)
    in_files = and_(ReconciliationFile.gateway == gateway, ReconciliationFile.day == day)
    query = select(ReconciliationFile).where(in_files).order_by(ReconciliationFile.id)
    files = db.session.scalars(query.execution_options(populate_existing=True)).all()
    ours = db.session.execute(select(func.count(), func.sum(Payment.amount)).where(*_ours(gateway, of_day))).one()
    closing = db.session.scalar(select(DayClosing).where(DayClosing.closing_key == sheets.closing_key(gateway, day)))
    theirs, differences = _of_files(in_files, of_day)
    notes = {each.payment_id: each for each in differences if each.key.startswith("note:")}
    lines = [each for each in differences if not each.key.startswith("note:")]
    lines += [_of_ours(row, notes.get(row.id)) for row in _unmet(gateway, in_files, of_day)]
    people = {each.by_id for each in lines} | {file.uploaded_by_id for file in files}
    people |= {closing.closed_by_id} if closing else set()
    names = _names([each for each in people if each is not None])
    return Day(gateway, day, files, Sum(ours[0], int(ours[1] or 0)), theirs, lines, closing, names)


def _ours(gateway: str, of_day: Span) -> tuple[ColumnElement[bool], ...]:
    is_ours = (Payment.gateway == gateway, Payment.state == PaymentState.VERIFIED)
    return (*is_ours, Payment.settled_at >= of_day[0], Payment.settled_at < of_day[1])


def _of_files(in_files: ColumnElement[bool], of_day: Span) -> tuple[Sum, list[Difference]]:
    """The sum of the files' lines, and those that differ as the payments stand now; notes on our payments too."""
    query = select(func.count(), func.sum(ReconciliationRow.amount)).join(
        ReconciliationFile, ReconciliationFile.id == ReconciliationRow.file_id
    )
    counted = (ReconciliationRow.line > 0, ReconciliationRow.outcome != Outcome.UNREADABLE)
    count, rials = db.session.execute(query.where(in_files, *counted)).one()
    rows = select(ReconciliationRow, Payment).outerjoin(Payment, Payment.id == ReconciliationRow.payment_id)
    rows = rows.join(ReconciliationFile, ReconciliationFile.id == ReconciliationRow.file_id).where(in_files)
    rows = rows.where(ReconciliationRow.outcome != Outcome.MATCHED).order_by(ReconciliationRow.id)
    found = [_of_row(*row, of_day) for row in db.session.execute(rows.execution_options(populate_existing=True))]
    return Sum(count, int(rials or 0)), [each for each in found if each is not None]


def _of_row(row: ReconciliationRow, payment: Payment | None, of_day: Span) -> Difference | None:
    """A line as it differs now; None when asking the bank again has made it the same."""
    kind = row.outcome
    if kind is Outcome.NOT_CREDITED and payment:
        kind = kind_of(row.amount, payment, of_day)
    if kind is Outcome.MATCHED:
        return None
    ours = payment.amount if payment and row.outcome in MEETS and _is_of(payment, of_day) else 0
    return Difference(
        key=f"row:{row.id}" if row.line else f"note:{row.id}",
        kind=kind,
        ours=ours,
        theirs=0 if row.outcome is Outcome.UNREADABLE else row.amount or 0,
        order_number=row.order_number or (payment.order_number if payment else None),
        reference=row.reference,
        payment_id=row.payment_id,
        is_open_payment=payment is not None and payment.state in OPEN,
        at=row.paid_at,
        note=row.note or "",
        by_id=row.settled_by_id,
        settled_at=row.settled_at,
    )


def _is_of(payment: Payment, of_day: Span) -> bool:
    at = payment.settled_at
    return payment.state is PaymentState.VERIFIED and at is not None and of_day[0] <= at < of_day[1]


def _unmet(gateway: str, in_files: ColumnElement[bool], of_day: Span) -> Sequence[Any]:
    """Our payments of the day that no line of its files is about, and whether a file of another day names them."""
    meets = (
        ReconciliationRow.payment_id == Payment.id,
        ReconciliationRow.line > 0,
        ReconciliationRow.outcome.in_(MEETS),
        ReconciliationFile.id == ReconciliationRow.file_id,
    )
    here, elsewhere = exists().where(*meets, in_files), exists().where(*meets, ~in_files)
    columns = (Payment.id, Payment.order_number, Payment.reference, Payment.amount, Payment.settled_at)
    query = select(*columns, elsewhere.label("elsewhere")).where(*_ours(gateway, of_day), ~here)
    return db.session.execute(query.order_by(Payment.id)).all()


def _of_ours(row: Any, note: Difference | None) -> Difference:
    return Difference(
        key=f"payment:{row.id}",
        kind=Outcome.ANOTHER_DAY if row.elsewhere else Outcome.MISSING_THERE,
        ours=row.amount,
        theirs=0,
        order_number=row.order_number,
        reference=row.reference,
        payment_id=row.id,
        at=row.settled_at,
        note=note.note if note else "",
        by_id=note.by_id if note else None,
        settled_at=note.settled_at if note else None,
    )


def _names(user_ids: list[int]) -> dict[int, str]:
    query = select(User).where(User.id.in_(user_ids)).options(joinedload(User.person))
    return {user.id: trail.name_of(user) for user in db.session.scalars(query)} if user_ids else {}


# -- The last days -----------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A day of a bank in the list."""

    gateway: str
    day: date
    ours: Sum
    theirs: Sum
    has_file: bool
    is_closed: bool

    @property
    def title(self) -> str:
        return payments.title(self.gateway)


def days(until: date, codes: Sequence[str]) -> list[Line]:
    """The days up to one, newest first, each with the banks that have something on either side; three statements."""
    wanted = [until - timedelta(days=n) for n in range(DAYS)]
    ours, theirs = _ours_by_day(wanted), _theirs_by_day(wanted)
    query = select(DayClosing.gateway, DayClosing.day).where(DayClosing.day.in_(wanted))
    closed = {(gateway, day) for gateway, day in db.session.execute(query)}
    known = [code for code in sheets.TITLES if code in codes]
    known += [code for code in sheets.TITLES if code not in codes]
    return [
        Line(gateway, day, ours.get(at, Sum()), theirs.get(at, Sum()), at in theirs, at in closed)
        for day in wanted
        for gateway in known
        if (at := (gateway, day)) in ours or at in theirs or at in closed
    ]


def _ours_by_day(wanted: list[date]) -> dict[tuple[str, date], Sum]:
    # Days are Tehran's, and neither database is asked to know where Tehran is.
    at = case(*((Payment.settled_at >= span(day)[0], n) for n, day in enumerate(wanted)))
    query = select(Payment.gateway, at, func.count(), func.sum(Payment.amount)).where(
        Payment.gateway.in_(sheets.TITLES),
        Payment.state == PaymentState.VERIFIED,
        Payment.settled_at >= span(wanted[-1])[0],
        Payment.settled_at < span(wanted[0])[1],
    )
    rows = db.session.execute(query.group_by(Payment.gateway, at))
    return {(gateway, wanted[n]): Sum(count, int(rials)) for gateway, n, count, rials in rows}


def _theirs_by_day(wanted: list[date]) -> dict[tuple[str, date], Sum]:
    file = ReconciliationFile
    query = select(file.gateway, file.day, func.sum(file.rows), func.sum(file.total_rials))
    rows = db.session.execute(query.where(file.day.in_(wanted)).group_by(file.gateway, file.day))
    return {(gateway, day): Sum(int(count), int(rials)) for gateway, day, count, rials in rows}
