"""The bytes of a sent sheet, in the file store until they are old; the nightly sweep of files forgets them."""

import secrets
from datetime import timedelta

import gateways
from services import files

PART = "sheet"
KEPT = timedelta(days=30)
files.keep_for(PART, KEPT)  # docs/rules.md R-118


def put(data: bytes) -> str:
    """Keep the bytes; the answer is the key that `get` and `drop` take.

    Raises:
        Unavailable: the store of files does not answer.
    """
    key = secrets.token_hex(16)
    files.keep(f"{key}.{PART}", (data,))
    return key


def get(key: str) -> bytes:
    """The bytes of a key.

    Raises:
        NoSuchFile: they are gone.
    """
    return gateways.files().read(f"{key}.{PART}")


def drop(key: str) -> None:
    """Forget the bytes; harmless when they are gone already."""
    gateways.files().delete(f"{key}.{PART}")
