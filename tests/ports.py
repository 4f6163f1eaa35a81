"""Ports for servers that tests start: nobody else on this machine is given them while this process lives."""

import contextlib
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import TextIO

PORTS = range(21000, 25500, 2)  # below those that the kernel gives to clients
_kept: list[TextIO] = []  # an open file is the claim; the kernel ends it with this process, however that ends


def free_ports() -> tuple[int, int]:
    """Two neighbors on which nobody listens. A look alone would not do: another test could take them before us."""
    folder = Path(tempfile.gettempdir(), f"doreh-ports-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    start = os.getpid() * 7 % len(PORTS)  # so that processes seldom knock at the same door
    for port in (*PORTS[start:], *PORTS[:start]):
        claim = (folder / str(port)).open("a")
        with contextlib.suppress(OSError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _are_free(port, port + 1):
                _kept.append(claim)
                return port, port + 1
        claim.close()
    raise RuntimeError(f"no two free ports between {PORTS.start} and {PORTS.stop}")


def free_port() -> int:
    return free_ports()[0]


def _are_free(*ports: int) -> bool:
    with contextlib.ExitStack() as stack:
        for port in ports:
            probe = stack.enter_context(socket.socket())
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
            probe.bind(("127.0.0.1", port))
    return True
