"""What all gateways share: one way to ask a bank, and a suspicious way to read what comes back.

At a bank only the body says yes or no. A status that is not success says that nobody has answered: a payment must not
fail because a page was not found.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gateways.errors import Temporary, Unanswered
from gateways.http import SHUT_DOOR, Answer, call, parse_object

TOKEN, REFERENCE, TRACE, CARD, CODE = 200, 80, 40, 24, 12  # the longest of each that is kept
_CODE = re.compile(r"-?[0-9]{1,6}")
_WORD = re.compile(r"[!-~]+")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Line:
    """How banks are reached: with how much patience, and through which proxy."""

    timeout_s: float
    proxy: str = field(default="", repr=False)

    def post(self, url: str, payload: dict[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """Send JSON and bring whatever answer there is."""
        return call("POST", url, self.timeout_s, payload=payload, headers=headers or {}, proxy=self.proxy)

    def ask(self, url: str, payload: dict[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Send JSON and bring the JSON object of a successful answer.

        Raises:
            Temporary, Unanswered: there is none.
        """
        return document(self.post(url, payload, headers))

    def send_xml(self, url: str, text: str) -> bytes:
        """Send a SOAP envelope and bring the body of a successful answer."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml", "SOAPAction": '""'}
        content = text.encode()
        answer = call("POST", url, self.timeout_s, content=content, headers=headers, proxy=self.proxy)
        return successful(answer).body


def successful(answer: Answer) -> Answer:
    """The answer, if its status says that it is one."""
    if answer.status in SHUT_DOOR:
        raise Temporary(f"http_{answer.status}")
    if not 200 <= answer.status < 300:
        raise Unanswered(f"http_{answer.status}")
    return answer


def document(answer: Answer) -> dict[str, Any]:
    """The JSON object of a successful answer."""
    return parse_object(successful(answer).body)


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# -- Reading what the bank itself says ---------------------------------------------


def code_in(value: object) -> str:
    """A result code; without one nothing was said."""
    text = _plain(value)
    if text is None or not _CODE.fullmatch(text):
        raise Unanswered("no_code")
    return text


def rials_in(value: object) -> int:
    """An amount; one that is missing or zero is no word about money."""
    text = _plain(value)
    if text is None or not _NUMBER.fullmatch(text) or int(text) == 0:
        raise Unanswered("no_amount")
    return int(text)


def token_in(value: object) -> str:
    """What the visit will be known by."""
    text = _word(value, TOKEN)
    if text is None:
        raise Unanswered("no_token")
    return text


def reference_in(value: object) -> str:
    """What proves the payment; nothing is credited without it."""
    text = _word(value, REFERENCE)
    if text is None or text == "0":
        raise Unanswered("no_reference")
    return text


def require_same(value: object, expected: object, what: str) -> None:
    """An answer about another visit than ours is no answer."""
    if _plain(value) != str(expected):
        raise Unanswered(f"other_{what}")


def trace_in(value: object) -> str | None:
    return _word(value, TRACE)


def card_in(value: object) -> str | None:
    """The number of a card with its middle hidden, whether the bank has hidden it or not."""
    text = _word(value, 40)
    if text is None or len(text) < 10:
        return None
    if re.search(r"[0-9]{9,}", text):
        text = f"{text[:6]}******{text[-4:]}"
    return text[:CARD]


# -- Reading what came with the payer's browser ------------------------------------


def by_lower(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields by name in small letters: gateways change their capitals between versions."""
    return {name.lower(): value.strip() for name, value in fields.items() if value.strip()}


def number_of(value: str | None) -> int | None:
    """Our own number, if it is told.

    Raises:
        ValueError: it is something else.
    """
    if value is None:
        return None
    if not _NUMBER.fullmatch(value):
        raise ValueError("no number")
    return int(value)


def word_of(value: str | None, most: int) -> str | None:
    """A word of the gateway, if it is told.

    Raises:
        ValueError: it is longer than the gateway's are, or no word.
    """
    if value is not None and _word(value, most) is None:
        raise ValueError("no word")
    return value


def amount_of(value: str | None) -> int | None:
    """An amount for the eye only: what cannot be one is left out."""
    return int(value) if value is not None and _NUMBER.fullmatch(value) else None


def code_of(value: str | None) -> str:
    """A code for the eye only."""
    return value if value is not None and _word(value, CODE) else ""


def _plain(value: object) -> str | None:
    """A whole number or a text as text; a truth value or a broken number is neither."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value).strip()


def _word(value: object, most: int) -> str | None:
    text = _plain(value)
    return text if text is not None and len(text) <= most and _WORD.fullmatch(text) else None
