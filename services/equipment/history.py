"""What has happened to an item, newest first: its movements with who, when, why and the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import (
    EquipmentMovement,
    EquipmentRequest,
    EquipmentTransfer,
    RequestState,
    StoredFile,
    TransferState,
    Unit,
    User,
    db,
)
from services import labels, text

PAGE = 10


@dataclass(frozen=True)
class Told:
    """One movement in words; `pieces` and `working` are what it has added."""

    id: int
    what: str
    pieces: int
    working: int
    happened_on: date
    at: datetime
    who: str
    reason: str
    document: StoredFile | None
    transfer_id: int | None


@dataclass(frozen=True)
class Page:
    """Some movements, and before which id the next page begins (None at the end)."""

    rows: Sequence[Told]
    before: int | None


def movements(item_id: int, before: int | None = None) -> Page:
    query = select(EquipmentMovement, User, StoredFile).where(EquipmentMovement.item_id == item_id)
    query = query.outerjoin(User, User.id == EquipmentMovement.user_id).options(joinedload(User.person))
    query = query.outerjoin(StoredFile, StoredFile.id == EquipmentMovement.document_id)
    if before:
        query = query.where(EquipmentMovement.id < before)
    query = query.order_by(EquipmentMovement.id.desc()).limit(PAGE + 1)
    found = [_told(*row) for row in db.session.execute(query)]
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def of_transfer(transfer_id: int) -> Sequence[Told]:
    """The movements of one move, oldest first."""
    query = select(EquipmentMovement, User, StoredFile).where(EquipmentMovement.transfer_id == transfer_id)
    query = query.outerjoin(User, User.id == EquipmentMovement.user_id).options(joinedload(User.person))
    query = query.outerjoin(StoredFile, StoredFile.id == EquipmentMovement.document_id)
    return [_told(*row) for row in db.session.execute(query.order_by(EquipmentMovement.id))]


def requests(item_id: int, limit: int = 5) -> Sequence[EquipmentRequest]:
    """What waits for the province, and what it has lately refused, newest first."""
    told = EquipmentRequest.state.in_((RequestState.WAITING, RequestState.REJECTED))
    query = select(EquipmentRequest).where(EquipmentRequest.item_id == item_id, told)
    return db.session.scalars(query.order_by(EquipmentRequest.id.desc()).limit(limit)).all()


def open_moves(item_id: int) -> Sequence[EquipmentTransfer]:
    """The moves of an item that wait or are on their way, with where they go, newest first."""
    under_way = EquipmentTransfer.state.in_((TransferState.WAITING, TransferState.SENT))
    query = select(EquipmentTransfer).where(EquipmentTransfer.item_id == item_id, under_way)
    query = query.options(joinedload(EquipmentTransfer.to_workshop)).order_by(EquipmentTransfer.id.desc())
    return db.session.scalars(query.limit(PAGE)).all()


def people(*user_ids: int | None) -> dict[int, str]:
    """Names of users by id."""
    query = select(User).where(User.id.in_([each for each in user_ids if each])).options(joinedload(User.person))
    return {user.id: user.person.full_name or user.username for user in db.session.scalars(query)}


def unit_titles(*unit_ids: int) -> dict[int, str]:
    """Titles of units by id."""
    rows = db.session.execute(select(Unit.id, Unit.title).where(Unit.id.in_(unit_ids)))
    return {unit_id: title for unit_id, title in rows}


def change(pieces: int, working: int, unit_of_count: str) -> str:
    """What is added to the numbers, in words: «۳ دستگاه کم شد، ۱ سالم»."""
    if not pieces:
        many = text.persian_digits(abs(working))
        return f"{many} {unit_of_count} {'سالم' if working > 0 else 'خراب'} شد"
    many = labels.pieces(abs(pieces), unit_of_count)
    return f"{many} {'افزوده' if pieces > 0 else 'کم'} شد، {text.persian_digits(abs(working))} سالم"


def _told(row: EquipmentMovement, user: User | None, document: StoredFile | None) -> Told:
    return Told(
        id=row.id,
        what=labels.MOVEMENT[row.kind],
        pieces=row.pieces,
        working=row.working,
        happened_on=row.happened_on,
        at=row.at,
        who=(user.person.full_name or user.username) if user else "موجودی پیشین",
        reason=row.reason,
        document=document,
        transfer_id=row.transfer_id,
    )
