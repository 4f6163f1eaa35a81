"""A bank on a bare socket that gives its answers one after the other, and the gateways that ask it."""

import json

from gateways.banks.base import Order
from gateways.banks.mellat import Mellat
from gateways.banks.sadad import Sadad
from gateways.banks.sep import Sep
from gateways.banks.wire import Line
from gateways.banks.zarinpal import Zarinpal
from tests.gateways.bad_server import BadServer, answering

KEY = "c2FuZGJveC1zYWRhZC1rZXktMjRiISEh"
NUMBER, RIALS, BACK = 1001, 50_000, "https://doreh.example.ir/pay/callback/x"
ORDER = Order(NUMBER, RIALS, "token-1")
KNOWN = Order(NUMBER, RIALS, "token-1", "5142510")


def sadad(url, line=None):
    return Sadad(url, "140336", "24000615", KEY, line or Line(30))


def sep(url, line=None):
    return Sep(url, "2015", line or Line(30))


def mellat(url, line=None):
    return Mellat(f"{url}/services/pgw", f"{url}/startpay.mellat", "1234", ("doreh", "p<&>w"), line or Line(30))


def zarinpal(url, line=None):
    return Zarinpal(url, "5a8dc0de-0000-4000-8000-000000000001", line or Line(30))


ALL = {"sadad": sadad, "sep": sep, "mellat": mellat, "zarinpal": zarinpal}


class Bank(BadServer):
    """Gives each of the answers once: what is no bytes is sent as JSON; a pair is a status line and a document."""

    def __init__(self, *answers):
        waiting = [each if isinstance(each, tuple) else ("200 OK", each) for each in answers]
        super().__init__(lambda connection: _give(connection, *waiting.pop(0)))

    def asked(self, nth=0):
        """The path and the document of a request that came."""
        head, _, body = self.requests[nth].partition(b"\r\n\r\n")
        return head.split(b" ")[1].decode(), json.loads(body)


def _give(connection, status, document):
    answering(document, status=status)(connection)


def soap(name, word):
    """What Mellat answers to `name`."""
    return (
        '<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<ns1:{name}Response xmlns:ns1="http://interfaces.core.sw.bps.com/"><return>{word}</return>'
        f"</ns1:{name}Response></soap:Body></soap:Envelope>"
    ).encode()
