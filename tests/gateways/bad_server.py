"""A server that misbehaves on a bare socket, one way per test."""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class BadServer:
    """Answers every connection with `script(connection)`, after the whole request has come unless `listens` is off."""

    def __init__(self, script: Callable[[socket.socket], None], *, listens: bool = True) -> None:
        self.script, self.listens = script, listens
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "BadServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)

    def _serve(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(60)
                if self.listens:
                    self.requests.append(_whole_request(connection))
                self.script(connection)

    def drip(self, connection: socket.socket, start: bytes, drop: bytes) -> None:
        """Send `start`, then `drop` again and again, slowly, for as long as anybody listens."""
        connection.sendall(start)
        while not self.stopping.wait(0.1):
            connection.sendall(drop)


def _whole_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length.group(1)):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(document: Any, *, status: str = "200 OK", kind: str = "application/json") -> Callable[..., None]:
    """A script that sends one whole answer: bytes as they are, anything else as JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + body)


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
