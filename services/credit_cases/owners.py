"""Whose purses money goes between: the names that reviewers read, and what others may see of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from models import Account, OwnerKind, Person, Unit, db
from services import ledger, people
from services.text import persian_digits

SYSTEM = {ledger.GATEWAY: "درگاه بانک", ledger.INCOME: "درآمد سازمان"}
_UNKNOWN = "شخص ناشناخته"
_FROM_LEFT, _END = "\u2066", "\u2069"  # digits with stars between them would turn around in Persian text


@dataclass(frozen=True)
class Owner:
    """Whoever a purse belongs to. `shown` and `code` are for reviewers, `masked` for everybody else."""

    kind: OwnerKind
    code: str
    shown: str
    masked: str
    person_id: int | None = None


def of(accounts: Iterable[Account]) -> dict[int, Owner]:
    """The owners of some purses by the ids of these, in two queries."""
    found = {account.id: account for account in accounts}
    humans, units = _people(found.values()), _units(found.values())
    return {
        number: _owner(account.owner_kind, account.owner_code, humans.get(account.owner_code), units)
        for number, account in found.items()
    }


def masked(kind: OwnerKind, code: str) -> str:
    """What anybody may read of the owner of a purse that may have none yet."""
    purse = Account(id=0, owner_kind=kind, owner_code=code)
    return of([purse])[0].masked


def person_of(kind: OwnerKind, code: str) -> Person | None:
    """The person of a purse; None for a unit, for the system, and for a code that was never seen."""
    if kind is OwnerKind.NATIONAL:
        return db.session.scalar(select(Person).where(Person.national_code == code))
    return db.session.scalar(select(Person).where(Person.foreign_code == code)) if kind is OwnerKind.FOREIGN else None


# -- Support -----------------------------------------------------------------------


def _people(accounts: Iterable[Account]) -> dict[str, Person]:
    codes: dict[OwnerKind, list[str]] = {OwnerKind.NATIONAL: [], OwnerKind.FOREIGN: []}
    for account in accounts:
        if account.owner_kind in codes:
            codes[account.owner_kind].append(account.owner_code)
    if not any(codes.values()):
        return {}
    either = or_(Person.national_code.in_(codes[OwnerKind.NATIONAL]), Person.foreign_code.in_(codes[OwnerKind.FOREIGN]))
    rows = db.session.scalars(select(Person).where(either))
    return {code: row for row in rows if (code := row.national_code or row.foreign_code)}


def _units(accounts: Iterable[Account]) -> dict[str, str]:
    codes = [account.owner_code for account in accounts if account.owner_kind is OwnerKind.UNIT]
    if not codes:
        return {}
    return {
        code: title for code, title in db.session.execute(select(Unit.code, Unit.title).where(Unit.code.in_(codes)))
    }


def _owner(kind: OwnerKind, code: str, person: Person | None, units: dict[str, str]) -> Owner:
    if kind is OwnerKind.SYSTEM:
        return Owner(kind, "", SYSTEM.get(code, code), SYSTEM.get(code, code))
    if kind is OwnerKind.UNIT:
        return Owner(kind, code, units.get(code, code), units.get(code, code))
    name = people.shown_name(person) if person else _UNKNOWN
    mask, digits = people.masked_name(person) if person else _UNKNOWN, persian_digits(people.masked_code(code))
    return Owner(kind, code, name, f"{mask}، {_FROM_LEFT}{digits}{_END}", person.id if person else None)
