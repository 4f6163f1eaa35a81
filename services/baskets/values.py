"""What a basket holds, who makes it, and how much it may be."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from models import OwnerKind, db
from services import policy, seals, tariffs, text, throttle
from services.errors import DomainError

Owner = tuple[OwnerKind, str]

FREE, FREE_FOR_STAFF = 25, 300  # answers about people in any hour: of somebody we do not know, and of staff
MOST_LINES, MOST_LINES_OF_STAFF = 10, 50


@dataclass(frozen=True)
class Payer:
    """Who pays: a user, a signed-in person, or somebody we do not know.

    `marks` are what their questions about others are counted under. `sees_names`: the desk shows them names anyway.
    `counters` are the counter offices of which one must have a contract, where the user works for nothing else.
    """

    marks: tuple[str, ...]
    user_id: int | None = None
    person_id: int | None = None
    unit_id: int | None = None
    sees_names: bool = False
    counters: tuple[int, ...] = ()

    @property
    def free(self) -> int:
        return FREE_FOR_STAFF if self.user_id else FREE

    @property
    def most_lines(self) -> int:
        return MOST_LINES_OF_STAFF if self.user_id else MOST_LINES


def stranger(address: str, seed: str) -> Payer:
    """Somebody who is not signed in: known by the network they come from and by what their browser holds."""
    return Payer((_mark(f"network:{throttle.network(address)}"), _mark(f"browser:{seed}")))


def person(person_id: int) -> Payer:
    return Payer((_mark(f"person:{person_id}"),), person_id=person_id)


def user(user_id: int, unit_id: int | None, *, sees_names: bool, counters: tuple[int, ...] = ()) -> Payer:
    mark = _mark(f"user:{user_id}")
    return Payer((mark,), user_id=user_id, unit_id=unit_id, sees_names=sees_names, counters=counters)


def _mark(what: str) -> str:
    return seals.mark("answers", what)


@dataclass(frozen=True)
class Line:
    """A purse and what it gets. `known`: its owner is registered; else `ticked` says that the payer wants it so."""

    kind: OwnerKind
    code: str
    amount: int
    known: bool = True
    ticked: bool = False
    reason: str = ""  # for a code that looks made up: where it was seen

    @property
    def owner(self) -> Owner:
        return self.kind, self.code

    def as_row(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}


def line_of(row: dict[str, Any]) -> Line:
    return replace(Line(**row), kind=OwnerKind(row["kind"]))


# -- Amounts -----------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Of an amount for one purse, and of one payment; whole rials."""

    least: int
    most: int
    most_in_all: int

    def check(self, amount: int, field: str = "amount") -> None:
        """Refuse what is too little or too much for one purse.

        Raises:
            DomainError: which of them, and what to write.
        """
        if amount < self.least:
            hint = " اگر به تومان نوشته‌اید، یک صفر به آن بیفزایید." if amount * 10 >= self.least else ""
            raise DomainError(f"کمترین مبلغ {text.rial_toman(self.least)} است.{hint}", field=field)
        if amount > self.most:
            raise DomainError(f"بیشترین مبلغ برای هر نفر در هر پرداخت {text.rial_toman(self.most)} است.", field=field)

    def check_sum(self, total: int, field: str = "amount") -> None:
        """Refuse what no bank takes in one payment."""
        if total > self.most_in_all:
            most = text.rial_toman(self.most_in_all)
            raise DomainError(f"جمع یک پرداخت تا {most} است. آن را در دو پرداخت بفرستید.", field=field)


_NAMES = ("topup_least_rials", "topup_most_rials", "topup_most_in_all_rials")


def limits() -> Limits:
    """The limits of today.

    Source: docs/rules.md R-445.
    """
    found = policy.values_in(_NAMES, "*", "*")
    return Limits(*(int(found[name]) for name in _NAMES))


def amounts() -> tuple[int, ...]:
    """The short list: one, two, five and ten enrollments."""
    least, fee = limits().least, usual_fee()
    return tuple(sorted({max(fee * times, least) for times in (1, 2, 5, 10)}))


def usual_fee() -> int:
    """What an enrollment costs where nothing is said of the unit; what is suggested, never what is charged."""
    query = tariffs.in_force(tariffs.ENROLL_CREDIT, tariffs.Keys(), policy.today())
    return db.session.scalar(query) or limits().least
