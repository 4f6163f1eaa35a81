"""Reports sent as workbooks."""

import tempfile
from collections.abc import Callable
from typing import IO

from flask import Response

from services import imports

IN_MEMORY = 1024 * 1024  # bytes of a workbook; a larger one is written to the disk


def sent(name: str, write: Callable[[IO[bytes]], None]) -> Response:
    """What `write` writes, as a file of this name to keep."""
    into = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the answer)
    try:
        write(into)
    except BaseException:
        into.close()
        raise
    size = into.tell()
    into.seek(0)
    response = Response(iter(lambda: into.read(64 * 1024), b""), mimetype=imports.MIME)
    response.call_on_close(into.close)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
