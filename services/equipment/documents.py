"""Photos and papers of equipment: those of an item, and those that a change of it brings."""

from sqlalchemy import exists, or_, select

from models import (
    EquipmentItem,
    EquipmentMovement,
    EquipmentRequest,
    EquipmentTransfer,
    FileKind,
    ServiceRecord,
    StoredFile,
    db,
)
from services import files
from services.access import Actor
from services.equipment import reading
from services.errors import DomainError, NotFound
from services.files import Place, Viewer
from services.transaction import atomic

OWNER = "equipment_item"
MOST = 40
FIELD = "file"  # of a form that brings one
_KEEPING = (EquipmentMovement, EquipmentTransfer, EquipmentRequest, ServiceRecord)


def may_see(viewer: Viewer, file: StoredFile) -> bool:
    """Those who see the item, wherever it is by now; those where it was then; and both sides of a move.

    Source: docs/rules.md R-156.
    """
    item = db.session.get(EquipmentItem, file.owner_id)
    units: set[tuple[int | None, int | None]] = {(file.unit_id, file.province_id)}
    if item:
        units.add((item.unit_id, item.province_id))
    moved = select(EquipmentTransfer.to_unit_id, EquipmentTransfer.province_id)
    moved = moved.where(EquipmentTransfer.item_id == file.owner_id, EquipmentTransfer.document_id == file.id)
    units |= {(unit_id, province_id) for unit_id, province_id in db.session.execute(moved)}
    return any(actor.covers(unit_id or 0, province_id) for actor in viewer.actors for unit_id, province_id in units)


files.register(OWNER, FileKind, may_see, most=MOST)


def place_of(item: EquipmentItem, *, later: bool = False) -> Place:
    """Where a file of an item lies; with `later` it waits for the change that it belongs to."""
    return Place(OWNER, None if later else item.id, item.unit_id, item.province_id)


def attach(actor: Actor, item: EquipmentItem, key: str) -> int | None:
    """The id of the paper that a change has brought, the item's from now on; inside the transaction of the change.

    Raises:
        DomainError: there is no such paper of this person.
    """
    if not key:
        return None
    found = None
    if files.is_key(key):
        files.attach(actor, [key], place_of(item))
        mine = (StoredFile.key == key, StoredFile.owner_kind == OWNER, StoredFile.owner_id == item.id)
        query = select(StoredFile.id).where(*mine, StoredFile.uploaded_by_id == actor.user_id)
        found = db.session.scalar(query.where(StoredFile.removed_at.is_(None)))
    if found is None:
        raise DomainError("سند این فرم پیدا نشد. آن را دوباره انتخاب کنید و بفرستید.", field=FIELD)
    return found


def remove(actor: Actor, item_id: int, key: str) -> bool:
    """Take a photo or paper away from an item; False when it was gone.

    Raises:
        DomainError: a change rests on it.
    """
    with atomic():
        item = reading.changeable(actor, item_id)
        mine = (StoredFile.key == key, StoredFile.owner_kind == OWNER, StoredFile.owner_id == item.id)
        file = db.session.scalar(select(StoredFile).where(*mine)) if files.is_key(key) else None
        if file is None:
            raise NotFound("این پرونده پیدا نشد.")
        if _is_needed(file.id):
            raise DomainError("این پرونده سند یک ثبت است و برداشته نمی‌شود. چیزی تغییر نکرد.")
        return files.remove(actor, file)


def _is_needed(file_id: int) -> bool:
    return bool(db.session.scalar(select(or_(*(exists().where(row.document_id == file_id) for row in _KEEPING)))))
