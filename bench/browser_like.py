"""A browser without a screen: keep-alive, brotli, cookies, and the hidden fields of forms; cheap enough for crowds."""

import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import brotli

AGENT = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
KEPT_S = 10  # the server closes a connection that has been silent for longer than it likes
FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden"[^>]*? name="([^"]*)"[^>]*? value="([^"]*)"')


class Cut(ConnectionError):
    """The line was cut before a whole answer had come."""


@dataclass
class Answer:
    """One response; `length` is what came over the line, headers included."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "br"
        return (brotli.decompress(self.body) if packed else self.body).decode()

    @property
    def location(self) -> str:
        parts = urlsplit(self.headers.get("location", ""))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def form(self, action: str) -> dict[str, str]:
        """The hidden fields of the form that goes to `action`; empty when the page has no such form."""
        inner = next((inside for where, inside in FORM.findall(self.text) if where == action), "")
        return dict(HIDDEN.findall(inner))


@dataclass
class Visitor:
    """One browser on one connection, with the cookies it was given."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 30
    received: int = 0

    def __post_init__(self) -> None:
        self._socket: socket.socket | None = None
        self._used_at = 0.0

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields).encode())

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, method: str, path: str, body: bytes) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"User-Agent: {AGENT}"]
        lines += ["Accept: text/html", "Accept-Encoding: gzip, deflate, br", "Accept-Language: fa-IR"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines += [f"Origin: http://127.0.0.1:{self.port}", "Content-Type: application/x-www-form-urlencoded"]
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        if time.monotonic() - self._used_at > KEPT_S:
            self.close()
        answer = self._exchange(request)
        self._used_at = time.monotonic()
        self.received += answer.length
        return answer

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), self.timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._read()
        except OSError:
            self.close()
            raise

    def _read(self) -> Answer:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
        while len(body) < int(headers.get("content-length", 0)):
            body += self._more()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split()[1]), headers, body, len(head) + 4 + len(body))

    def _more(self) -> bytes:
        assert self._socket is not None
        if not (chunk := self._socket.recv(65536)):
            raise Cut("the connection was closed in the middle of an answer")
        return chunk
