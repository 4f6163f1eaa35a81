"""The decile of a household by income, from the ministry of welfare.

The ministry says it to people at hemayat.mcls.gov.ir behind sso.mcls.gov.ir (domain 2.10); of a call between systems
nothing public was found. This is our reading of such a call in the shape of the broker's other services, in one place
to be changed: `POST /api/Hemayat/Decile {nationalCode}` with name and password, and in `result` a number `decile` from
1 to 10. `result` null with code 1 means that the ministry has no household for this code.
"""

from dataclasses import dataclass, field

from gateways.errors import Temporary, Unanswered
from gateways.http import call

PATH = "/api/Hemayat/Decile"
NOT_FOUND = "1"


@dataclass(frozen=True)
class Decile:
    url: str
    username: str
    password: str = field(repr=False)
    timeout_s: float

    def of(self, national_code: str) -> int | None:
        """1 to 10, or None when the ministry has no household for this code.

        Raises:
            Temporary, Refused, Unanswered: nothing is known.
        """
        login, question = (self.username, self.password), {"nationalCode": national_code}
        answer = call("POST", self.url.rstrip("/") + PATH, self.timeout_s, payload=question, auth=login).document()
        if answer.get("isSuccessful") is not True:
            raise Temporary("decile_failed")
        record = answer.get("result")
        if record is None and str(answer.get("code")) == NOT_FOUND:
            return None
        if not isinstance(record, dict) or str(record.get("nationalCode", national_code)).zfill(10) != national_code:
            raise Unanswered("no_record")
        found = record.get("decile")
        if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= 10:
            raise Unanswered("bad_decile")
        return found
