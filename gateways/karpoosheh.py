"""Karpoosheh, the national inbox, which takes official notices to a national code: by files, for want of an interface.

Each notice is one file in a folder that another system collects, named by our own key: a repeat replaces it, and so
nothing is delivered twice.
"""

import json
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateways.errors import Refused, Temporary

REF = re.compile(r"[0-9a-z-]{1,40}")


class Outcome(StrEnum):
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


class Karpoosheh(Protocol):
    """What every way to the inbox does; a repeat of a `ref` delivers nothing twice."""

    def send(self, national_code: str, title: str, body: str, ref: str) -> Outcome: ...


@dataclass(frozen=True)
class FileDrop:
    """A folder from which the notices are collected."""

    folder: Path

    def send(self, national_code: str, title: str, body: str, ref: str) -> Outcome:
        """Drop one notice, whole or not at all; QUEUED, because nobody says here when it was read.

        Raises:
            Refused: the reference is none of ours. Temporary: the folder cannot be written.
        """
        if not REF.fullmatch(ref):
            raise Refused("bad_ref")
        notice = {"ref": ref, "national_code": national_code, "title": title, "body": body}
        unfinished = self.folder / f".{ref}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished.write_text(json.dumps(notice, ensure_ascii=False), encoding="utf-8")
            unfinished.replace(self.folder / f"{ref}.json")
        except OSError as error:
            raise Temporary("folder") from error
        return Outcome.QUEUED
