"""Which purse is «کاربر پورتال»: that of the user's own national code, or by setting that of the unit."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, bindparam, select
from sqlalchemy.orm import aliased

from models import Account, OwnerKind, Person, Role, Unit, db
from services import ledger, policy, text
from services.access import Actor
from services.errors import NotAllowed

LABEL = "کاربر پورتال"
RULE, LOW = "portal_purse", "low_balance_rials"
RULES = (RULE, LOW)
OF_UNIT = "unit"  # a value of the first rule
_CODE = {OwnerKind.NATIONAL: "کد ملی", OwnerKind.FOREIGN: "کد اتباع خارجی", OwnerKind.UNIT: "کد واحد"}
Owner = tuple[OwnerKind, str]


@dataclass(frozen=True)
class Portal:
    """The purse that a member of staff pays from; `title` is the name of the user or of the unit, if there is one.

    `held` is for the eye, None while nobody has used it; so is `beside`, what another purse held that was asked for.
    Below `low_rials` it runs low.
    """

    kind: OwnerKind
    code: str
    title: str | None
    unit_id: int | None
    held: int | None
    low_rials: int
    beside: int

    @property
    def owner(self) -> Owner:
        return self.kind, self.code

    @property
    def is_units(self) -> bool:
        return self.kind is OwnerKind.UNIT

    @property
    def balance(self) -> int:
        return self.held or 0

    @property
    def is_low(self) -> bool:
        """Whether to warn: who never pays from it needs no warning."""
        return self.held is not None and self.held < self.low_rials

    @property
    def words(self) -> str:
        """Whose it is, for whoever pays from it."""
        whose = [f"واحد شما، {self.title}"] if self.is_units else ["شما", self.title]
        return "، ".join(filter(None, (*whose, coded(self.kind, self.code))))


def coded(kind: OwnerKind, code: str) -> str:
    """«کد ملی …» in the digits of the screen."""
    return f"{_CODE[kind]} {text.persian_digits(code)}"


def portal(actor: Actor, unit_id: int | None = None, *, beside: Owner | None = None) -> Portal:
    """The purse of `actor` while they work for a unit of theirs, the only one when none is named; one query.

    Source: docs/rules.md R-460.
    """
    unit = unit_id or (actor.units[0] if len(actor.units) == 1 else None)
    kind, code = beside or (None, None)
    asked = {"person": actor.person_id, "unit": unit, "today": policy.today(), "kind": kind, "code": code}
    return _of(actor, db.session.connection().execute(_asked(), asked).one())


def portal_purse(actor: Actor, unit_id: int | None = None) -> Owner:
    """`portal` as the ledger knows it: the kind and the code of its owner."""
    return portal(actor, unit_id).owner


def portals(actor: Actor) -> list[Portal]:
    """Every purse that `actor` pays from, the own one first where it is one of them; one query."""
    unit = aliased(Unit)  # the rules look for a unit of their own
    query = _reading(unit, unit.id.in_(actor.units), policy.packed(RULES, unit.id))
    query = query.where(Person.id == actor.person_id)
    found = {each.owner: each for each in (_of(actor, row) for row in db.session.execute(query))}
    return sorted(found.values(), key=lambda each: (each.is_units, text.sort_key(each.title), each.code))


def may_read(actor: Actor, purse: Portal) -> bool:
    """Whether the movements of a purse are for this person: of the unit's, colleagues' acts are not for counters.

    Source: docs/rules.md R-462.
    """
    return not purse.is_units or purse.unit_id in actor.acting(Role.CLERK, Role.MANAGER).units


def require_read(actor: Actor, purse: Portal) -> None:
    """
    Raises:
        NotAllowed: they are not.
    """
    if not may_read(actor, purse):
        raise NotAllowed("گردش اعتبار واحد را کارشناس و مدیر واحد می‌بینند.")


@cache
def _asked() -> Select[*tuple[Any, ...]]:
    unit: Any = bindparam("unit")
    query = _reading(Unit, Unit.id == unit, policy.packed(RULES, unit, on=bindparam("today")))
    query = query.add_columns(_held(bindparam("kind", type_=Account.owner_kind.type), bindparam("code"), "beside"))
    return query.where(Person.id == bindparam("person"))


def _reading(unit: Any, which: ColumnElement[bool], rules: ScalarSelect[Any]) -> Select[*tuple[Any, ...]]:
    """The codes of a person beside each of these units, with both balances and the rules there."""
    own, its = (Person.national_code, Person.foreign_code), (unit.id, unit.code, unit.title)
    purses = (
        _held(OwnerKind.NATIONAL, Person.national_code, "national"),
        _held(OwnerKind.FOREIGN, Person.foreign_code, "foreign"),
        _held(OwnerKind.UNIT, unit.code, "units"),
    )
    return select(*own, *its, *purses, rules.label("rules")).select_from(Person).outerjoin(unit, which)


def _held(kind: Any, code: Any, name: str) -> Any:
    held = select(Account.balance).where(Account.owner_kind == kind, Account.owner_code == code)
    return held.correlate_except(Account).scalar_subquery().label(name)


def _of(actor: Actor, row: Row[Any]) -> Portal:
    rules, beside = policy.unpacked(RULES, row.rules), getattr(row, "beside", None) or 0
    if row.id is not None and rules[RULE] == OF_UNIT:
        return Portal(OwnerKind.UNIT, row.code, row.title, row.id, row.units, int(rules[LOW]), beside)
    owner = ledger.owner_of(row)
    held = row.national if owner[0] is OwnerKind.NATIONAL else row.foreign
    return Portal(*owner, actor.name, None, held, int(rules[LOW]), beside)
