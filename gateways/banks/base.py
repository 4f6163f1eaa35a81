"""What every bank gateway can be asked, whatever its wire format, and what it answers.

A bank is asked for a token (`request`), the payer is sent to its page with it (`Token.redirect`), comes back with
fields that anybody could have written (`returned` only reads them), and the bank is asked itself (`verify`, `inquire`).

Every call raises `Temporary` when nothing was done, `Refused` when the bank said no and will say so again, and
`Unanswered` when it may or may not have been done: an answer that is no answer (HTML with status 200, no amount where
one is due, silence) is never taken for yes or no. Amounts are whole rials everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Redirect:
    """Where the payer's browser goes: `method` is GET or POST, `fields` are sent with a POST."""

    method: str
    url: str
    fields: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Token:
    """What the bank knows the visit by: its token, RefId or authority."""

    value: str = field(repr=False)
    redirect: Redirect


@dataclass(frozen=True)
class Order:
    """A visit as we have it; `reference` is what the bank, or somebody in its name, has said at the return."""

    order_number: int
    amount_rials: int
    token: str = field(repr=False)
    reference: str | None = None


@dataclass(frozen=True)
class Returned:
    """What came with the payer's browser. Nothing of it is proven: it only says which payment to look at.

    `says_paid` is False when it says that the payer gave up or was refused; the bank is asked all the same.
    `amount_rials` is None where the gateway tells none.
    """

    order_number: int | None
    token: str | None
    reference: str | None
    amount_rials: int | None
    says_paid: bool
    code: str
    trace: str | None = None
    card: str | None = None


class Status(StrEnum):
    """What became of the money at the bank.

    `ALREADY` is "verified before": ours if we have not credited it yet, and no second payment. `UNPAID` means that
    nothing is shown to be paid, which a payer who has not come back may still change; `PENDING`, that the bank itself
    says that the payer is still there.
    """

    PAID = "paid"
    ALREADY = "already"
    UNPAID = "unpaid"
    PENDING = "pending"
    REVERSED = "reversed"


@dataclass(frozen=True)
class Verdict:
    """The bank's own word. `amount_rials` is None only where its interface tells none (Mellat, Zarinpal's 101)."""

    status: Status
    code: str
    reference: str | None = None
    amount_rials: int | None = None
    trace: str | None = None
    card: str | None = None


class Bank(Protocol):
    """One gateway, built from the settings.

    `code` is its name in settings, addresses and rows; `origin` is where a form of ours may end (CSP). `reverses_in` is
    how long after a visit the bank itself gives the money back when nobody verifies (None: never by itself), and
    `undo_within` how long `reverse` works (None: it does not).
    """

    code: str
    origin: str
    reverses_in: timedelta | None
    undo_within: timedelta | None

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        """Ask for a token. The same order number is never asked for twice."""

    def redirect(self, token: str) -> Redirect:
        """Where the payer goes with a token; made anew for one who comes back to our page without having paid."""

    def returned(self, fields: Mapping[str, str]) -> Returned:
        """Read what came with the browser; raises ValueError when it is not of this gateway's shape."""

    def verify(self, order: Order) -> Verdict:
        """Take the money, if it was paid; where a gateway settles apart (Mellat), that is done too."""

    def inquire(self, order: Order) -> Verdict:
        """Ask without taking; a gateway that cannot be asked without verifying verifies."""

    def reverse(self, order: Order) -> Verdict:
        """Give the money back; raises Refused where the gateway has no such call or its time has passed."""
