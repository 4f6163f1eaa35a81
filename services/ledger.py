"""Purses and the movements between them: whole rials, double entry, rows only ever added.

The database moves the balances by a trigger on each transfer and refuses a negative one by a CHECK; nothing
here writes a balance. A mistake is undone by an opposite transfer that names the first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Engine, Select, bindparam, select, tuple_

from models import Account, LedgerTransfer, OwnerKind, Person, TransferKind, db, utcnow
from services.sql import Row, add_many_once, add_once, insert_once

INCOME = "income"  # the organization's own purse: enrollment credits spent end here
GATEWAY = "gateway"  # where top-ups come from


@dataclass(frozen=True)
class Cause:
    """Why money moves; `key` is unique for ever, so a repeated movement is one movement.

    `opposes_id` is the earlier transfer that this one undoes or puts right, in whole or in part.
    """

    key: str
    kind: TransferKind
    enrollment_id: int | None = None
    actor_id: int | None = None
    payment_line_id: int | None = None
    opposes_id: int | None = None


class Coded(Protocol):
    """Whoever has the one code of a person: the person, or a row with a few of their columns."""

    @property
    def national_code(self) -> str | None: ...
    @property
    def foreign_code(self) -> str | None: ...


def account_id(kind: OwnerKind, code: str) -> int:
    """The purse of an owner, made at the first use; call inside `atomic()` when it may be new."""
    query = select(Account.id).where(Account.owner_kind == kind, Account.owner_code == code)
    found = db.session.scalar(query)
    if found is None:
        db.session.execute(insert_once(Account, owner_kind=kind, owner_code=code, balance=0, created_at=utcnow()))
        found = db.session.scalar(query)
    assert found is not None  # noqa: S101 (just inserted, or taken by somebody else's insert)
    return found


def balances(*owners: tuple[OwnerKind, str]) -> list[int]:
    """Rials in several purses, in the order asked; for the eye only."""
    query = select(Account.owner_kind, Account.owner_code, Account.balance)
    wanted = tuple_(Account.owner_kind, Account.owner_code).in_(owners)
    found = {(row.owner_kind, row.owner_code): row.balance for row in db.session.execute(query.where(wanted))}
    return [found.get(owner, 0) for owner in owners]


def owner_of(person: Coded) -> tuple[OwnerKind, str]:
    if person.national_code:
        return OwnerKind.NATIONAL, person.national_code
    return OwnerKind.FOREIGN, person.foreign_code or ""


def purse_of(person: Person) -> int:
    return account_id(*owner_of(person))


def balance(kind: OwnerKind, code: str) -> int:
    """Rials in a purse; 0 for one that was never used. For the eye only: never decide on it."""
    query = select(Account.balance).where(Account.owner_kind == kind, Account.owner_code == code)
    return db.session.scalar(query) or 0


def holds(purse_id: int, amount_rials: int) -> bool:
    """Lock a purse when it holds at least `amount_rials`; the transfer that follows is then sure to pass."""
    return held(purse_id, amount_rials) is not None


def held(purse_id: int, at_least: int) -> int | None:
    """What a purse holds, locked as by `holds`; None where it holds less than `at_least`."""
    found: int | None = db.session.connection().execute(_holding(), {"purse": purse_id, "amount": at_least}).scalar()
    return found


@cache
def _holding() -> Select[int]:
    query = select(Account.balance).where(Account.id == bindparam("purse"), Account.balance >= bindparam("amount"))
    return query.with_for_update(key_share=True)


def hold(*purse_ids: int) -> None:
    """Lock several purses in the one order, so that two who hold the same ones never wait for each other in a ring.

    Their balances are then as they are now; those of the system have none, and nobody waits for them.
    """
    mine = (Account.id.in_(purse_ids), Account.owner_kind != OwnerKind.SYSTEM)
    query = select(Account).where(*mine).order_by(Account.id).with_for_update(key_share=True)
    db.session.scalars(query.execution_options(populate_existing=True)).all()


def held_each(owners: Collection[tuple[OwnerKind, str]]) -> dict[tuple[OwnerKind, str], tuple[int, int]]:
    """The id and the balance of each of these purses that there is, locked in the one order by one statement."""
    query = select(Account.id, Account.balance, Account.owner_kind, Account.owner_code)
    wanted = tuple_(Account.owner_kind, Account.owner_code).in_(sorted(owners))
    rows = db.session.connection().execute(query.where(wanted).order_by(Account.id).with_for_update(key_share=True))
    return {(row.owner_kind, row.owner_code): (row.id, row.balance) for row in rows}


def earn(from_id: int, amount_rials: int, cause: Cause) -> bool:
    """Move money from a purse to the organization's income, as `transfer` does."""
    return transfer(from_id, income_id(), amount_rials, cause)


def earn_each(debits: Sequence[tuple[int, int, Cause]]) -> int:
    """`earn` of many by one statement: purse, rials and cause; how many have moved now."""
    income = income_id()
    rows = [_movement(purse, income, rials, cause) for purse, rials, cause in debits]
    return len(add_many_once(LedgerTransfer, rows))


def income_id() -> int:
    """The purse of the organization; the first migration has made it, so a process asks for it once."""
    return _system_id(db.engine, INCOME)


@cache
def _system_id(_engine: Engine, name: str) -> int:
    query = select(Account.id).where(Account.owner_kind == OwnerKind.SYSTEM, Account.owner_code == name)
    return db.session.connection().execute(query).scalar_one()


def transfer(from_id: int, to_id: int, amount_rials: int, cause: Cause) -> bool:
    """Move money once; False when this cause has moved it before.

    Raises:
        sqlalchemy.exc.IntegrityError: the purse would go below zero (`ck_account_balance_not_negative`).
    """
    return add_once(LedgerTransfer, **_movement(from_id, to_id, amount_rials, cause)) is not None


def earning(from_id: int, amount_rials: int, cause: Cause) -> Row:
    """The row that `earn` writes, for a statement that writes others with it; a cause that was known moves nothing."""
    return LedgerTransfer, _movement(from_id, income_id(), amount_rials, cause)


def _movement(from_id: int, to_id: int, amount_rials: int, cause: Cause) -> dict[str, Any]:
    ends = {"from_account_id": from_id, "to_account_id": to_id, "amount": amount_rials, "cause_key": cause.key}
    why = {"enrollment_id": cause.enrollment_id, "payment_line_id": cause.payment_line_id}
    more = {"opposes_id": cause.opposes_id, "actor_id": cause.actor_id, "at": utcnow()}
    return {**ends, "kind": cause.kind, **why, **more}


def transfer_of(cause_key: str) -> int | None:
    """The movement that this cause has made."""
    return db.session.scalar(select(LedgerTransfer.id).where(LedgerTransfer.cause_key == cause_key))


# -- Debits of enrollments, and undoing them -------------------------------------------


def debit(enrollment_id: int, actor_id: int | None, *, is_rest: bool = False) -> Cause:
    """Why an enrollment takes its fee from a purse, or the rest of it later on."""
    key = _rest_key(enrollment_id) if is_rest else _debit_key(enrollment_id)
    return Cause(key, TransferKind.DEBIT, enrollment_id, actor_id)


def give_back(fees: Iterable[tuple[int, int, int]], actor_id: int | None) -> None:
    """Undo the debits of enrollments, in the order given; each new entry names the one that it undoes.

    Args:
        fees: the enrollment, the purse that paid, and the rials.

    Source: docs/rules.md R-480.
    """
    fees = list(fees)
    if not fees:
        return
    keys = [key for each, _, _ in fees for key in (_debit_key(each), _rest_key(each))]
    query = select(LedgerTransfer.cause_key, LedgerTransfer.id, LedgerTransfer.amount)
    debits = {row.cause_key: row for row in db.session.execute(query.where(LedgerTransfer.cause_key.in_(keys)))}
    income = income_id()
    for enrollment_id, purse_id, amount in fees:
        first, rest = (debits.get(key) for key in (_debit_key(enrollment_id), _rest_key(enrollment_id)))
        parts = [("refund", first, first.amount if first else amount)]
        parts += [("refund-rest", rest, rest.amount)] if rest else []
        for name, undone, rials in parts:
            cause = Cause(f"enrollment:{enrollment_id}:{name}", TransferKind.REFUND, enrollment_id, actor_id)
            transfer(income, purse_id, rials, replace(cause, opposes_id=undone and undone.id))


def _rest_key(enrollment_id: int) -> str:
    return f"enrollment:{enrollment_id}:debit-rest"


def _debit_key(enrollment_id: int) -> str:
    return f"enrollment:{enrollment_id}:debit"
