"""Taking in what a form brings: measured, named and kept whole, or refused with nothing kept."""

import contextlib
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy import func, select, update

import gateways
from models import FileKind, StoredFile, db, utcnow
from services import audit, text
from services.access import Actor, Visitor
from services.errors import Conflict, DomainError
from services.files.keeping import FIELD, keep
from services.files.owners import RULES, Rule
from services.files.sniffing import refusal, sniff
from services.outbox import Topic, owe
from services.sql import insert_once
from services.transaction import atomic

MIB = 1024 * 1024
MOST_BYTES = {FileKind.IMAGE: 8 * MIB, FileKind.PDF: 10 * MIB}
CHUNK = 64 * 1024
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
LONGEST_NAME = 100


@dataclass(frozen=True)
class Place:
    """What a file belongs to and where that lies; without `owner_id` it waits for `attach`."""

    owner_kind: str
    owner_id: int | None = None
    unit_id: int | None = None
    province_id: int | None = None


@dataclass
class _Measured:
    """What goes by on its way to the disk: how much, and its digest."""

    most: int
    seen: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def take(self, chunk: bytes) -> None:
        self.seen += len(chunk)
        if self.seen > self.most:
            limit = text.persian_digits(self.most // MIB)
            raise DomainError(
                f"این پرونده بزرگ‌تر از {limit} مگابایت است. آن را کوچک کنید و دوباره بفرستید.", field=FIELD
            )
        self.digest.update(chunk)


def most_bytes(owner_kind: str) -> int:
    """The largest file that this kind of owner takes."""
    return max(MOST_BYTES[kind] for kind in RULES[owner_kind].kinds)


def receive(actor: Actor | Visitor, stream: IO[bytes], name: str, form_key: str, place: Place) -> StoredFile:
    """Keep one file that was sent; a job looks at it before anybody sees it.

    The same form sent again finds the file that it brought the first time. Call it outside any transaction: the
    disk is slow. The caller has made sure that `actor` may change the owner.

    Raises:
        DomainError: nothing in it, of no kind that is taken here, or too large; nothing is kept.
        Conflict: the form's key has brought another file, or is somebody else's.

    Source: docs/rules.md R-90, R-91.
    """
    _check_key(form_key)
    rule = RULES[place.owner_kind]
    head = stream.read(CHUNK)
    kind = sniff(head)
    if kind is None or kind[0] not in rule.kinds:
        raise DomainError(refusal(head, rule.kinds), field=FIELD)
    key, measured = secrets.token_hex(16), _Measured(MOST_BYTES[kind[0]])
    keep(f"{key}.raw", _measured(head, stream, measured))
    values: dict[str, Any] = {"key": key, "form_key": form_key, "kind": kind[0], "mime": kind[1]}
    values |= {"name": clean_name(name, kind[1]), "bytes": measured.seen, "sha256": measured.digest.hexdigest()}
    return _stored(actor, values, place, rule)


def _check_key(form_key: str) -> None:
    if not re.fullmatch(r"[0-9A-Za-z-]{8,36}", form_key):
        raise DomainError("این فرم ناقص رسید و چیزی ثبت نشد. صفحه را دوباره باز کنید.")


def _measured(head: bytes, stream: IO[bytes], measured: _Measured) -> Iterator[bytes]:
    chunk = head
    while chunk:
        measured.take(chunk)
        yield chunk
        chunk = stream.read(CHUNK)


def _stored(actor: Actor | Visitor, values: dict[str, Any], place: Place, rule: Rule) -> StoredFile:
    """The row of a file whose bytes are kept; when there is none, the bytes go again."""
    file_id = None
    try:
        with atomic():
            file_id = _insert(actor, values, place)
            if file_id is not None:
                _check_count(place, rule)
                owe(Topic.FILE, file_id, f"file:{file_id}")
    except BaseException:
        file_id = None
        raise
    finally:
        if file_id is None:  # refused, failed, or a repeat
            with contextlib.suppress(OSError):  # what stays is swept at night
                gateways.files().delete(f"{values['key']}.raw")
    return db.session.get_one(StoredFile, file_id) if file_id is not None else _earlier(actor, values)


def _insert(actor: Actor | Visitor, values: dict[str, Any], place: Place) -> int | None:
    owner = {"owner_kind": place.owner_kind, "owner_id": place.owner_id}
    territory = {"unit_id": place.unit_id, "province_id": place.province_id}
    row = insert_once(StoredFile, **values, **owner, **territory, **_sender(actor), sent_sha256=values["sha256"])
    found: int | None = db.session.scalar(row.returning(StoredFile.id))
    return found


def _sender(actor: Actor | Visitor) -> dict[str, int]:
    return {"uploaded_by_id": actor.user_id} if isinstance(actor, Actor) else {"uploaded_by_person_id": actor.id}


def _check_count(place: Place, rule: Rule) -> None:
    """Counted with the new one in, so that files that come one after the other are counted in turn."""
    if place.owner_id is None:
        return
    mine = (StoredFile.owner_kind == place.owner_kind, StoredFile.owner_id == place.owner_id)
    query = select(func.count()).select_from(StoredFile).where(*mine, StoredFile.removed_at.is_(None))
    if (db.session.scalar(query) or 0) > rule.most:
        most = text.persian_digits(rule.most)
        raise DomainError(f"اینجا بیش از {most} پرونده جا نمی‌گیرد. نخست یکی را بردارید.", field=FIELD)


def _earlier(actor: Actor | Visitor, values: dict[str, Any]) -> StoredFile:
    earlier = db.session.scalars(select(StoredFile).where(StoredFile.form_key == values["form_key"])).one()
    sender = {name: getattr(earlier, name) for name in _sender(actor)}
    if sender != _sender(actor):
        raise Conflict("این فرم را کاربر دیگری فرستاده است. صفحه را دوباره باز کنید؛ چیزی ثبت نشد.")
    if earlier.sent_sha256 != values["sha256"]:
        raise Conflict("از این فرم پیش‌تر پروندهٔ دیگری رسیده است. صفحه را دوباره باز کنید و این یکی را بفرستید.")
    return earlier


def is_key(word: str) -> bool:
    """Whether this can be the key of a file; what cannot is never asked of the database."""
    return re.fullmatch(r"[0-9a-f]{32}", word) is not None


def clean_name(name: str, mime: str) -> str:
    """The sender's name of a file, to be shown: no folders, no unseen marks, and the ending of what it really is."""
    last = re.split(r"[\\/]", text.plain(name))[-1]
    stem = text.clean(re.sub(r'[<>:"|?*;%]', " ", last)).strip(" .")
    stem = re.sub(r"(\.[A-Za-z0-9]{1,5})+$", "", stem).strip(" .")[:LONGEST_NAME]
    return (stem or "پرونده") + ENDINGS[mime]


# -- Afterwards --------------------------------------------------------------------


def attach(actor: Actor | Visitor, keys: list[str], place: Place) -> int:
    """Give files that this person sent before the owner existed to it; call in the transaction that makes it.

    Returns how many are the owner's now. Files of others, and of owners of another kind, stay where they are.
    """
    column, value = next(iter(_sender(actor).items()))
    free = (StoredFile.owner_id.is_(None), StoredFile.owner_kind == place.owner_kind, StoredFile.removed_at.is_(None))
    mine = (StoredFile.key.in_(list(filter(is_key, keys))), getattr(StoredFile, column) == value)
    owner = {"owner_id": place.owner_id, "unit_id": place.unit_id, "province_id": place.province_id}
    with atomic():
        db.session.execute(update(StoredFile).where(*free, *mine).values(owner))
        theirs = (StoredFile.owner_kind == place.owner_kind, StoredFile.owner_id == place.owner_id)
        query = select(func.count()).where(*theirs, *mine, StoredFile.removed_at.is_(None))
        return db.session.scalar(query) or 0


def remove(actor: Actor | Visitor, file: StoredFile) -> bool:
    """Take a file away from its owner; False when it was gone. The caller has made sure that `actor` may.

    Nobody sees it from now on; the bytes go later, by the clock.

    Source: docs/rules.md R-94.
    """
    by_staff = actor.user_id if isinstance(actor, Actor) else None
    by_trainee = actor.id if isinstance(actor, Visitor) else None
    gone = {"removed_at": utcnow(), "removed_by_id": by_staff}
    there = (StoredFile.id == file.id, StoredFile.removed_at.is_(None))
    with atomic():
        removed = db.session.scalar(update(StoredFile).where(*there).values(gone).returning(StoredFile.id)) is not None
        if removed:
            audit.record("file_removed", "file", file.id, actor_id=by_staff, actor_person_id=by_trainee)
    return removed
