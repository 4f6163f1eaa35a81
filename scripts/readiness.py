"""Waits until the started processes answer."""

import http.client
import time
from collections.abc import Callable


def answers(host: str, port: int, path: str) -> bool:
    """True when the address says 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Ask again and again; False when the time ran out."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
