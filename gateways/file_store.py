"""Where the bytes of files lie: a folder of our own on the local disk, or, by a setting, a bucket (`s3.py`).

A name is given by us and never by a user: 32 hexadecimal digits, a dot and what it is (`raw`, `file`, `thumb`).
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{1,12}")
UNFINISHED = "unfinished"


class NoSuchFile(Exception):
    """Nothing is kept under this name."""


class StoreAway(OSError):
    """The store does not answer; what was to be kept is kept or not, as with a disk that fails."""


class FileStore(Protocol):
    """What both kinds of store do; each says the same of it in its own words."""

    def put(self, name: str, chunks: Iterable[bytes]) -> None: ...

    def open(self, name: str) -> BinaryIO: ...

    def read(self, name: str) -> bytes: ...

    def delete(self, name: str) -> None: ...

    def names(self, before: float) -> Iterator[str]: ...

    def sweep(self, before: float) -> int: ...


@dataclass(frozen=True)
class LocalDisk:
    """Files in two levels of folders by the first digits of their names, readable by this user alone."""

    folder: Path

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks under the name: all of them or, when anything fails, nothing. A repeat replaces."""
        path = self._path(name)
        for folder in (self.folder, self.folder / UNFINISHED, path.parent.parent, path.parent):
            _make(folder)
        draft = self.folder / UNFINISHED / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def open(self, name: str) -> BinaryIO:
        """The file, to read and close.

        Raises:
            NoSuchFile: it is not there.
        """
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise NoSuchFile(name) from None

    def read(self, name: str) -> bytes:
        """The whole file; `NoSuchFile` when it is not there."""
        with self.open(name) as file:
            return file.read()

    def delete(self, name: str) -> None:
        """Let go of a file; one that is not there is gone already."""
        self._path(name).unlink(missing_ok=True)

    def names(self, before: float) -> Iterator[str]:
        """The names of what was last written before this moment (seconds since 1970)."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if NAME.fullmatch(path.name) and _is_older(path, before):
                yield path.name

    def sweep(self, before: float) -> int:
        """Delete what a killed process left unfinished before this moment; how many."""
        left = [path for path in (self.folder / UNFINISHED).glob("*") if _is_older(path, before)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("not a name of ours")
        return self.folder / name[:2] / name[2:4] / name


def _make(folder: Path) -> None:
    """A folder for us alone; whatever stands above the store is the installation's."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """A new name in a folder outlives a power cut only when the folder itself is written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_older(path: Path, before: float) -> bool:
    with contextlib.suppress(FileNotFoundError):  # somebody else has just deleted it
        return path.stat().st_mtime < before
    return False
