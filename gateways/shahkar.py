"""Shahkar by the government's service bus: is this mobile registered to this national code.

The question is a list of named parameters; the answer holds a second JSON document as a string, in which
200 means yes and 600 means no. Every other code (311: the input was not understood) is no answer at all.
"""

import datetime
import threading
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from gateways.errors import Unanswered
from gateways.http import call, parse_object

TEHRAN = ZoneInfo("Asia/Tehran")
SERVICE = "gsb-itoshahkar"
MOBILE_SERVICE = "2"
BY_NATIONAL_CODE = "0"
MATCH = "200"
NO_MATCH = "600"

_lock = threading.Lock()
_last = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Shahkar:
    url: str
    username: str
    password: str = field(repr=False)
    provider_code: str
    timeout_s: float

    def matches(self, national_code: str, mobile: str, request_id: str) -> bool:
        """Whether `mobile` ("09…") is registered to this national code.

        `request_id` comes from `new_request_id` and is used for one call only.

        Raises:
            Temporary, Refused, Unanswered: nothing is known; never to be taken for "no".
        """
        parameters = {
            "serviceType": MOBILE_SERVICE,
            "identificationType": BY_NATIONAL_CODE,
            "identificationNo": national_code,
            "requestId": request_id,
            "serviceNumber": mobile,
        }
        question = {
            "credential": {"code": self.username, "password": self.password},
            "parameters": [{"parameterName": name, "parameterValue": value} for name, value in parameters.items()],
            "service": SERVICE,
        }
        answer = call("POST", self.url, self.timeout_s, payload=question).document()
        if answer.get("isSuccessful") is not True or not isinstance(answer.get("responseText"), str):
            raise Unanswered("bus_failed")
        return _verdict(parse_object(answer["responseText"]), request_id)


def new_request_id(provider_code: str) -> str:
    """Provider code, time stamp and six digits; the digits are microseconds, never twice the same in a process."""
    global _last
    with _lock:
        _last = max(datetime.datetime.now(datetime.UTC), _last + datetime.timedelta(microseconds=1))
        moment = _last
    return f"{provider_code}{moment.astimezone(TEHRAN):%Y%m%d%H%M%S%f}"


def _verdict(inner: dict[str, Any], request_id: str) -> bool:
    result = inner.get("result")
    data = result.get("data") if isinstance(result, dict) else None
    if not isinstance(data, dict):
        raise Unanswered("no_verdict")
    if data.get("requestId", request_id) != request_id:
        raise Unanswered("other_request")
    code = str(data.get("response"))
    if code not in (MATCH, NO_MATCH):
        raise Unanswered(code if code.isascii() and code.isdigit() and len(code) <= 6 else "no_verdict")
    return code == MATCH
