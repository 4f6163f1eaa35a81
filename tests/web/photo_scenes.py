"""Portraits as the walkers of pages and forms see them: one being cut, and one that waits for a look."""

import uuid

import gateways
from models import Enrollment, Person, PersonPhoto, PhotoState, StoredFile
from services import photos
from services.photos import seeing
from tests import attachments, make
from tests.web import pages

SENT, PORTRAIT = photos.SENT, seeing.PORTRAIT
PICTURE = ("file", "عکس من.jpg", attachments.jpeg((600, 900)))


def cutting(world) -> PersonPhoto:
    """The portrait of the walkers' trainee, sent and not cut yet."""
    found = make.first(PersonPhoto, person_id=world.trainee.id, state=PhotoState.WAITING)
    sent = found and make.first(StoredFile, owner_kind=SENT, owner_id=found.id, state="ready")
    return found if found and sent and not found.file_id else _photo(world, world.trainee, SENT)


def waiting(world) -> PersonPhoto:
    """The portrait of somebody in the walkers' course that waits for a look; always the same one."""
    return make.first(PersonPhoto, state=PhotoState.WAITING, unit_id=world.unit.id, decided_at=None) or grown(world)


def grown(world, n: int = 0) -> PersonPhoto:
    person = make.person(first_name="مریم", last_name="رضایی")
    enrollment = pages.enroll(world.course, person)
    assert enrollment.status == "active"
    photo = _photo(world, person, PORTRAIT)
    photo.unit_id = world.unit.id
    photo.file_id = make.first(StoredFile, owner_kind=PORTRAIT, owner_id=photo.id).id
    return make.save(photo)


def _photo(world, person: Person, kind: str) -> PersonPhoto:
    former = make.first(PersonPhoto, person_id=person.id, state=PhotoState.WAITING)
    if former:
        former.state = PhotoState.REPLACED
        make.save(former)
    photo = make.save(PersonPhoto(person_id=person.id, province_id=world.unit.province_id))
    key = uuid.uuid4().hex
    for part in ("file", "thumb"):
        gateways.files().put(f"{key}.{part}", (PICTURE[2],))
    what = {"kind": "image", "state": "ready", "mime": "image/jpeg", "bytes": len(PICTURE[2]), "name": "عکس.jpg"}
    sizes = {"width": 600, "height": 900, "sha256": "0" * 64, "sent_sha256": "0" * 64}
    owner = {"owner_kind": kind, "owner_id": photo.id, "uploaded_by_person_id": person.id}
    make.save(StoredFile(key=key, form_key=str(uuid.uuid4()), **owner, **what, **sizes))
    return photo


# -- Forms -------------------------------------------------------------------------


def own_cut(button: str):
    def scene(world) -> tuple:
        cutting(world)
        return "/trainee/photo", {}, {}, button

    return scene


def enrolled_cut(button: str):
    def scene(world) -> tuple:
        cutting(world)
        return _page(world), {"enrollment_id": world.enrollment.id}, {}, button

    return scene


def decided(button: str, typed: dict | None = None):
    def scene(world) -> tuple:
        photo = grown(world)
        return f"/center/photos/{photo.id}", {"photo_id": photo.id}, typed or {}, button

    return scene


def _page(world) -> str:
    enrollment: Enrollment = world.enrollment
    return f"/center/enrollments/{enrollment.id}/photo"


SCENES = {
    "trainee.photo_send": lambda world: ("/trainee/photo", {}, {}, "", None, (PICTURE,)),
    "trainee.photo_cut move": own_cut("do=closer"),
    "trainee.photo_cut finish": own_cut("do=finish"),
    "center.enrollment_photo_send": lambda world: (
        _page(world), {"enrollment_id": world.enrollment.id}, {}, "", None, (PICTURE,),
    ),
    "center.enrollment_photo_cut": enrolled_cut("do=turn"),
    "center.photo_decide accept": decided("do=accept"),
    "center.photo_decide reject": decided("do=reject", {"reason": "background"}),
}  # fmt: skip
