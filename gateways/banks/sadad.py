"""Sadad, the gateway of Bank Melli (interface 1.10): JSON, signed with 3DES.

| Code of a request | Meaning | Raised |
|---|---|---|
| 61, 1011, 1017, 1026 | the amount or our number is not taken | `Refused` |
| any other | merchant, terminal, address, clock, signature, the bank itself | `Temporary` |

| Code of Advice/Verify | Meaning | Verdict |
|---|---|---|
| 0 | taken now | PAID |
| 100 | taken before | ALREADY |
| -1, 101 | nothing paid with this token, or its time is over | UNPAID |
| 3, 23, 58, 1003, 1025, 1027, 1029 | merchant, terminal, address, signature | `Temporary` |
| any other | says nothing about the money | `Unanswered` |
"""

import base64
import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from gateways.banks import wire
from gateways.banks.base import Order, Redirect, Returned, Status, Token, Verdict
from gateways.errors import Refused, Temporary, Unanswered
from gateways.http import LEFT_OUT

TEHRAN = ZoneInfo("Asia/Tehran")
NOT_THIS_ONE = frozenset({"61", "1011", "1017", "1026"})
VERDICTS = {"0": Status.PAID, "100": Status.ALREADY, "-1": Status.UNPAID, "101": Status.UNPAID}
OUR_SETTINGS = frozenset({"3", "23", "58", "1003", "1025", "1027", "1029"})
# The gateway has answered with status 500 to calls that named their program.
NAMELESS = {"User-Agent": LEFT_OUT}


class Sadad:
    """The gateway at `url` ("https://sadad.shaparak.ir"); `key` is 24 bytes in base64."""

    code = "sadad"
    reverses_in: datetime.timedelta | None = datetime.timedelta(minutes=15)
    undo_within: datetime.timedelta | None = None

    def __init__(self, url: str, merchant: str, terminal: str, key: str, line: wire.Line) -> None:
        self.url = url.rstrip("/")
        self.origin = wire.origin(url)
        self._merchant, self._terminal, self._line = merchant, terminal, line
        self._key = base64.b64decode(key)

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        now = datetime.datetime.now(TEHRAN)
        question = {
            "MerchantId": self._merchant,
            "TerminalId": self._terminal,
            "Amount": amount_rials,
            "OrderId": order_number,
            "LocalDateTime": f"{now:%m/%d/%Y %I:%M:%S %p}",
            "ReturnUrl": return_url,
            "SignData": self._signed(f"{self._terminal};{order_number};{amount_rials}"),
        }
        answer = self._ask("Request/PaymentRequest", question)
        code = wire.code_in(answer.get("ResCode"))
        if code != "0":
            raise Refused(code) if code in NOT_THIS_ONE else Temporary(code)
        token = wire.token_in(answer.get("Token"))
        return Token(token, self.redirect(token))

    def redirect(self, token: str) -> Redirect:
        return Redirect("GET", f"{self.url}/Purchase?Token={quote(token, safe='')}")

    def returned(self, fields: Mapping[str, str]) -> Returned:
        told = wire.by_lower(fields)
        number, token = wire.number_of(told.get("orderid")), wire.word_of(told.get("token"), wire.TOKEN)
        if number is None and token is None:
            raise ValueError("neither number nor token")
        code = wire.code_of(told.get("rescode"))
        card = wire.card_in(told.get("primaryaccno"))
        return Returned(number, token, None, None, says_paid=code == "0", code=code, card=card)

    def verify(self, order: Order) -> Verdict:
        answer = self._ask("Advice/Verify", {"Token": order.token, "SignData": self._signed(order.token)})
        code = wire.code_in(answer.get("ResCode"))
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code not in VERDICTS:
            raise Unanswered(code)
        if VERDICTS[code] is Status.UNPAID:
            return Verdict(Status.UNPAID, code)
        amount = wire.rials_in(answer.get("Amount"))
        wire.require_same(answer.get("OrderId"), order.order_number, "order")
        reference = wire.reference_in(answer.get("RetrivalRefNo"))
        trace = wire.trace_in(answer.get("SystemTraceNo"))
        return Verdict(VERDICTS[code], code, reference, amount, trace)

    def inquire(self, order: Order) -> Verdict:
        return self.verify(order)  # the bank has no other question, and repeats its answer

    def reverse(self, order: Order) -> Verdict:
        raise Refused("no_reverse")

    def _ask(self, path: str, question: dict[str, Any]) -> dict[str, Any]:
        return self._line.ask(f"{self.url}/api/v0/{path}", question, NAMELESS)

    def _signed(self, text: str) -> str:
        """3DES in ECB with the padding of PKCS 7: the bank's choice, not ours."""
        # Loaded at the first call: ten megabytes that a process which asks no bank does not carry.
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.padding import PKCS7

        padder = PKCS7(TripleDES.block_size).padder()
        padded = padder.update(text.encode()) + padder.finalize()
        encryptor = Cipher(TripleDES(self._key), modes.ECB()).encryptor()  # noqa: S305
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
