"""Papers of a license: the academy's own, and the report of a visit."""

from sqlalchemy import select

from models import FileKind, License, LicenseVisit, StoredFile, db
from services import files
from services.access import Actor, Level
from services.errors import DomainError, NotFound
from services.files import Place, Viewer
from services.licenses import reading
from services.transaction import atomic

OWNER, VISIT = "license", "license_visit"
MOST = 20


def may_see(viewer: Viewer, file: StoredFile) -> bool:
    """Those who see the license: its academy, and once it was sent its province and HQ."""
    held = db.session.get(License, file.owner_id)
    return held is not None and any(_sees(actor, held) for actor in viewer.actors)


def may_see_report(viewer: Viewer, file: StoredFile) -> bool:
    visit = db.session.get(LicenseVisit, file.owner_id)
    held = db.session.get(License, visit.license_id) if visit else None
    return held is not None and any(_sees(actor, held) for actor in viewer.actors)


def _sees(actor: Actor, held: License) -> bool:
    at_home = actor.level is Level.CENTER
    return actor.covers(held.unit_id, held.province_id) and (at_home or held.state is not reading.S.DRAFT)


files.register(OWNER, FileKind, may_see, most=MOST)
files.register(VISIT, FileKind, may_see_report, most=1)


def place_of(license_: License) -> Place:
    return Place(OWNER, license_.id, license_.unit_id, license_.province_id)


def require_writable(actor: Actor, license_id: int) -> License:
    """The license to which this person may add papers now.

    Raises:
        NotAllowed, NotFound, OutsideTerritory: as `reading.writable`.
    """
    with atomic():
        return reading.writable(actor, license_id)


def remove(actor: Actor, license_id: int, key: str) -> bool:
    """Take a paper away; False when it was gone.

    Raises:
        as `require_writable`.
    """
    with atomic():
        reading.writable(actor, license_id)
        mine = (StoredFile.key == key, StoredFile.owner_kind == OWNER, StoredFile.owner_id == license_id)
        file = db.session.scalar(select(StoredFile).where(*mine)) if files.is_key(key) else None
        if file is None:
            raise NotFound("این پرونده پیدا نشد.")
        return files.remove(actor, file)


def require_some(license_id: int) -> None:
    """Refuse a license without a paper that could be looked at.

    Raises:
        DomainError: there is none.
    """
    if not any(file.state != "refused" for file in files.of_owner(OWNER, license_id)):
        raise DomainError("تصویر پروانه یا مدرک آن را پیوست کنید، سپس بفرستید. چیزی فرستاده نشد.")
