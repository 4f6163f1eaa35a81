"""What enrollments of some days would have paid under other rows; nothing is written.

Two statements whatever the number of enrollments: they come in bundles of equal ones, and a `Book` prices each bundle.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from models import Course, Enrollment, EnrollmentStatus, TargetGroup, Unit, db
from services import jalali, policy
from services.errors import DomainError
from services.tariffs import prices
from services.tariffs.keeping import NewTariff
from services.tariffs.prices import Book, Keys, Line

PREVIEW_DAYS, MOST_DAYS = 90, 366


@dataclass(frozen=True)
class Bundle:
    """So many enrollments alike: who, where, whether their group is free, and what each has paid."""

    keys: Keys
    is_free: bool
    fee_rials: int
    count: int

    def price(self, book: Book, day: date) -> int | None:
        return 0 if self.is_free else book.amount(self.keys, day)


@dataclass(frozen=True)
class Sum:
    """What some enrollments have paid and would have paid; `unpriced` of them no row fits."""

    count: int = 0
    paid: int = 0
    would: int = 0
    unpriced: int = 0

    @property
    def difference(self) -> int:
        return self.would - self.paid

    def __add__(self, other: "Sum") -> "Sum":
        mine, theirs = (self.count, self.paid, self.would, self.unpriced), (other.count, other.paid, other.would)
        return Sum(*(a + b for a, b in zip(mine, (*theirs, other.unpriced), strict=True)))


@dataclass(frozen=True)
class Simulation:
    """All of it, and the same by each key: (value, sum), the largest first."""

    whole: Sum
    by_unit_kind: Sequence[tuple[Any, Sum]]
    by_delivery: Sequence[tuple[Any, Sum]]
    by_group: Sequence[tuple[Any, Sum]]
    by_decile: Sequence[tuple[Any, Sum]]


@dataclass(frozen=True)
class Effect:
    """What another book would change: of `count` enrollments of the last days, by (amount now, amount then) how many.

    An amount is None where no row would fit.
    """

    count: int
    changes: Sequence[tuple[int | None, int | None, int]]
    difference: int

    @property
    def changed(self) -> int:
        return sum(number for _, _, number in self.changes)


# -- Simulation --------------------------------------------------------------------


def simulate(since: date, until: date, day: date, draft: NewTariff | None = None) -> Simulation:
    """What the enrollments of these days would pay under the rows of `day`, and a row that is only thought of.

    Source: docs/rules.md R-508.

    Raises:
        DomainError: the days make no sense, and which field says so.
    """
    _check(since, until)
    book = prices.book(prices.ENROLL_CREDIT)
    if draft is not None:
        book = with_lines(book, replace(draft, valid_from=day, valid_to=None).lines)
    sums = [(each.keys, _sum(each, book, day)) for each in _bundles(since, until)]
    return Simulation(
        whole=sum((one for _, one in sums), Sum()),
        by_unit_kind=_by(sums, lambda keys: keys.unit_kind),
        by_delivery=_by(sums, lambda keys: keys.delivery),
        by_group=_by(sums, lambda keys: keys.group),
        by_decile=sorted(_by(sums, lambda keys: keys.decile), key=lambda one: one[0] or 99),
    )


def _check(since: date, until: date) -> None:
    if until < since:
        raise DomainError("روز آخر پیش از روز نخست است", field="until")
    if until - since > timedelta(days=MOST_DAYS):
        raise DomainError("بیش از یک سال است؛ روزهای کم‌تری انتخاب کنید", field="since")


def _sum(bundle: Bundle, book: Book, day: date) -> Sum:
    price = bundle.price(book, day)
    missing = bundle.count if price is None else 0
    return Sum(bundle.count, bundle.fee_rials * bundle.count, (price or 0) * bundle.count, missing)


def _by(sums: Iterable[tuple[Keys, Sum]], of: Callable[[Keys], Any]) -> list[tuple[Any, Sum]]:
    found: dict[Any, Sum] = {}
    for keys, one in sums:
        found[of(keys)] = found.get(of(keys), Sum()) + one
    return sorted(found.items(), key=lambda one: -one[1].count)


# -- Previews ----------------------------------------------------------------------


def of_adding(wanted: NewTariff) -> Effect:
    """What new rows change, by the enrollments of the last 90 days.

    Source: docs/rules.md R-505.
    """
    book = prices.book(wanted.fee_kind)
    return _effect(wanted.fee_kind, book, with_lines(book, wanted.lines), wanted.valid_from)


def of_ending(book: Book, line: Line, day: date) -> Effect:
    """What it changes that a row does not hold on `day`."""
    return _effect(line.fee_kind, book, Book([each for each in book.lines if each.id != line.id]), day)


def with_lines(book: Book, lines: Sequence[Line]) -> Book:
    """The book as if these rows stood in it; they take the place of rows with their key and day."""
    new = {(line.key, line.valid_from) for line in lines}
    return Book([*(line for line in book.lines if (line.key, line.valid_from) not in new), *lines])


def _effect(fee_kind: str, before: Book, after: Book, day: date) -> Effect:
    if fee_kind != prices.ENROLL_CREDIT:
        return Effect(0, [], 0)
    today = policy.today()
    found: dict[tuple[int | None, int | None], int] = {}
    bundles = _bundles(today - timedelta(days=PREVIEW_DAYS), today)
    for each in bundles:
        pair = each.price(before, day), each.price(after, day)
        if pair[0] != pair[1]:
            found[pair] = found.get(pair, 0) + each.count
    changes = sorted(((*pair, number) for pair, number in found.items()), key=lambda one: -one[2])
    difference = sum(((new or 0) - (old or 0)) * number for old, new, number in changes)
    return Effect(sum(each.count for each in bundles), changes, difference)


# -- Enrollments -------------------------------------------------------------------


def _bundles(since: date, until: date) -> list[Bundle]:
    """The enrollments that were made in these days and stand, alike ones together; one statement."""
    begin, end = _midnight(since), _midnight(until + timedelta(days=1))
    decile = prices.decile_of(Enrollment.person_id, policy.today())
    group = TargetGroup.code.label("code"), func.coalesce(TargetGroup.is_fee_exempt, False).label("is_free")
    each = select(Unit.kind, Course.delivery, *group, decile.label("decile"), Enrollment.fee_rials)
    each = each.join(Course, Course.id == Enrollment.course_id).join(Unit, Unit.id == Course.unit_id)
    each = each.outerjoin(TargetGroup, TargetGroup.id == Enrollment.target_group_id)
    made = (Enrollment.created_at >= begin, Enrollment.created_at < end)
    each_ = each.where(Enrollment.status == EnrollmentStatus.ACTIVE, *made).subquery()
    columns = [each_.c[name] for name in ("kind", "delivery", "code", "decile", "is_free", "fee_rials")]
    rows = db.session.execute(select(*columns, func.count()).group_by(*columns))
    return [Bundle(Keys(*row[:4]), bool(row[4]), row[5], row[6]) for row in rows]


def _midnight(day: date) -> dt.datetime:
    return jalali.from_tehran(day, dt.time())
