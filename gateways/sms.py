"""Text messages by Magfa's HTTP interface, version 2.

Each message carries our own key as `uids`, so that after silence the provider can be asked whether it has
the message. The provider keeps that key for a day.

| Code | Meaning | Raised |
|---|---|---|
| 1, 13, 27, 30, 33, 34 | bad recipient, empty, blacklist, too long, opted out, no verified data | `Refused` |
| 31, 101-110 | the request itself is malformed | `Refused` |
| 2, 20 | bad sender, sender not ours: the message is right, the settings are not | `Temporary` |
| 8, 15, 22, 23 | outside hours, busy, held back | `Temporary` |
| 14, 16, 17, 18, 19, 29 | no credit, account off or expired, sign-in, address not allowed | `Temporary` |
| any other | the provider did not take it | `Refused` |
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gateways.errors import GatewayError, Refused, Temporary, Unanswered
from gateways.http import call

ACCEPTED = 0
TEMPORARY_CODES = frozenset({2, 8, 14, 15, 16, 17, 18, 19, 20, 22, 23, 29})
NO_SUCH_KEY = 24
NO_MESSAGE = (None, 0, -1)
STATES = {
    "-1": "unknown",
    "0": "waiting",
    "1": "delivered",
    "2": "undelivered",
    "8": "at_operator",
    "16": "rejected",
}
STATUSES_PER_CALL = 100

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Magfa:
    """The provider at `url` ("https://…/api/http/sms/v2"); `username` is "name/domain"."""

    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    timeout_s: float

    def send(self, uid: str, mobile: str, text: str) -> str:
        """Hand over one message and return the provider's id; `mobile` is "09…".

        Raises:
            Temporary: not taken, may be later.
            Refused: not taken, never will be.
            Unanswered: perhaps taken; ask `find` before sending the same `uid` again.
        """
        body = {"senders": [self.sender], "recipients": [international(mobile)], "messages": [text], "uids": [uid]}
        answer = self._ask("POST", "send", body)
        _require_accepted(answer)
        # The whole may be accepted while this message is not.
        messages = answer.get("messages")
        message = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
        if not isinstance(message, dict):
            raise Unanswered("no_message")
        if str(message.get("userId", uid)) != uid:
            raise Unanswered("other_message")
        _require_accepted(message)
        return _id(message.get("id"))

    def find(self, uid: str) -> str | None:
        """The provider's id of the message with our key, or None; only to be trusted for a day after sending."""
        answer = self._ask("GET", f"mid/{quote(uid, safe='')}")
        if answer.get("status") == NO_SUCH_KEY:
            return None
        _require_accepted(answer)
        if "mid" not in answer:
            raise Unanswered("no_id")
        return None if answer["mid"] in NO_MESSAGE else _id(answer["mid"])

    def delivered(self, ids: list[str]) -> dict[str, str]:
        """The state of each of the provider's ids; an id it does not mention is absent.

        States: unknown, waiting, delivered, undelivered, at_operator, rejected.
        """
        states: dict[str, str] = {}
        for start in range(0, len(ids), STATUSES_PER_CALL):
            some = ids[start : start + STATUSES_PER_CALL]
            answer = self._ask("GET", "statuses/" + ",".join(quote(one, safe="") for one in some))
            _require_accepted(answer)
            reports = answer.get("dlrs")
            if not isinstance(reports, list):
                raise Unanswered("no_reports")
            states |= _states(reports, set(some))
        return states

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        auth = (self.username, self.password)
        return call(method, f"{self.url.rstrip('/')}/{path}", self.timeout_s, payload=body, auth=auth).document()


def international(mobile: str) -> str:
    """ "09121234567" as the provider writes it, "989121234567"."""
    return "98" + mobile.removeprefix("0")


def parts(text: str) -> int:
    """How many text messages this is: 160/153 letters of the GSM alphabet, 70/67 of any other."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text):
        widths, single, split = [1 + (letter in GSM_EXTENDED) for letter in text], 160, 153
    else:
        widths, single, split = [1 + (ord(letter) > 0xFFFF) for letter in text], 70, 67
    if sum(widths) <= single:
        return min(len(text), 1)
    count, room = 1, split
    for width in widths:
        if width > room:
            count, room = count + 1, split
        room -= width
    return count


def failure(code: int) -> GatewayError:
    """What a code other than 0 means, by the table above."""
    return Temporary(str(code)) if code in TEMPORARY_CODES else Refused(str(code))


def _require_accepted(answer: dict[str, Any]) -> None:
    status = answer.get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        raise Unanswered("no_status")
    if status != ACCEPTED:
        raise failure(status)


def _id(value: object) -> str:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) > 0):
        raise Unanswered("no_id")
    return text


def _states(reports: list[Any], asked: set[str]) -> dict[str, str]:
    known = [report for report in reports if isinstance(report, dict) and str(report.get("mid")) in asked]
    return {str(report["mid"]): STATES.get(str(report.get("status")), "unknown") for report in known}
