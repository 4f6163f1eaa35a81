"""What the national window signs with; made at the first start and kept in the file."""

import datetime
import hashlib
import hmac
import json
import secrets
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from persiantools.jdatetime import JalaliDate

from sandbox.store import Store, store

KEYS = "sso_keys"
SALT = "sso_salt"
KEPT = 2


def prepare(file: Store) -> None:
    """Make what is missing, once, also when two processes start together."""
    if file.meta(KEYS):
        return
    fresh = json.dumps([_new_key()])
    with file.write() as connection:
        connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (KEYS, fresh))
        connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (SALT, secrets.token_hex(32)))


def rotate() -> None:
    """Sign with a new key from now on; the one before stays published."""
    keys = [_new_key(), *json.loads(store().meta(KEYS) or "[]")]
    store().set_meta(KEYS, json.dumps(keys[:KEPT]))


def public() -> dict[str, Any]:
    return dict(KeySet(_kept(store().meta(KEYS) or "[]")).as_dict(private=False))


def sign(claims: dict[str, Any]) -> str:
    key = _kept(store().meta(KEYS) or "[]")[0]
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def subject(national_code: str) -> str:
    """The window's own name for a person: always the same, and not the national code."""
    return hmac.new((store().meta(SALT) or "").encode(), national_code.encode(), hashlib.sha256).hexdigest()[:32]


def jalali(date: datetime.date) -> str:
    return str(JalaliDate(date).strftime("%Y/%m/%d"))


@lru_cache(maxsize=4)
def _kept(text: str) -> list[Any]:
    """The keys of the file; remembered, because taking in a private key checks it at length."""
    return [RSAKey.import_key(key) for key in json.loads(text)]


def _new_key() -> dict[str, Any]:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": secrets.token_hex(8)})
    return dict(key.as_dict(private=True))
