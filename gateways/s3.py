"""The store of files in a bucket of an S3-compatible server; loaded only where the settings choose it.

The requests are plain ones, signed by a library: put, get, delete and list are all that a store of files needs.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from urllib.parse import urlencode

from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped]

from gateways.errors import GatewayError
from gateways.file_store import NAME, NoSuchFile, StoreAway
from gateways.http import Answer, call

MOST_BYTES = 16 * 1024 * 1024  # more than the largest file that any form takes
LISTED = 1000  # names in one answer, as every server of this kind has it
_KEY = re.compile(r"<Key>([^<]*)</Key>")
_WRITTEN = re.compile(r"<LastModified>([^<]*)</LastModified>")
_NEXT = re.compile(r"<NextContinuationToken>([^<]*)</NextContinuationToken>")


@dataclass(frozen=True, repr=False)
class Bucket:
    """A bucket by its address, `https://host/bucket`, and the pair of keys that may read and write in it."""

    url: str
    key_id: str
    secret: str
    region: str
    timeout_s: float

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks under the name: all of them or, when anything fails, nothing. A repeat replaces.

        Raises:
            StoreAway: the server did not say that it has them; it may.
        """
        self._call("PUT", _path(name), b"".join(chunks))

    def open(self, name: str) -> BinaryIO:
        """The file, to read and close; `NoSuchFile` when it is not there."""
        return io.BytesIO(self.read(name))

    def read(self, name: str) -> bytes:
        """The whole file; `NoSuchFile` when it is not there."""
        answer = self._call("GET", _path(name))
        if answer.status == 404:
            raise NoSuchFile(name)
        return answer.body

    def delete(self, name: str) -> None:
        """Let go of a file; one that is not there is gone already."""
        self._call("DELETE", _path(name))

    def names(self, before: float) -> Iterator[str]:
        """The names of what was last written before this moment (seconds since 1970)."""
        after = ""
        while True:
            wanted = {"list-type": "2", "max-keys": str(LISTED)} | ({"continuation-token": after} if after else {})
            page = self._call("GET", f"?{urlencode(sorted(wanted.items()))}").body.decode()
            for entry in page.split("<Contents>")[1:]:
                name, written = _KEY.search(entry), _WRITTEN.search(entry)
                if name and written and NAME.fullmatch(name[1]) and _at(written[1]) < before:
                    yield name[1]
            following = _NEXT.search(page)
            if following is None:
                return
            after = following[1].replace("&amp;", "&")

    def sweep(self, before: float) -> int:
        """Nothing is ever unfinished here: the server keeps a whole object or none."""
        return 0

    def _call(self, method: str, path: str, content: bytes | None = None) -> Answer:
        # An object of its own for each request: the library's are not made for several threads.
        auth = AWS4Auth(self.key_id, self.secret, self.region, "s3")
        try:
            answer = call(method, self.url + path, self.timeout_s, content=content, auth=auth, most=MOST_BYTES)
            if answer.status != 404 or b"NoSuchBucket" in answer.body:
                answer.require_success()
        except GatewayError as error:
            raise StoreAway(error.code) from None
        return answer


def _path(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("not a name of ours")
    return f"/{name}"


def _at(written: str) -> float:
    try:
        return datetime.fromisoformat(written).timestamp()
    except ValueError:
        raise StoreAway("no time of writing") from None
