"""The bytes of a sent sheet until they are read, in a folder of the data directory; the file store may take this over.

A key is random and ours: no part of a path comes from a person.
"""

import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

KEPT = timedelta(days=30)


def put(data: bytes) -> str:
    """Keep the bytes; the answer is the key that `get` and `drop` take."""
    key = secrets.token_hex(24)
    path = _path(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    draft.chmod(0o600)
    draft.replace(path)
    return key


def get(key: str) -> bytes:
    """The bytes of a key.

    Raises:
        FileNotFoundError: they are gone.
    """
    return _path(key).read_bytes()


def drop(key: str) -> None:
    """Forget the bytes; harmless when they are gone already."""
    _path(key).unlink(missing_ok=True)


def purge(now: datetime) -> int:
    """Forget what was sent long ago; how many sheets went.

    Source: docs/rules.md R-118.
    """
    old = [path for path in _folder().glob("*") if path.stat().st_mtime < (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    return Path(current_app.config["DATA_DIR"], "imports")


def _path(key: str) -> Path:
    if not re.fullmatch("[0-9a-f]{48}", key):
        raise ValueError("no key of a kept sheet")
    return _folder() / key
