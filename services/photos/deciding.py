"""A reviewer accepts a portrait, or rejects it with a reason that its sender is told."""

from dataclasses import dataclass

from sqlalchemy import select

from models import FileState, PersonPhoto, PhotoState, User, db
from services import audit, messages, people, text, trail
from services.access import Actor
from services.errors import Conflict, DomainError
from services.photos import seeing, sending
from services.photos.reading import waiting_one
from services.transaction import atomic, retried

LONGEST_REASON = 300
# What portraits are rejected for, in the words that reach the person.
REASONS = {
    "background": "زمینهٔ عکس سفید نیست",
    "face": "چهره روبه‌رو، کامل و روشن دیده نمی‌شود",
    "blurred": "عکس تار یا کم‌نور است",
    "old": "عکس قدیمی است",
    "cover": "پوشش یا عینک با دستور عکس پرسنلی جور نیست",
    "other_person": "عکس از آنِ این کارآموز نیست",
}
_TOLD = "دوره: عکس پرسنلی شما پذیرفته نشد: {reason}. عکس دیگری بفرستید: {address}"


@dataclass(frozen=True)
class Word:
    """What a reviewer says of a portrait: why it is rejected, and where the person sends another one."""

    reason: str
    address: str
    accepted: bool


@retried
def decide(actor: Actor, photo_id: int, version: int, word: Word) -> PersonPhoto:
    """Accept or reject a portrait that waits; a repeat by the same person changes nothing.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: as `reading.waiting_one`.
        Conflict: somebody else has decided, or another picture has come.
        DomainError: rejected without a reason.

    Source: docs/rules.md R-662.
    """
    said = "" if word.accepted else text.clean(word.reason)[:LONGEST_REASON]
    if not word.accepted and not said:
        raise DomainError("دلیل را انتخاب کنید یا بنویسید؛ برای کارآموز فرستاده می‌شود", field="reason")
    with atomic():
        _hold(photo_id)
        photo = waiting_one(actor, photo_id)
        wanted = PhotoState.ACCEPTED if word.accepted else PhotoState.REJECTED
        if photo.state is wanted and photo.decided_by_id == actor.user_id:
            return photo
        _check_waits(photo, version)
        _settle(seeing.reviewer(actor), photo, said, word.address)
        return photo


def _hold(photo_id: int) -> None:
    """While we decide, the person of this portrait sends no other one: both hold the person first."""
    person_id = db.session.scalar(select(PersonPhoto.person_id).where(PersonPhoto.id == photo_id))
    if person_id is not None:
        people.locked(person_id)


def _check_waits(photo: PersonPhoto, version: int) -> None:
    if photo.state is PhotoState.WAITING and photo.version == version:
        if photo.file is None or photo.file.state is not FileState.READY:
            raise Conflict("این عکس هنوز آماده نشده است. از فهرست عکس‌ها ادامه دهید.")
        return
    if photo.state in (PhotoState.ACCEPTED, PhotoState.REJECTED) and photo.decided_by_id:
        who = trail.name_of(db.session.get(User, photo.decided_by_id))
        did = "پذیرفته" if photo.state is PhotoState.ACCEPTED else "رد کرده"
        raise Conflict(f"{who} پیش از شما این عکس را {did} است. چیزی تغییر نکرد.")
    raise Conflict("عکس تازه‌ای جای این عکس آمده است. از فهرست عکس‌ها ادامه دهید.")


def _settle(actor: Actor, photo: PersonPhoto, reason: str, address: str) -> None:
    if not reason:
        sending.accept(photo, actor)
    else:
        sending.reject(photo, actor, reason)
        body = _TOLD.format(reason=reason, address=address)
        messages.tell(photo.person_id, "photo_rejected", body, cause_key=f"photo:{photo.id}:rejected")
    sending.let_picture_go(actor, photo)
    audit.record("photo_accepted" if not reason else "photo_rejected", "person_photo", photo.id, actor_id=actor.user_id)
