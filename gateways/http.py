"""One bounded HTTP call, the way every gateway makes it.

The call has a connect limit, a read limit and a deadline for the whole of it. The deadline is kept by a
timer that shuts the socket, because a read limit starts anew with every byte of a server that drips its
answer. Redirects are not followed, answers are read up to a cap, and compressed answers are not opened.
"""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import SKIP_HEADER

from gateways.errors import Refused, Temporary, Unanswered

CONNECT_S = 3.0
READ_S = 10.0
CAP_BYTES = 256 * 1024
CHUNK_BYTES = 16 * 1024
# Each call has a connection of its own: one kept open may be closed at the other end at the moment it is used, and
# then nobody knows whether the request was read.
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "doreh/1",
}

LEFT_OUT = SKIP_HEADER  # in place of a value

# The door was shut before anything was done: not allowed in (yet), too early, too many, closed for now.
SHUT_DOOR = frozenset({401, 403, 407, 408, 425, 429, 503})

log = logging.getLogger(__name__)
# The last whole answer in this thread, word for word, for who keeps what was said (services/inquiries.py).
_said: ContextVar[bytes] = ContextVar("said", default=b"")

Auth = tuple[str, str] | Callable[[requests.PreparedRequest], requests.PreparedRequest]


@dataclass(frozen=True, repr=False)
class Answer:
    """What came back, whole, with any status."""

    status: int
    content_type: str
    body: bytes

    def document(self) -> dict[str, Any]:
        """The JSON object of a successful answer.

        Raises:
            Temporary, Refused, Unanswered: by the status, or `Unanswered` when it is not a JSON object.
        """
        self.require_success()
        return parse_object(self.body)

    def require_success(self) -> None:
        """Raise what the status means unless it is 2xx."""
        code = f"http_{self.status}"
        if 200 <= self.status < 300:
            return
        if self.status in SHUT_DOOR:
            raise Temporary(code)
        if 400 <= self.status < 500:
            raise Refused(code)
        raise Unanswered(code)


def parse_object(text: bytes | str) -> dict[str, Any]:
    """A JSON object, or `Unanswered`; the parser's own error is dropped because it holds the text."""
    try:
        parsed = json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except (ValueError, RecursionError):
        raise Unanswered("not_json") from None
    if not isinstance(parsed, dict):
        raise Unanswered("not_json")
    return parsed


def call(
    method: str,
    url: str,
    timeout_s: float,
    *,
    payload: Any = None,
    form: dict[str, str] | None = None,
    content: bytes | None = None,
    auth: Auth | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
    proxy: str = "",
    most: int = CAP_BYTES,
) -> Answer:
    """One request and its whole answer, within `timeout_s` seconds.

    Args:
        payload, form, content: what goes along, as JSON, as a form, or as it is.
        headers: beside the usual ones, or in their place; `LEFT_OUT` is not sent at all.
        proxy: the address of a forward proxy, with its name and password; without it the call goes straight.
        most: the largest answer that is read.

    Raises:
        Temporary: no connection came about, so nothing was sent.
        Unanswered: something was sent, and no whole answer of a sane size came back in time.
    """
    began = time.monotonic()
    outcome = "failed"
    try:
        with _Deadline(timeout_s) as deadline:
            request = requests.Request(
                method, url, {**HEADERS, **headers}, json=payload, data=form or content, auth=auth
            )
            answer = _exchange(deadline, request, proxy, most)
        outcome = str(answer.status)
        _said.set(answer.body)
        return answer
    except (Temporary, Unanswered) as failure:
        outcome = failure.code
        raise
    finally:
        # The host only: paths and bodies may point at a person.
        log.info("%s %s: %s in %.3f s", method, urlsplit(url).hostname, outcome, time.monotonic() - began)


def take_said() -> str:
    """The last answer of a call in this thread, once."""
    body = _said.get()
    _said.set(b"")
    return body.decode("utf-8", "replace")


class _Deadline:
    """Shuts the connection opened inside it when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(seconds, 0.05)
        self.connection: HTTPConnection | None = None
        self.sock: socket.socket | None = None
        self.expired = False
        self._timer = threading.Timer(self.seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _current.reset(self._token)

    @property
    def connected(self) -> bool:
        return self.sock is not None

    def open(self, connection: HTTPConnection, connect: Callable[[], None]) -> None:
        """Connect so that the timer reaches the socket during the handshake, and after.

        The connection itself lets go of its socket as soon as a body without a length begins.
        """
        self.connection = connection
        connect()
        self.sock = connection.sock

    def _shut(self) -> None:
        self.expired = True
        sock = self.sock or (self.connection.sock if self.connection else None)
        if sock:
            # The plain method, also for TLS: the reader then sees the end of the stream.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_current: ContextVar[_Deadline] = ContextVar("gateway_deadline")


class _Connection(HTTPConnection):
    def connect(self) -> None:
        _current.get().open(self, super().connect)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        _current.get().open(self, super().connect)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


# No session around it: cookies, redirects, and the proxies, passwords and certificates that lie about on the host, are
# what a session would add.
_adapter = _Adapter()


def _exchange(deadline: _Deadline, request: requests.Request, proxy: str, most: int) -> Answer:
    limits = (min(CONNECT_S, deadline.seconds), min(READ_S, deadline.seconds))
    proxies = {"http": proxy, "https": proxy} if proxy else None
    try:
        with _adapter.send(request.prepare(), timeout=limits, stream=True, proxies=proxies) as response:
            body = _read(response, most)
    except (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError) as error:
        raise _failure(deadline, error) from None
    if deadline.expired:
        # A body without a length ends silently when the timer shuts the socket.
        raise Unanswered("timeout")
    return Answer(response.status_code, response.headers.get("Content-Type", ""), body)


def _read(response: requests.Response, most: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unanswered("compressed")
    body = bytearray()
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > most:
            raise Unanswered("too_big")
    return bytes(body)


def _failure(deadline: _Deadline, error: Exception) -> Temporary | Unanswered:
    if not deadline.connected:
        return Temporary("unreachable")
    late = deadline.expired or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError)
    return Unanswered("timeout" if late else "broken")
