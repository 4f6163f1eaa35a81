"""Loads the visits to banks behind the demo's top-ups, and a few that ended otherwise."""

import datetime as dt
import random

from models import OwnerKind, Payment, PaymentEvent, PaymentLine, PaymentState
from scripts.reference.rows import Rows
from services.payments import events, wording
from services.payments.settling import AMOUNT_DIFFERS, NOT_PAID, OVERDUE

GATEWAYS = ("sadad", "sadad", "sep", "mellat", "zarinpal")
# How visits ended that filled no purse, and how long that took.
OTHERWISE = (
    (PaymentState.FAILED, NOT_PAID, 3),
    (PaymentState.FAILED, NOT_PAID, 2),
    (PaymentState.FAILED, "timeout", 0),
    (PaymentState.EXPIRED, OVERDUE, 45),
    (PaymentState.REVERSED, AMOUNT_DIFFERS, 4),
)
Owner = tuple[OwnerKind, str]


class Visits:
    """Rows of payments; `codes` are the national codes of users, who pay for their own purses."""

    def __init__(self, rows: Rows, codes: dict[int, str]) -> None:
        self.rows, self.rng = rows, random.Random(23_000)
        self.users = {code: user_id for user_id, code in codes.items()}

    def paid(self, owner: Owner, amount: int, at: dt.datetime) -> int:
        """A visit that filled a purse; the id of its line."""
        return self._visit(owner, amount, at, PaymentState.VERIFIED, "0")

    def otherwise(self, owners: list[Owner], at: dt.datetime) -> None:
        for owner, (state, code, minutes) in zip(owners, OTHERWISE, strict=False):
            self._visit(owner, 500_000, at, state, code, dt.timedelta(minutes=minutes))

    def _visit(
        self,
        owner: Owner,
        amount: int,
        at: dt.datetime,
        state: PaymentState,
        code: str,
        took: dt.timedelta | None = None,
    ) -> int:
        began = at - (took or dt.timedelta(minutes=4))
        was_there = code in wording.CAUSES or state is PaymentState.VERIFIED
        payment_id = self.rows.add(
            Payment,
            **self._numbers(state),
            user_id=self.users.get(owner[1]),
            state=state,
            amount=amount,
            code=code,
            checks=1,
            created_at=began,
            redirected_at=began if was_there else None,
            returned_at=at if was_there and state is not PaymentState.EXPIRED else None,
            settled_at=at,
        )
        self._event(payment_id, state, code, at)
        values = {"owner_kind": owner[0], "owner_code": owner[1], "amount": amount, "was_known": True}
        return self.rows.add(PaymentLine, payment_id=payment_id, **values)

    def _numbers(self, state: PaymentState) -> dict[str, object]:
        is_paid = state is PaymentState.VERIFIED
        number = self.rng.randrange(10**14, 10**15)
        return {
            "order_number": number,
            "receipt_key": f"{self.rng.getrandbits(128):032x}",
            "form_key": f"demo:{number}",
            "gateway": self.rng.choice(GATEWAYS),
            "token": f"{self.rng.getrandbits(80):020x}",
            "reference": str(self.rng.randrange(10**11, 10**12)) if is_paid else None,
            "trace": str(self.rng.randrange(10**5, 10**6)) if is_paid else None,
            "card": "6037******4217" if is_paid else None,
        }

    def _event(self, payment_id: int, state: PaymentState, code: str, at: dt.datetime) -> None:
        if state is PaymentState.VERIFIED:
            kind, detail = events.CREDITED, {"status": "paid"}
        else:
            kind, detail = (events.CLOSED, {"state": state.value}) if code != "timeout" else (events.NO_TOKEN, {})
        self.rows.add(PaymentEvent, payment_id=payment_id, kind=kind, code=code, detail=detail, at=at)
