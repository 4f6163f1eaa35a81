"""Behpardakht, the gateway of Bank Mellat (interface 1.29): SOAP, settled apart from verifying.

A payment is asked about by its SaleReferenceId, which only the payer's browser brings; without it nothing can be shown
to be paid, and what was paid all the same the bank gives back. No answer tells an amount: the one of the token counts.

| Code of a verification | Meaning | Verdict |
|---|---|---|
| 0, then 0 or 45 of the settlement | taken now | PAID |
| 43, then 0 or 45 of the settlement | taken before | ALREADY |
| 45 | settled before | ALREADY |
| 48 | given back | REVERSED |
| 11-19, 42, 51, 54, 55, 111-114, 415, 995 | the card, the payer, or no such payment | UNPAID |
| 21, 23, 24, 32, 33, 35, 421 | merchant, password, address | `Temporary` |
| any other | says nothing about the money | `Unanswered` |
"""

import datetime
from collections.abc import Mapping
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from gateways.banks import wire
from gateways.banks.base import Order, Redirect, Returned, Status, Token, Verdict
from gateways.errors import Refused, Temporary, Unanswered

TEHRAN = ZoneInfo("Asia/Tehran")
NAMESPACE = "http://interfaces.core.sw.bps.com/"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:b="{namespace}">'
    "<soapenv:Header/><soapenv:Body><b:{name}>{fields}</b:{name}></soapenv:Body></soapenv:Envelope>"
)
DONE, VERIFIED, SETTLED, REVERSED = "0", "43", "45", "48"
NOT_THIS_ONE = frozenset({"25", "41"})
OUR_SETTINGS = frozenset({"21", "23", "24", "32", "33", "35", "421"})
UNPAID = frozenset({"42", "51", "54", "55", "415", "995", *map(str, range(11, 20)), *map(str, range(111, 115))})


class Mellat:
    """The service at `url`, and the page at `page_url` that takes the payer."""

    code = "mellat"
    reverses_in: datetime.timedelta | None = datetime.timedelta(minutes=20)
    undo_within: datetime.timedelta | None = datetime.timedelta(hours=3)

    def __init__(self, url: str, page_url: str, terminal: str, login: tuple[str, str], line: wire.Line) -> None:
        self._url, self._page_url, self._line = url, page_url, line
        self.origin = wire.origin(page_url)
        self._who = {"terminalId": terminal, "userName": login[0], "userPassword": login[1]}

    def request(self, order_number: int, amount_rials: int, return_url: str) -> Token:
        now = datetime.datetime.now(TEHRAN)
        answer = self._ask(
            "bpPayRequest",
            orderId=order_number,
            amount=amount_rials,
            localDate=f"{now:%Y%m%d}",
            localTime=f"{now:%H%M%S}",
            additionalData="",
            callBackUrl=return_url,
            payerId=0,
        )
        first, _, rest = answer.partition(",")
        code = wire.code_in(first)
        if code != DONE:
            raise Refused(code) if code in NOT_THIS_ONE else Temporary(code)
        token = wire.token_in(rest)
        return Token(token, self.redirect(token))

    def redirect(self, token: str) -> Redirect:
        return Redirect("POST", self._page_url, {"RefId": token})

    def returned(self, fields: Mapping[str, str]) -> Returned:
        told = wire.by_lower(fields)
        number, token = wire.number_of(told.get("saleorderid")), wire.word_of(told.get("refid"), wire.TOKEN)
        if number is None and token is None:
            raise ValueError("neither number nor token")
        reference = wire.number_of(told.get("salereferenceid"))
        code = wire.code_of(told.get("rescode"))
        return Returned(
            number,
            token,
            str(reference) if reference else None,
            wire.amount_of(told.get("finalamount")),
            says_paid=code == DONE,
            code=code,
            card=wire.card_in(told.get("cardholderpan")),
        )

    def verify(self, order: Order) -> Verdict:
        if order.reference is None:
            return Verdict(Status.UNPAID, "no_reference")
        code = self._about("bpVerifyRequest", order)
        if code not in (DONE, VERIFIED):
            return _verdict(code, order)
        # Also after what was verified before: without this the money never reaches us.
        settled = self._about("bpSettleRequest", order)
        if settled == REVERSED:
            return _verdict(settled, order)
        if settled not in (DONE, SETTLED):
            raise Temporary(settled) if settled in OUR_SETTINGS else Unanswered(settled)
        return Verdict(Status.PAID if code == DONE else Status.ALREADY, code, order.reference)

    def inquire(self, order: Order) -> Verdict:
        if order.reference is None:
            return Verdict(Status.UNPAID, "no_reference")
        code = self._about("bpInquiryRequest", order)
        return Verdict(Status.PAID, code, order.reference) if code == DONE else _verdict(code, order)

    def reverse(self, order: Order) -> Verdict:
        if order.reference is None:
            raise Refused("no_reference")
        code = self._about("bpReversalRequest", order)
        if code in OUR_SETTINGS:
            raise Temporary(code)
        if code not in (DONE, REVERSED):
            raise Refused(code)
        return Verdict(Status.REVERSED, code, order.reference)

    def _about(self, name: str, order: Order) -> str:
        number = order.order_number
        return wire.code_in(self._ask(name, orderId=number, saleOrderId=number, saleReferenceId=order.reference))

    def _ask(self, name: str, **values: object) -> str:
        fields = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in {**self._who, **values}.items())
        envelope = ENVELOPE.format(namespace=NAMESPACE, name=name, fields=fields)
        return _returned(self._line.send_xml(self._url, envelope), name)


def _verdict(code: str, order: Order) -> Verdict:
    """What any other code than the expected one means."""
    if code in (VERIFIED, SETTLED):
        return Verdict(Status.ALREADY, code, order.reference)
    if code == REVERSED:
        return Verdict(Status.REVERSED, code, order.reference)
    if code in UNPAID:
        return Verdict(Status.UNPAID, code)
    raise Temporary(code) if code in OUR_SETTINGS else Unanswered(code)


def _returned(body: bytes, name: str) -> str:
    """The one word in the answer to `name`; anything else, a fault or a page, says nothing."""
    # Loaded at the first call, and not by processes that never make one.
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise Unanswered("not_xml") from None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == f"{name}Response":
            found = next((child for child in element if child.tag.rpartition("}")[2] == "return"), None)
            if found is not None and found.text:
                return str(found.text).strip()
    raise Unanswered("no_return")
