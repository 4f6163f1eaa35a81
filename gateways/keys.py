"""The signing keys of the national window, kept for ten minutes."""

import threading
import time
from collections.abc import Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateways.errors import Unanswered

KEEP_S = 600.0


class KeyCache:
    """Keeps the last key set; a token that names an unknown key has it fetched anew, once per token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = 0.0

    def for_kid(self, kid: str | None, fetch: Callable[[], dict[str, Any]]) -> KeySet:
        """A key set that holds `kid` if the window has it.

        Raises:
            Unanswered: what was fetched is no key set; and whatever `fetch` raises.
        """
        with self._lock:
            keys, fresh = self._keys, time.monotonic() - self._fetched_at < KEEP_S
        if keys and fresh and (kid is None or any(key.kid == kid for key in keys)):
            return keys
        keys = _parse(fetch())
        with self._lock:
            self._keys, self._fetched_at = keys, time.monotonic()
        return keys


def _parse(document: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set(document)  # type: ignore[arg-type]
    except (JoseError, KeyError, ValueError, TypeError, AttributeError):
        raise Unanswered("no_keys") from None
