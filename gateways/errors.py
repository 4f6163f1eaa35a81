"""The few ways in which a call to an outside system can fail.

Every failure carries a short `code` for the log and the outbox row ("timeout", "http_503", "14").
A code never holds anything about a person.
"""


class GatewayError(Exception):
    """A call that did not bring what was asked for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Temporary(GatewayError):
    """Nothing was done; the same call may succeed later."""


class Refused(GatewayError):
    """The other side said no and will say so again."""


class Unanswered(GatewayError):
    """No answer that can be read: it may or may not have been done."""


class SsoRefused(GatewayError):
    """What came back at sign-in does not fit what we asked for; treat it as forged."""


class SsoReused(SsoRefused):
    """The window brought somebody who had signed in there before we asked."""
