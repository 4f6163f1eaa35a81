"""Money put right by two people, objections of owners, and the comparison with the banks' own books."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Rial, Utc, choice, fk
from tables.credit import Account, LedgerTransfer
from tables.files import StoredFile
from tables.payments import Payment


class CreditCaseKind(enum.StrEnum):
    MOVE = "move"
    CORRECTION = "correction"


class CreditCaseState(enum.StrEnum):
    ASKED = "asked"
    SECONDED = "seconded"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_OPEN = "state IN ('asked', 'seconded')"


class CreditCase(Model):
    """A transfer to be put right: a top-up under the wrong code moved to its owner, or a manual correction.

    `transfer_id` is the first entry, which stays; `done_transfer_id` the opposite one that names it. Two different
    people of the province decide (`first_by_id`, `second_by_id`), neither of them who has asked; a correction is
    asked for by one of them with a document, so that asker and second are two.
    """

    __tablename__ = "credit_case"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("from_account_id <> to_account_id", name="two_purses"),
        CheckConstraint("asked_by_id IS NOT NULL OR asked_by_person_id IS NOT NULL", name="has_asker"),
        CheckConstraint("first_by_id <> second_by_id", name="two_people"),
        CheckConstraint("asked_by_id <> second_by_id", name="asker_is_not_second"),
        CheckConstraint("kind <> 'correction' OR document_id IS NOT NULL", name="correction_has_document"),
        CheckConstraint("(state = 'done') = (done_transfer_id IS NOT NULL)", name="done_has_transfer"),
        CheckConstraint("state <> 'refused' OR refusal IS NOT NULL", name="refused_has_reason"),
        Index(
            "uq_credit_case_open",
            "transfer_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_credit_case_province", "province_id", "state", "id"),
    )

    id: Mapped[Pk]
    kind: Mapped[CreditCaseKind] = mapped_column(choice(CreditCaseKind, "kind"))
    state: Mapped[CreditCaseState] = mapped_column(choice(CreditCaseState, "state"), default=CreditCaseState.ASKED)
    province_id: Mapped[int] = fk("province")
    unit_id: Mapped[int | None] = fk("unit", index=True)
    transfer_id: Mapped[int] = fk("ledger_transfer", index=True)
    from_account_id: Mapped[int] = fk("account", index=True)
    to_account_id: Mapped[int] = fk("account", index=True)
    asked_by_id: Mapped[int | None] = fk("user", index=True)
    asked_by_person_id: Mapped[int | None] = fk("person", index=True)
    first_by_id: Mapped[int | None] = fk("user")
    second_by_id: Mapped[int | None] = fk("user")
    refused_by_id: Mapped[int | None] = fk("user")
    document_id: Mapped[int | None] = fk("stored_file")
    done_transfer_id: Mapped[int | None] = fk("ledger_transfer", index=True)
    amount: Mapped[Rial]
    reason: Mapped[str] = mapped_column(String(500))
    first_note: Mapped[str | None] = mapped_column(String(500))
    refusal: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    first_at: Mapped[MaybeUtc]
    settled_at: Mapped[MaybeUtc]

    transfer: Mapped[LedgerTransfer] = relationship(viewonly=True, foreign_keys=[transfer_id])
    from_account: Mapped[Account] = relationship(viewonly=True, foreign_keys=[from_account_id])
    to_account: Mapped[Account] = relationship(viewonly=True, foreign_keys=[to_account_id])
    document: Mapped[StoredFile | None] = relationship(viewonly=True)


class ObjectionState(enum.StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class DebitObjection(Model):
    """The owner of a purse objects to a debit that somebody else made; one for each debit, answered by the unit."""

    __tablename__ = "debit_objection"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_has_time"),
        CheckConstraint("state = 'open' OR answer IS NOT NULL", name="answered_has_answer"),
        Index("ix_debit_objection_unit", "unit_id", "state", "id"),
    )

    id: Mapped[Pk]
    transfer_id: Mapped[int] = fk("ledger_transfer", unique=True)
    unit_id: Mapped[int] = fk("unit")
    person_id: Mapped[int] = fk("person", index=True)
    answered_by_id: Mapped[int | None] = fk("user")
    state: Mapped[ObjectionState] = mapped_column(choice(ObjectionState, "state"), default=ObjectionState.OPEN)
    text: Mapped[str] = mapped_column(String(500))
    answer: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    answered_at: Mapped[MaybeUtc]


class ReconciliationFile(Model):
    """A bank's file of one day; the same bytes are taken once."""

    __tablename__ = "reconciliation_file"
    __table_args__ = (Index("ix_reconciliation_file_day", "gateway", "day"),)

    id: Mapped[Pk]
    uploaded_by_id: Mapped[int] = fk("user")
    gateway: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    rows: Mapped[int]
    total_rials: Mapped[Rial]
    created_at: Mapped[Utc]


class Outcome(enum.StrEnum):
    MATCHED = "matched"
    AMOUNT_DIFFERS = "amount_differs"
    NOT_CREDITED = "not_credited"  # the bank has the money, we know the payment and have not credited it
    UNKNOWN_HERE = "unknown_here"  # the bank has it, we know of no such payment
    MISSING_THERE = "missing_there"  # we have credited it, the bank's file does not name it
    TWICE = "twice"
    ANOTHER_DAY = "another_day"
    UNREADABLE = "unreadable"


class ReconciliationRow(Model):
    """A line of a bank's file and how it matched; line 0 stands for what the file lacks."""

    __tablename__ = "reconciliation_row"
    __table_args__ = (
        Index("ix_reconciliation_row_outcome", "file_id", "outcome", "id"),
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_by_somebody"),
    )

    id: Mapped[Pk]
    file_id: Mapped[int] = fk("reconciliation_file")
    payment_id: Mapped[int | None] = fk("payment", index=True)
    settled_by_id: Mapped[int | None] = fk("user")
    line: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    order_number: Mapped[int | None] = mapped_column(BigInteger)
    reference: Mapped[str | None] = mapped_column(String(80))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    paid_at: Mapped[MaybeUtc]
    note: Mapped[str | None] = mapped_column(String(300))
    settled_at: Mapped[MaybeUtc]

    payment: Mapped[Payment | None] = relationship(viewonly=True)


class DayClosing(Model):
    """A day of a gateway closed by the accountant: what we have, what the bank has. Rows are added, never changed."""

    __tablename__ = "day_closing"
    __table_args__ = (UniqueConstraint("closing_key"),)

    id: Mapped[Pk]
    closing_key: Mapped[str] = mapped_column(String(40))  # "<gateway>:<day>"
    gateway: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    closed_by_id: Mapped[int] = fk("user")
    our_count: Mapped[int]
    our_rials: Mapped[Rial]
    bank_count: Mapped[int]
    bank_rials: Mapped[Rial]
    explained: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Utc]
