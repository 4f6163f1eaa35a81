"""The switch of each outside system: how it answers now, and how often it was asked.

Every request of a system passes here. What it is asked to do is done before a slow answer is held back, as
with a real system whose answer comes too late; with the other faults nothing is done at all.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, g, render_template, request

from sandbox.store import store

MODES = {
    "up": "برقرار",
    "slow": "کند",
    "error500": "خطای ۵۰۰",
    "html": "صفحهٔ HTML",
    "silent": "بی‌پاسخ",
    "wrong": "پاسخ نادرست",
}
MOST_SECONDS = 60.0
GLANCE_S = 0.1
# A held connection keeps a thread; some must stay free for the control addresses.
_holds = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class System:
    """One outside system as the first page shows it; `wrong` says what its wrong answer is."""

    code: str
    title: str
    does: str
    wrong: str
    blueprint: Blueprint


@dataclass(frozen=True)
class Switch:
    mode: str
    seconds: float


def blueprint(code: str, url_prefix: str, *, spares: Callable[[], bool] = lambda: False) -> Blueprint:
    """A blueprint whose every address has the system's switch before and after it, but for what `spares` lets by."""
    made = Blueprint(code, __name__, url_prefix=url_prefix)
    made.before_request(lambda: None if spares() else _before(code))
    made.after_request(partial(_after, code))
    return made


def get(code: str) -> Switch:
    with store().read() as connection:
        row = connection.execute("SELECT mode, seconds FROM switch WHERE system = ?", (code,)).fetchone()
    return Switch(row["mode"], row["seconds"]) if row else Switch("up", 5)


def turn(code: str, mode: str, seconds: float) -> None:
    """Raises ValueError for a mode that does not exist or a time that is none."""
    if mode not in MODES or not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(f"mode is one of {', '.join(MODES)}; seconds lie between 0 and {MOST_SECONDS:g}")
    with store().write() as connection:
        connection.execute("INSERT OR REPLACE INTO switch VALUES (?, ?, ?)", (code, mode, seconds))


def counts() -> dict[str, dict[str, int]]:
    with store().read() as connection:
        rows = connection.execute("SELECT system, path, n FROM request_count ORDER BY system, path").fetchall()
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["system"], {})[row["path"]] = row["n"]
    return found


def is_wrong() -> bool:
    """Whether this request is to be answered wrongly."""
    return g.switch.mode == "wrong"


def _before(code: str) -> Response | tuple[str, int] | str | None:
    _count(code)
    g.switch = get(code)
    if g.switch.mode == "error500":
        return render_template("fault.html", title="خطای ۵۰۰"), 500
    if g.switch.mode == "html":
        return render_template("fault.html", title="سامانه در دست به‌روزرسانی است")
    if g.switch.mode == "silent":
        return never_answer(lambda: get(code).mode == "silent")
    return None


def _after(code: str, response: Response) -> Response:
    # Absent when the request was refused before it came to the switch.
    if "switch" in g and g.switch.mode == "slow":
        _wait(g.switch.seconds, lambda: get(code).mode == "slow")
    return response


def never_answer(is_silent: Callable[[], bool]) -> Response:
    """Hold the line until the asker has gone or the silence is over, and end it without a word."""
    if _holds.acquire(blocking=False):
        try:
            _wait(MOST_SECONDS, is_silent)
        finally:
            _holds.release()
    return hang_up()


def hang_up() -> Response:
    """End the line without a word."""
    sock = _socket()
    if sock:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return Response(status=503, headers={"Connection": "close"})


def _count(code: str) -> None:
    rule = request.url_rule.rule if request.url_rule else "?"
    with store().write() as connection:
        connection.execute(
            "INSERT INTO request_count VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
            (code, rule),
        )


def _wait(seconds: float, is_so: Callable[[], bool]) -> None:
    """Let the time pass, but no longer than the asker waits or things stay as they are."""
    until = time.monotonic() + seconds
    sock = _socket()
    while time.monotonic() < until and not (sock and _is_gone(sock)) and is_so():
        time.sleep(min(GLANCE_S, max(until - time.monotonic(), 0)))


def _socket() -> socket.socket | None:
    return request.environ.get("gunicorn.socket")


def _is_gone(sock: socket.socket) -> bool:
    try:
        readable, _, _ = select.select([sock], [], [], 0)
        return bool(readable) and sock.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
