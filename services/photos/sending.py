"""A portrait comes: the picture as it was taken, the cut out of it, and what then goes to the reviewer."""

from typing import Any

from sqlalchemy import select, update

import gateways
from gateways.file_store import NoSuchFile
from models import Course, Enrollment, EnrollmentStatus, PersonPhoto, PhotoState, StoredFile, db, utcnow
from services import audit, files, people, submissions
from services.access import Actor, Visitor
from services.errors import Conflict, NotFound, Unavailable
from services.files import Place, cuts
from services.files.cuts import Cut
from services.photos import seeing
from services.photos.reading import NO_SUCH, Stage, standing
from services.transaction import atomic, retried

_MOVED_ON = "این عکس در پنجرهٔ دیگری تغییر کرده است. آنچه حالا می‌بینید تازه‌ترین است؛ از همین ادامه دهید."
_AWAY = "انبار پرونده‌ها همین حالا پاسخ نمی‌دهد. چند دقیقهٔ دیگر دوباره بفرستید."


def send(sender: Actor | Visitor, person_id: int, sent: StoredFile) -> PersonPhoto:
    """Begin a portrait with a picture that this sender has just sent; the same picture again finds the same one.

    One that still waited is replaced; the one that holds stays until another is accepted.

    Source: docs/rules.md R-660.
    """
    with atomic():
        people.locked(person_id)
        file = db.session.get_one(StoredFile, sent.id, populate_existing=True)
        if file.owner_id is not None:
            return db.session.get_one(PersonPhoto, file.owner_id)
        _drop_former(sender, person_id)
        unit_id, province_id = _where(person_id)
        photo = PersonPhoto(person_id=person_id, unit_id=unit_id, province_id=province_id)
        db.session.add(photo)
        db.session.flush()
        files.attach(sender, [file.key], Place(seeing.SENT, photo.id, photo.unit_id, photo.province_id))
        _note("photo_sent", photo, sender)
        return photo


@retried
def cut(sender: Actor | Visitor, person_id: int, version: int, chosen: Cut) -> None:
    """Keep another cut of the portrait that is being made.

    Raises:
        Conflict: it has been changed, or finished, in the meantime.
    """
    with atomic():
        _step(person_id, version, cut=chosen.stored())


def finish(sender: Actor | Visitor, person_id: int, version: int) -> PersonPhoto:
    """Make the portrait from the picture as it is cut. A trainee's then waits for a look; staff have seen the person.

    Raises:
        NotFound: nothing is being cut.
        Conflict: the cut has been changed in the meantime.

    Source: docs/rules.md R-661, R-662.
    """
    there = standing(person_id)
    photo = there.newest
    if photo is None and there.current:  # the same press once more
        return there.current
    if photo is None or there.sent is None:
        raise NotFound(NO_SUCH)
    if photo.version != version:
        if there.stage in (Stage.CUTTING, Stage.REVIEW):  # the same press once more
            return photo
        raise Conflict(_MOVED_ON)
    chosen = there.cut or cuts.whole(3, 4)
    with atomic():
        _step(person_id, version, cut=chosen.stored())
    file = _portrait(sender, photo, there.sent, version)
    return _finished(sender, person_id, photo.id, file)


# -- Support -----------------------------------------------------------------------


def _portrait(sender: Actor | Visitor, photo: PersonPhoto, sent: StoredFile, version: int) -> StoredFile:
    """The file of the portrait: the picture received once more, this time to be cut."""
    key = submissions.for_choice(sent.form_key, f"cut {version}")
    place = Place(seeing.PORTRAIT, photo.id, photo.unit_id, photo.province_id)
    try:
        with gateways.files().open(f"{sent.key}.file") as stream:
            return files.receive(sender, stream, sent.name, key, place)
    except NoSuchFile:
        raise NotFound(NO_SUCH) from None
    except OSError as error:
        raise Unavailable(_AWAY) from error


def _finished(sender: Actor | Visitor, person_id: int, photo_id: int, file: StoredFile) -> PersonPhoto:
    with atomic():
        people.locked(person_id)
        photo = db.session.get_one(PersonPhoto, photo_id, populate_existing=True)
        if photo.state is PhotoState.REPLACED:  # by a picture that came while this one was cut
            _let_go(sender, photo, seeing.PORTRAIT)
        elif photo.state is PhotoState.WAITING and photo.file_id != file.id:
            photo.file_id, photo.version = file.id, photo.version + 1
            _note("photo_finished", photo, sender)
            if isinstance(sender, Actor):
                accept(photo, sender)
                let_picture_go(sender, photo)
        return photo


def accept(photo: PersonPhoto, actor: Actor) -> None:
    """Let a portrait hold from now on, in place of the one before; inside `atomic()`."""
    held = (PersonPhoto.person_id == photo.person_id, PersonPhoto.state == PhotoState.ACCEPTED)
    for former in db.session.scalars(select(PersonPhoto).where(*held)):
        former.state = PhotoState.REPLACED
        _let_go(actor, former, seeing.PORTRAIT)
    db.session.flush()
    photo.state, photo.decided_by_id, photo.decided_at = PhotoState.ACCEPTED, actor.user_id, utcnow()
    photo.version += 1


def reject(photo: PersonPhoto, actor: Actor, reason: str) -> None:
    """Say why a portrait is not taken; it stays with its sender until another one comes; inside `atomic()`."""
    photo.state, photo.reason, photo.version = PhotoState.REJECTED, reason, photo.version + 1
    photo.decided_by_id, photo.decided_at = actor.user_id, utcnow()


def let_picture_go(actor: Actor | Visitor, photo: PersonPhoto) -> None:
    """What a portrait was cut from is not needed any more."""
    _let_go(actor, photo, seeing.SENT)


def _step(person_id: int, version: int, **values: Any) -> None:
    """One conditional change of the portrait that is being made."""
    here = (PersonPhoto.person_id == person_id, PersonPhoto.state == PhotoState.WAITING, PersonPhoto.version == version)
    changed = update(PersonPhoto).where(*here, PersonPhoto.file_id.is_(None))
    done = changed.values(version=version + 1, **values).execution_options(synchronize_session=False)
    if db.session.scalar(done.returning(PersonPhoto.id)) is None:
        raise Conflict(_MOVED_ON)


def _drop_former(sender: Actor | Visitor, person_id: int) -> None:
    """Portraits that wait or were rejected make way for the one that comes now, with their files."""
    over = (PhotoState.WAITING, PhotoState.REJECTED)
    query = select(PersonPhoto).where(PersonPhoto.person_id == person_id, PersonPhoto.state.in_(over))
    for photo in db.session.scalars(query.execution_options(populate_existing=True)):
        photo.state, photo.version = PhotoState.REPLACED, photo.version + 1
        _let_go(sender, photo, seeing.SENT)
        _let_go(sender, photo, seeing.PORTRAIT)
    db.session.flush()


def _let_go(sender: Actor | Visitor, photo: PersonPhoto, kind: str) -> None:
    for file in files.of_owner(kind, photo.id):
        files.remove(sender, file)


def _where(person_id: int) -> tuple[int | None, int | None]:
    """The unit and province of the course in which the person is, the newest."""
    query = select(Course.unit_id, Course.province_id).join(Enrollment, Enrollment.course_id == Course.id)
    query = query.where(Enrollment.person_id == person_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    found = db.session.execute(query.order_by(Enrollment.id.desc()).limit(1)).first()
    return (found.unit_id, found.province_id) if found else (None, None)


def _note(action: str, photo: PersonPhoto, sender: Actor | Visitor) -> None:
    who = {"actor_id": sender.user_id} if isinstance(sender, Actor) else {"actor_person_id": sender.id}
    audit.record(action, "person_photo", photo.id, **who)
