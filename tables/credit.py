"""Purses and the ledger."""

from __future__ import annotations

import enum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tables.base import Model, Pk, Rial, Utc, choice, fk


class OwnerKind(enum.StrEnum):
    NATIONAL = "national"
    FOREIGN = "foreign"
    UNIT = "unit"
    SYSTEM = "system"


class Account(Model):
    """A purse. `owner_code` is a national code (which may have no person yet), a foreign code, a unit's code or
    a system purse's name; system purses keep no balance. Only the ledger's trigger writes `balance`."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("owner_kind", "owner_code"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        {"postgresql_with": {"fillfactor": 80}},  # room for the next balance beside the last one
    )

    id: Mapped[Pk]
    owner_kind: Mapped[OwnerKind] = mapped_column(choice(OwnerKind, "owner_kind"))
    owner_code: Mapped[str] = mapped_column(String(20))
    balance: Mapped[Rial] = mapped_column(default=0)
    created_at: Mapped[Utc]


class TransferKind(enum.StrEnum):
    TOP_UP = "top_up"
    DEBIT = "debit"
    REFUND = "refund"
    MOVE = "move"
    CORRECTION = "correction"


class LedgerTransfer(Model):
    """One movement of rials from one purse to another, named by its cause. Rows are added, never changed.

    `opposes_id` is the earlier transfer that this one undoes or puts right, in whole or in part.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("from_account_id <> to_account_id", name="two_purses"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("kind <> 'debit' OR enrollment_id IS NOT NULL", name="debit_has_enrollment"),
        Index("ix_ledger_transfer_from", "from_account_id", "id"),
        Index("ix_ledger_transfer_to", "to_account_id", "id"),
        Index("ix_ledger_transfer_at", "at"),  # sums of a month over all purses
        *(
            Index(
                f"ix_ledger_transfer_{column}",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("payment_line_id", "opposes_id")
        ),
    )

    id: Mapped[Pk]
    from_account_id: Mapped[int] = fk("account")
    to_account_id: Mapped[int] = fk("account")
    enrollment_id: Mapped[int | None] = fk("enrollment", index=True)
    payment_line_id: Mapped[int | None] = fk("payment_line")
    opposes_id: Mapped[int | None] = fk("ledger_transfer")
    actor_id: Mapped[int | None] = fk("user")
    kind: Mapped[TransferKind] = mapped_column(choice(TransferKind, "kind"))
    amount: Mapped[Rial]
    cause_key: Mapped[str] = mapped_column(String(80), unique=True)
    at: Mapped[Utc]
