"""A national window for tests: the real client up to the point where it would call."""

import dataclasses
import datetime as dt

from gateways.errors import GatewayError, SsoRefused
from gateways.sso import NationalWindow
from gateways.sso_claims import SsoPerson
from tests import make

PERSON = SsoPerson(
    issuer="https://window.example",
    subject="s-1",
    national_code=make.national_code(7_392_184),
    first_name="مریم",
    last_name="صادقی",
    father_name="علی",
    gender="female",
    birth_date=dt.date(2002, 6, 17),
    shenasname_no="12",
    mobile="09131234567",
    postal_code=None,
    address=None,
    id_token="an.id.token",
)


class FakeWindow(NationalWindow):
    """The real client up to the point where it would call; codes are good once."""

    def finish(self, redirect_uri: str, code: str, nonce: str, verifier: str, begun_at: float = 0) -> SsoPerson:
        self.keys.asked.append((redirect_uri, code, nonce, verifier))
        if isinstance(self.keys.answer, GatewayError):
            raise self.keys.answer
        if self.keys.asked.count((redirect_uri, code, nonce, verifier)) > 1:
            raise SsoRefused("code")
        return self.keys.answer


@dataclasses.dataclass
class Script:
    """What the fake answers and what it was asked."""

    answer: SsoPerson | GatewayError = PERSON
    asked: list = dataclasses.field(default_factory=list)
