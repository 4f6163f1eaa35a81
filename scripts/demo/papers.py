"""The one paper of the demo, and its portraits, hung on whatever needs one."""

import datetime as dt
import hashlib
import uuid
from pathlib import Path

import gateways
from models import FileKind, FileState, StoredFile
from scripts.reference.rows import Rows

PAPER = Path(__file__).parent / "data" / "paper.jpg"


def add(
    rows: Rows,
    owner: tuple[str, int],
    where: dict[str, int],
    by: int,
    at: dt.datetime,
    picture: Path = PAPER,
    size: tuple[int, int] = (480, 640),
) -> str:
    """A row that says it is there; returns its key, under which `put` lays the picture down.

    Args:
        owner: what it hangs on, by kind and id.
        where: its unit and province.
        by: who sent it.
    """
    body, key = picture.read_bytes(), uuid.uuid5(uuid.NAMESPACE_OID, f"demo paper {owner}").hex
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
        name=picture.name,
        width=size[0],
        height=size[1],
        uploaded_by_id=by,
        created_at=at,
        settled_at=at,
    )
    return key


def put(keys: list[str], picture: Path = PAPER) -> None:
    """The pictures, where the product keeps its files."""
    body = picture.read_bytes()
    for key in keys:
        for part in ("file", "thumb"):
            gateways.files().put(f"{key}.{part}", (body,))
