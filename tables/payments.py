"""Visits to a bank, what they are for, and what the bank has answered."""

from __future__ import annotations

import enum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Rial, Utc, choice, fk
from tables.credit import OwnerKind


class PaymentState(enum.StrEnum):
    CREATED = "created"
    TOKEN_OK = "token_ok"  # noqa: S105 (a state, no secret)
    REDIRECTED = "redirected"
    RETURNED = "returned"
    VERIFIED = "verified"
    FAILED = "failed"
    EXPIRED = "expired"
    REVERSED = "reversed"


# The database itself keeps a payment in one of these for ever (tables/guards.py).
SETTLED = (PaymentState.VERIFIED, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.REVERSED)
_SETTLED = "state IN ('verified', 'failed', 'expired', 'reversed')"
_OPEN = "state IN ('created', 'token_ok', 'redirected', 'returned')"


class Payment(Model):
    """One visit to a bank, written before the bank is called. `amount`, `gateway` and `order_number` never change.

    `order_number` is ours at the bank; `receipt_key` is the unguessable address of what the payer sees of it.
    `token`, `reference` and `trace` are the bank's; `code` is the last thing it said. Who pays is a signed-in user or
    person, or nobody we know. `basket_id` is where the payer comes from and may go back to. `ask_until` is when asking
    the bank has no more sense: its own way back has passed. `checks` counts how often it was asked.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("gateway", "reference"),
        UniqueConstraint("gateway", "token"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("state <> 'verified' OR reference IS NOT NULL", name="verified_has_reference"),
        CheckConstraint(f"({_SETTLED}) = (settled_at IS NOT NULL)", name="settled_has_time"),
        Index("ix_payment_open", "created_at", "id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index("ix_payment_gateway", "gateway", "settled_at", "id"),
        Index("ix_payment_user", "user_id", "id"),
        Index("ix_payment_person", "person_id", "id"),
    )

    id: Mapped[Pk]
    basket_id: Mapped[int | None] = fk("basket", index=True)
    user_id: Mapped[int | None] = fk("user")
    person_id: Mapped[int | None] = fk("person")
    unit_id: Mapped[int | None] = fk("unit", index=True)
    order_number: Mapped[int] = mapped_column(BigInteger, unique=True)
    receipt_key: Mapped[str] = mapped_column(String(32), unique=True)
    form_key: Mapped[str] = mapped_column(String(48), unique=True)
    gateway: Mapped[str] = mapped_column(String(20))
    state: Mapped[PaymentState] = mapped_column(choice(PaymentState, "state"), default=PaymentState.CREATED)
    amount: Mapped[Rial]
    currency: Mapped[str] = mapped_column(String(3), default="IRR")
    token: Mapped[str | None] = mapped_column(String(200))
    reference: Mapped[str | None] = mapped_column(String(80))
    trace: Mapped[str | None] = mapped_column(String(40))
    card: Mapped[str | None] = mapped_column(String(24))
    code: Mapped[str | None] = mapped_column(String(40))
    checks: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Utc]
    redirected_at: Mapped[MaybeUtc]
    returned_at: Mapped[MaybeUtc]
    asked_at: Mapped[MaybeUtc]
    ask_until: Mapped[MaybeUtc]
    settled_at: Mapped[MaybeUtc]

    lines: Mapped[list[PaymentLine]] = relationship(viewonly=True, order_by="PaymentLine.id")


class PaymentLine(Model):
    """A purse that a payment fills, and with how much; `was_known` is False for a code that was never seen."""

    __tablename__ = "payment_line"
    __table_args__ = (
        UniqueConstraint("payment_id", "owner_kind", "owner_code"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_payment_line_owner", "owner_kind", "owner_code", "id"),
    )

    id: Mapped[Pk]
    payment_id: Mapped[int] = fk("payment")
    owner_kind: Mapped[OwnerKind] = mapped_column(choice(OwnerKind, "owner_kind"))
    owner_code: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Rial]
    was_known: Mapped[bool] = mapped_column(default=True)

    payment: Mapped[Payment] = relationship(viewonly=True)


class PaymentEvent(Model):
    """One call, answer or return of a payment, without secrets or whole cards. Rows are added, never changed."""

    __tablename__ = "payment_event"

    id: Mapped[Pk]
    payment_id: Mapped[int] = fk("payment", index=True)
    actor_id: Mapped[int | None] = fk("user")
    kind: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Utc]


class Basket(Model):
    """A payment in the making, addressed by `key` (a uuid): whose purses, how much, and where the payer came from.

    `lines` is a list of {kind, code, amount, known, ticked}. `return_path` is an address of ours without a code of a
    person. A basket may be paid by several payments one after the other, until one of them is verified.
    """

    __tablename__ = "basket"

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int | None] = fk("user", index=True)
    person_id: Mapped[int | None] = fk("person", index=True)
    unit_id: Mapped[int | None] = fk("unit")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    return_path: Mapped[str | None] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]
    paid_at: Mapped[MaybeUtc]


class AnswerCount(Model):
    """How many answers about people somebody got in a slot of time; `bucket` is a seal, not an address."""

    __tablename__ = "answer_count"
    __table_args__ = (UniqueConstraint("bucket", "slot"),)

    id: Mapped[Pk]
    bucket: Mapped[str] = mapped_column(String(64))
    slot: Mapped[str] = mapped_column(String(20), index=True)
    n: Mapped[int] = mapped_column(default=0)
