"""Texts that only we can read or make: for cookies, addresses and kept forms.

What encrypts is loaded by the web and by the jobs before they fork: it takes seven megabytes of each process that loads
it for itself.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def seal(purpose: str, data: Any) -> str:
    """`data` (anything JSON can hold), encrypted and dated; what is sealed for one purpose opens for no other."""
    return _box(purpose, _secret()).encrypt(json.dumps(data).encode()).decode()


def unseal(purpose: str, sealed: str, max_age_s: int) -> Any | None:
    """What was sealed, or None when it is too old, damaged, or not ours."""
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_box(purpose, _secret()).decrypt(sealed.encode(), ttl=max_age_s))
    except (InvalidToken, UnicodeEncodeError):
        return None


def mark(purpose: str, value: str) -> str:
    """A keyed hash: the same for the same value, and nobody without our key can find the value by trying."""
    return hmac.new(_key(purpose, _secret()), value.encode(), hashlib.sha256).hexdigest()


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


@functools.lru_cache(maxsize=64)
def _box(purpose: str, secret: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(_key(f"seal:{purpose}", secret)))


@functools.lru_cache(maxsize=64)
def _key(purpose: str, secret: str) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(hashes.SHA256(), 32, salt=None, info=b"doreh:" + purpose.encode()).derive(secret.encode())
