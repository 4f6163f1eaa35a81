"""A payment in the making: whose purses and how much, as a row with an address of its own."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update

from models import Basket, OwnerKind, Payment, Person, db, utcnow
from services import audit, counters, forgetting, text
from services.baskets import asking, values
from services.baskets.typed import Wanted
from services.baskets.values import Line, Owner, Payer
from services.enrollment import numbers
from services.errors import Conflict, DomainError, NotFound, OutsideTerritory
from services.transaction import atomic

KEPT = timedelta(days=30)  # since the last change, while no payment has come of it
GONE = "این پرداخت پیدا نشد؛ پرداخت‌های نیمه‌کاره سی روز می‌مانند. از «افزایش اعتبار» دوباره شروع کنید."
STALE = "این پرداخت در صفحهٔ دیگری تغییر کرده است. آخرین وضع آن را این‌جا می‌بینید؛ چیزی پرداخت نشد."
PAID = "این پرداخت پیش‌تر انجام شده است و دیگر تغییر نمی‌کند. برای پرداخت دیگر از «افزایش اعتبار» شروع کنید."


class NotYours(OutsideTerritory):
    """Somebody else's basket; `is_persons` tells on which side of the product its owner signs in."""

    def __init__(self, basket: Basket) -> None:
        super().__init__("basket", basket.id)
        self.is_persons = basket.person_id is not None


def start(payer: Payer, wanted: Sequence[Wanted], amount: int, return_path: str | None = None) -> str:
    """Make a basket for codes that were typed, each with the same amount; gives its key.

    Whoever makes it learns who is registered and gets a name of which little is seen, so each code is an answer.

    Raises:
        DomainError: an amount or a number of codes beyond the limits, or a made-up code without a reason.
        TooMany: too many answers within the hour; nothing was made.
    """
    if len(wanted) > payer.most_lines:
        most, sent = text.persian_digits(payer.most_lines), text.persian_digits(len(wanted))
        raise DomainError(f"در یک پرداخت تا {most} نفر می‌آیند؛ {sent} کد نوشته‌اید.", field="codes")
    with atomic():
        lines = _answered(payer, wanted, amount)
        return _keep(payer, lines, return_path)


def start_own(payer: Payer, owner: Owner, amount: int, return_path: str | None = None) -> str:
    """Make a basket for a purse that the payer sees anyway: their own, or at the desk the trainee's."""
    return start_each(payer, [(owner, amount)], return_path)[0]


def start_each(payer: Payer, wanted: Sequence[tuple[Owner, int]], return_path: str | None = None) -> tuple[str, int]:
    """`start_own` for several purses; also says how many have found no room in one payment, in their order."""
    counters.require_of(payer.counters, counters.TOP_UP)
    limits = values.limits()
    known = people(owner for owner, _ in wanted)
    lines: list[Line] = []
    for owner, amount in wanted[: payer.most_lines]:
        fitting = min(max(amount, limits.least), limits.most)
        if lines and sum(line.amount for line in lines) + fitting > limits.most_in_all:
            break
        lines.append(Line(*owner, fitting, known=owner[0] is OwnerKind.UNIT or owner in known))
    with atomic():
        return _keep(payer, lines, return_path), len(wanted) - len(lines)


def get(key: str, payers: Iterable[Payer]) -> Basket:
    """A basket of one of these; one that nobody is signed in for is whose browser has its address.

    Raises:
        NotFound, NotYours: no such basket, or somebody else's.
    """
    query = select(Basket).where(Basket.key == key).execution_options(populate_existing=True)
    basket = db.session.scalar(query)
    if basket is None:
        raise NotFound(GONE)
    if (basket.user_id or basket.person_id) and payer_of(basket, payers) is None:
        raise NotYours(basket)
    return basket


def payer_of(basket: Basket, payers: Iterable[Payer]) -> Payer | None:
    """Whose basket it is among those who are signed in in one browser; a stranger's is the stranger's."""
    who = (basket.user_id, basket.person_id)
    return next((payer for payer in payers if (payer.user_id, payer.person_id) == who), None)


def change(payer: Payer, basket: Basket, version: int, amounts: Mapping[int, int]) -> None:
    """Other amounts, by the number of the line; a line without one stays as it is.

    Raises:
        Conflict: it was changed or paid since it was shown.
        DomainError: an amount beyond the limits, at `amounts-<number>`.
    """
    limits = values.limits()
    for number, amount in amounts.items():
        limits.check(amount, f"amounts-{number}")
    old = lines_of(basket)
    lines = [replace(line, amount=amounts.get(number, line.amount)) for number, line in enumerate(old)]
    limits.check_sum(sum(line.amount for line in lines))
    with atomic():
        _save(basket, version, lines)


def add(payer: Payer, basket: Basket, version: int, wanted: Wanted, amount: int) -> None:
    """One more purse.

    Raises:
        Conflict, DomainError, TooMany: as `change` and `start`; a code that is there already.
    """
    lines = lines_of(basket)
    if any(line.owner == wanted.owner for line in lines):
        field = "foreign_code" if wanted.kind is OwnerKind.FOREIGN else "national_code"
        raise DomainError("این کد در همین پرداخت هست", field=field)
    if len(lines) >= payer.most_lines:
        raise DomainError(f"در یک پرداخت تا {text.persian_digits(payer.most_lines)} نفر می‌آیند", field="national_code")
    with atomic():
        new = _answered(payer, [wanted], amount)
        values.limits().check_sum(sum(line.amount for line in (*lines, *new)))
        _save(basket, version, [*lines, *new])


def remove(basket: Basket, version: int, number: int) -> None:
    """One purse less; the last one stays, because a payment is for somebody."""
    lines = lines_of(basket)
    if len(lines) == 1 or not 0 <= number < len(lines):
        raise DomainError("در هر پرداخت دست‌کم یک نفر می‌ماند. برای کنار گذاشتن پرداخت، این صفحه را ببندید.")
    with atomic():
        _save(basket, version, [line for at, line in enumerate(lines) if at != number])


def lines_of(basket: Basket) -> list[Line]:
    return [values.line_of(row) for row in basket.lines]


def people(owners: Iterable[Owner]) -> dict[Owner, Person]:
    """The people who are registered under these codes, in one query."""
    wanted = list(owners)
    national = [code for kind, code in wanted if kind is OwnerKind.NATIONAL]
    foreign = [code for kind, code in wanted if kind is OwnerKind.FOREIGN]
    rows = db.session.scalars(
        select(Person).where(or_(Person.national_code.in_(national), Person.foreign_code.in_(foreign)))
    )
    found: dict[Owner, Person] = {}
    for row in rows:
        found[(OwnerKind.NATIONAL, row.national_code or "")] = row
        found[(OwnerKind.FOREIGN, row.foreign_code or "")] = row
    return {owner: found[owner] for owner in wanted if owner in found}


def purge(now: datetime) -> int:
    """Forget baskets that nobody has touched for a month and that no payment has come of.

    Source: docs/rules.md R-447.
    """
    return forgetting.forget(Basket, Basket.updated_at < now - KEPT, ~exists().where(Payment.basket_id == Basket.id))


# -- Support -----------------------------------------------------------------------


def _answered(payer: Payer, wanted: Sequence[Wanted], amount: int) -> list[Line]:
    """The lines of typed codes, counted as answers; inside `atomic()`."""
    counters.require_of(payer.counters, counters.TOP_UP)
    limits = values.limits()
    limits.check(amount)
    limits.check_sum(amount * len(wanted))
    asking.count(payer, len(wanted))
    reasons = {each.owner: _reason(each) for each in wanted}
    known = people(reasons)
    return [Line(*owner, amount, known=owner in known, reason=reason) for owner, reason in reasons.items()]


def _reason(wanted: Wanted) -> str:
    """The reason to keep with a code that looks made up.

    Source: docs/rules.md R-84.
    """
    if wanted.kind is not OwnerKind.NATIONAL:
        return ""
    return numbers.ask_why(wanted.code, wanted.reason) or ""


def _keep(payer: Payer, lines: Sequence[Line], return_path: str | None) -> str:
    now = utcnow()
    who: dict[str, Any] = {"user_id": payer.user_id, "person_id": payer.person_id, "unit_id": payer.unit_id}
    rows = [line.as_row() for line in lines]
    basket = Basket(key=str(uuid.uuid4()), lines=rows, return_path=return_path, created_at=now, updated_at=now, **who)
    db.session.add(basket)
    db.session.flush()
    _note(basket, lines)
    return basket.key


def _note(basket: Basket, lines: Sequence[Line]) -> None:
    """Who has asked about how many codes; a stranger's questions are counted, not kept."""
    if basket.user_id or basket.person_id:
        who = {"actor_id": basket.user_id, "actor_person_id": basket.person_id}
        audit.record("basket_made", "basket", basket.id, **who, codes=len(lines))
    if any(line.reason for line in lines):
        audit.record("made_up_code_confirmed", "basket", basket.id, actor_id=basket.user_id)


def _save(basket: Basket, version: int, lines: Sequence[Line]) -> None:
    """Store the lines of a version that is still the newest; inside `atomic()`."""
    saved = db.session.scalar(
        update(Basket)
        .where(Basket.id == basket.id, Basket.version == version, Basket.paid_at.is_(None))
        .values(lines=[line.as_row() for line in lines], version=version + 1, updated_at=utcnow())
        .returning(Basket.id)
        .execution_options(synchronize_session=False)
    )
    if saved is None:
        raise Conflict(STALE)
