"""The one paper of the demo, and its portraits, hung on whatever needs one."""

import datetime as dt
import hashlib
import uuid
from pathlib import Path
from typing import NamedTuple

import gateways
from models import FileKind, FileState, StoredFile
from scripts.reference.rows import Rows


class Picture(NamedTuple):
    """A file of the demo and its size in pixels."""

    path: Path
    width: int
    height: int


DATA = Path(__file__).parent / "data"
PAPER = Picture(DATA / "paper.jpg", 480, 640)


def add(
    rows: Rows, owner: tuple[str, int], where: dict[str, int], by: int, at: dt.datetime, picture: Picture = PAPER
) -> str:
    """A row that says it is there; returns its key, under which `put` lays the picture down.

    Args:
        owner: what it hangs on, by kind and id.
        where: its unit and province.
        by: who sent it.
    """
    body, key = picture.path.read_bytes(), uuid.uuid5(uuid.NAMESPACE_OID, f"demo paper {owner}").hex
    digest = hashlib.sha256(body).hexdigest()
    rows.add(
        StoredFile,
        key=key,
        form_key=str(uuid.UUID(key)),
        owner_kind=owner[0],
        owner_id=owner[1],
        unit_id=where["unit_id"],
        province_id=where["province_id"],
        kind=FileKind.IMAGE,
        state=FileState.READY,
        mime="image/jpeg",
        bytes=len(body),
        sha256=digest,
        sent_sha256=digest,
        name=picture.path.name,
        width=picture.width,
        height=picture.height,
        uploaded_by_id=by,
        created_at=at,
        settled_at=at,
    )
    return key


def put(keys: list[str], picture: Picture = PAPER) -> None:
    """The pictures, where the product keeps its files."""
    body = picture.path.read_bytes()
    for key in keys:
        for part in ("file", "thumb"):
            gateways.files().put(f"{key}.{part}", (body,))
