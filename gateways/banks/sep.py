"""SEP, the gateway of Bank Saman (interface 3.3): JSON, known by terminal and address.

A payment is verified by its RefNum, which the payer's browser brings; when it was lost, the receipt of the token tells
it, a service that not every contract has. The same RefNum is confirmed each time it is asked for: whoever credits must
keep it unique.

| Code of VerifyTransaction | Meaning | Verdict |
|---|---|---|
| 0 | confirmed | PAID |
| 2 | asked before | ALREADY |
| 5, -6 | given back, or not confirmed within half an hour and so given back | REVERSED |
| -2 | no such payment | UNPAID |
| -104, -105, -106 | terminal or address | `Temporary` |
| any other | says nothing about the money | `Unanswered` |
"""

import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateways.banks import wire
from gateways.banks.base import Order, Redirect, Returned, Status, Token, Verdict
from gateways.errors import Refused, Temporary, Unanswered

VERDICTS = {
    "0": Status.PAID,
    "2": Status.ALREADY,
    "5": Status.REVERSED,
    "-2": Status.UNPAID,
    "-6": Status.REVERSED,
}
OUR_SETTINGS = frozenset({"-104", "-105", "-106"})
REVERSED = frozenset({"0", "2", "5"})
NOT_THIS_ONE = "5"  # of a request: an amount or a number that is not taken
RECEIPTS = {"inprogress": Status.PENDING, "canceledbyuser": Status.UNPAID, "failed": Status.UNPAID, "ok": Status.PAID}


class Sep:
    """The gateway at `url` ("https://sep.shaparak.ir")."""

    code = "sep"
    reverses_in: datetime.timedelta | None = datetime.timedelta(minutes=30)
    undo_within: datetime.timedelta | None = datetime.timedelta(minutes=50)

    def __init__(self, url: str, terminal: str, line: wire.Line) -> None:
        self.url = url.rstrip("/")
        self.origin = wire.origin(url)
        self._terminal, self._line = terminal, line
        self._number: int | str = int(terminal) if terminal.isdigit() else terminal

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        question = {
            "action": "token",
            "TerminalId": self._terminal,
            "Amount": amount_rials,
            "ResNum": str(order_number),
            "RedirectUrl": return_url,
        }
        answer = self._line.ask(f"{self.url}/onlinepg/onlinepg", question)
        if wire.code_in(answer.get("status")) != "1":
            code = wire.code_in(answer.get("errorCode"))
            raise Refused(code) if code == NOT_THIS_ONE else Temporary(code)
        token = wire.token_in(answer.get("token"))
        return Token(token, self.redirect(token))

    def redirect(self, token: str) -> Redirect:
        return Redirect("GET", f"{self.url}/OnlinePG/SendToken?token={quote(token, safe='')}")

    def returned(self, fields: Mapping[str, str]) -> Returned:
        told = wire.by_lower(fields)
        number, token = wire.number_of(told.get("resnum")), wire.word_of(told.get("token"), wire.TOKEN)
        if number is None and token is None:
            raise ValueError("neither number nor token")
        reference = wire.word_of(told.get("refnum"), wire.REFERENCE)
        state, status = told.get("state"), told.get("status")
        is_paid = reference is not None and (state is None or state.upper() == "OK") and status in (None, "2", "OK")
        return Returned(
            number,
            token,
            reference,
            wire.amount_of(told.get("amount")),
            says_paid=is_paid,
            code=wire.code_of(status) or wire.code_of(state),
            trace=wire.trace_in(told.get("traceno")),
            card=wire.card_in(told.get("securepan")),
        )

    def verify(self, order: Order) -> Verdict:
        reference = order.reference
        if reference is None:
            receipt = self.inquire(order)
            if receipt.status is not Status.PAID:
                return receipt
            reference = receipt.reference
        answer = self._ask("VerifyTransaction", reference)
        code = wire.code_in(answer.get("ResultCode"))
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code not in VERDICTS:
            raise Unanswered(code)
        if VERDICTS[code] not in (Status.PAID, Status.ALREADY):
            return Verdict(VERDICTS[code], code)
        return self._read(answer, order, code, reference)

    def inquire(self, order: Order) -> Verdict:
        """The receipt of the token; without one nothing is shown to be paid."""
        question = {"TerminalNumber": self._number, "Token": order.token}
        url = f"{self.url}/verifyTxnRandomSessionkey/api/v2/ipg/payment/receipt"
        found = self._line.post(url, question)
        if found.status in (400, 404, 405):
            return Verdict(Status.UNPAID, "no_receipt")  # not every contract has this service
        answer = wire.document(found)
        receipt = answer.get("Data")
        if answer.get("HasError") is True or not isinstance(receipt, dict):
            return Verdict(Status.UNPAID, wire.code_in(answer.get("ErrorCode")))
        wire.require_same(receipt.get("ResNum"), order.order_number, "order")
        return _receipt(receipt)

    def reverse(self, order: Order) -> Verdict:
        if order.reference is None:
            raise Refused("no_reference")
        code = wire.code_in(self._ask("ReverseTransaction", order.reference).get("ResultCode"))
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code not in REVERSED:
            raise Refused(code)
        return Verdict(Status.REVERSED, code, order.reference)

    def _ask(self, path: str, reference: str | None) -> dict[str, Any]:
        question = {"RefNum": reference, "TerminalNumber": self._number}
        return self._line.ask(f"{self.url}/verifyTxnRandomSessionkey/ipg/{path}", question)

    def _read(self, answer: dict[str, Any], order: Order, code: str, reference: str | None) -> Verdict:
        detail = answer.get("TransactionDetail")
        if not isinstance(detail, dict):
            raise Unanswered("no_detail")
        amounts = [wire.rials_in(detail.get(name)) for name in ("OrginalAmount", "AffectiveAmount")]
        wire.require_same(detail.get("RefNum"), reference, "reference")
        wire.require_same(detail.get("TerminalNumber"), self._terminal, "terminal")
        # What was taken from the card must be what we asked for as well: the one that differs is told.
        amount = next((each for each in amounts if each != order.amount_rials), order.amount_rials)
        trace, card = wire.trace_in(detail.get("StraceNo")), wire.card_in(detail.get("MaskedPan"))
        return Verdict(VERDICTS[code], code, reference, amount, trace, card)


def _receipt(receipt: dict[str, Any]) -> Verdict:
    state = str(receipt.get("State", "")).lower()
    status = RECEIPTS.get(state)
    if status is None:
        raise Unanswered("no_state")
    if status is not Status.PAID:
        return Verdict(status, state[:12])
    amount, reference = wire.rials_in(receipt.get("Amount")), wire.reference_in(receipt.get("RefNum"))
    return Verdict(status, "ok", reference, amount, wire.trace_in(receipt.get("TraceNo")))
