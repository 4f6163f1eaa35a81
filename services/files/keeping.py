"""Giving bytes to the store while a person waits."""

import logging
from collections.abc import Iterable

import gateways
from services.errors import Unavailable

log = logging.getLogger(__name__)

FIELD = "file"
_NOT_KEPT = "پرونده نگه داشته نشد، چون انبار پرونده‌ها همین حالا پاسخ نمی‌دهد. چند دقیقهٔ دیگر دوباره بفرستید."


def keep(name: str, chunks: Iterable[bytes]) -> None:
    """Keep the chunks under a name of ours, whole or not at all.

    Raises:
        Unavailable: the disk is full or the server of the bucket does not answer; the log says which.
    """
    try:
        gateways.files().put(name, chunks)
    except OSError as error:
        log.exception("the store of files did not take %s", name.rpartition(".")[2])
        raise Unavailable(_NOT_KEPT, field=FIELD) from error
