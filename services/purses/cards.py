"""The enrollment credit card (کارت اعتباری): a printable proof of one top-up, with its serial.

Source: docs/rules.md R-468.
"""

import re
from dataclasses import dataclass

from sqlalchemy import select

from models import Account, TransferKind, db
from models import LedgerTransfer as L
from services import codes, ledger
from services.errors import NotFound, OutsideTerritory
from services.purses import statement
from services.purses.portal import Owner
from services.purses.statement import Entry


@dataclass(frozen=True)
class Card:
    """A top-up as it is printed; `balance` is what the purse holds now."""

    serial: str
    entry: Entry
    balance: int


def serial(transfer_id: int) -> str:
    """Nine digits or more and a check digit, by which a card is found again."""
    number = f"{transfer_id:09d}"
    return number + codes.check_digit(number)


def id_of(written: str | None) -> int | None:
    """The id behind a serial as it is typed; None for what is none."""
    bare = codes.bare(written)
    return int(bare[:-1]) if re.fullmatch("[0-9]{10,18}", bare) and codes.check_digit(bare) == "0" else None


def card(owners: list[Owner], number: str) -> tuple[Owner, Card]:
    """The card of a serial for one of these owners of purses, and whose it is.

    Raises:
        NotFound: no top-up has this serial. OutsideTerritory: it filled another purse.
    """
    transfer_id = id_of(number)
    filled = select(Account.owner_kind, Account.owner_code).join(L, L.to_account_id == Account.id)
    row = db.session.execute(filled.where(L.id == (transfer_id or 0), L.kind == TransferKind.TOP_UP)).first()
    if row is None or transfer_id is None:
        raise NotFound("کارت اعتباری با این سریال پیدا نشد. از صفحهٔ اعتبار شروع کنید.")
    owner = (row.owner_kind, row.owner_code)
    if owner not in owners:
        raise OutsideTerritory("ledger_transfer", transfer_id)
    found = statement.page(owner, before=transfer_id + 1, size=1)
    return owner, Card(serial(transfer_id), found.entries[0], ledger.balance(*owner))
