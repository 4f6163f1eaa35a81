"""Zarinpal (interface 4): JSON, known by the merchant's id; amounts are said to be rials in every request.

Nothing is given back by itself here: a visit that is paid and never verified stays with the gateway.

| Code | Meaning | Verdict of verify |
|---|---|---|
| 100 | taken now; the gateway has compared the amount | PAID |
| 101 | taken before | ALREADY |
| -51, -53, -54, -55 | not paid, not of ours, unknown | UNPAID |
| -50 | another amount was paid than is verified | PAID with that amount, or `Refused` when it is not told |
| -9 to -19, -52 | our request, merchant, address, the gateway itself | `Temporary` |
| any other | says nothing about the money | `Unanswered` |
"""

import contextlib
import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateways.banks import wire
from gateways.banks.base import Order, Redirect, Returned, Status, Token, Verdict
from gateways.errors import Refused, Temporary, Unanswered
from gateways.http import Answer, parse_object

RIALS = "IRR"
DESCRIPTION = "افزایش اعتبار دوره"
DONE = "100"
VERDICTS = {
    DONE: Status.PAID,
    "101": Status.ALREADY,
    "-51": Status.UNPAID,
    "-53": Status.UNPAID,
    "-54": Status.UNPAID,
    "-55": Status.UNPAID,
}
OTHER_AMOUNT = "-50"
BAD_REQUEST = "-9"
OUR_SETTINGS = frozenset({"-52", *(str(-number) for number in range(9, 20))})
STATES = {
    "PAID": Status.PAID,
    "VERIFIED": Status.ALREADY,
    "IN_BANK": Status.PENDING,
    "FAILED": Status.UNPAID,
    "REVERSED": Status.REVERSED,
}


class Zarinpal:
    """The gateway at `url` ("https://payment.zarinpal.com")."""

    code = "zarinpal"
    reverses_in: datetime.timedelta | None = None
    undo_within: datetime.timedelta | None = datetime.timedelta(minutes=30)

    def __init__(self, url: str, merchant: str, line: wire.Line) -> None:
        self.url = url.rstrip("/")
        self.origin = wire.origin(url)
        self._merchant, self._line = merchant, line

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        answer = self._ask(
            "request",
            amount=amount_rials,
            currency=RIALS,
            description=DESCRIPTION,
            callback_url=return_url,
            metadata={"order_id": str(order_number)},
        )
        code = wire.code_in(answer.get("code"))
        if code != DONE:
            raise Refused(code) if code == BAD_REQUEST else Temporary(code)
        token = wire.token_in(answer.get("authority"))
        return Token(token, self.redirect(token))

    def redirect(self, token: str) -> Redirect:
        return Redirect("GET", f"{self.url}/pg/StartPay/{quote(token, safe='')}")

    def returned(self, fields: Mapping[str, str]) -> Returned:
        told = wire.by_lower(fields)
        token = wire.word_of(told.get("authority"), wire.TOKEN)
        if token is None:
            raise ValueError("no authority")
        code = wire.code_of(told.get("status"))
        return Returned(None, token, None, None, says_paid=code.upper() == "OK", code=code)

    def verify(self, order: Order) -> Verdict:
        answer = self._ask("verify", amount=order.amount_rials, authority=order.token)
        code = wire.code_in(answer.get("code"))
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code == OTHER_AMOUNT:
            return self._other_amount(order)
        if code not in VERDICTS:
            raise Unanswered(code)
        status = VERDICTS[code]
        if status is Status.UNPAID:
            return Verdict(status, code)
        reference, card = wire.reference_in(answer.get("ref_id")), wire.card_in(answer.get("card_pan"))
        # 100 is said only to the right amount; 101 may be about one that somebody else has verified.
        amount = order.amount_rials if status is Status.PAID else None
        return Verdict(status, code, reference, amount, card=card)

    def inquire(self, order: Order) -> Verdict:
        answer = self._ask("inquiry", authority=order.token)
        code = wire.code_in(answer.get("code"))
        if code in ("-53", "-54", "-55"):
            return Verdict(Status.UNPAID, code)
        if code in OUR_SETTINGS:
            raise Temporary(code)
        state = str(answer.get("status"))
        if code != DONE or state not in STATES:
            raise Unanswered(code if code != DONE else "no_state")
        return Verdict(STATES[state], state.lower())

    def reverse(self, order: Order) -> Verdict:
        code = wire.code_in(self._ask("reverse", authority=order.token).get("code"))
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code != DONE:
            raise Refused(code)
        return Verdict(Status.REVERSED, code, order.reference)

    def unverified(self) -> dict[str, int]:
        """What was paid and never verified: authorities and their rials, at most the last hundred."""
        answer = self._ask("unVerified")
        rows = answer.get("authorities")
        if wire.code_in(answer.get("code")) != DONE or not isinstance(rows, list):
            raise Unanswered("no_list")
        found = [row for row in rows if isinstance(row, dict)]
        return {wire.token_in(row.get("authority")): wire.rials_in(row.get("amount")) for row in found}

    def _other_amount(self, order: Order) -> Verdict:
        """Only the list of what is not verified tells which amount it is."""
        paid = self.unverified().get(order.token)
        if paid is None or paid == order.amount_rials:
            raise Refused(OTHER_AMOUNT)
        return Verdict(Status.PAID, OTHER_AMOUNT, None, paid)

    def _ask(self, name: str, **question: Any) -> dict[str, Any]:
        """What stands in `data`, or in `errors` when it was refused; refusals come with any status."""
        url = f"{self.url}/pg/v4/payment/{name}.json"
        return _inner(self._line.post(url, {"merchant_id": self._merchant, **question}))


def _inner(answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = {}
    with contextlib.suppress(Unanswered):
        document = parse_object(answer.body)
    for part in (document.get("errors"), document.get("data")):
        if isinstance(part, dict) and part:
            return part
    wire.document(answer)  # the status, or that it is no JSON, tells more
    raise Unanswered("no_data")
