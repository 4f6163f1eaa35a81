"""Photos and papers of a file: the evidence of its rows, and the portrait of the person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Exists, exists, select

from models import (
    FileKind,
    FileState,
    Instructor,
    InstructorProfile,
    InstructorRecord,
    Person,
    RecordState,
    StoredFile,
    db,
)
from services import files
from services.access import Actor, Level
from services.files import Place, Viewer
from services.instructors import reading

OWNER, PHOTO, IDENTITY = "instructor_record", "instructor_photo", "instructor_identity"
MOST, MOST_IDENTITY = 10, 4


def _sees_person(viewer: Viewer, person_id: int) -> bool:
    """The person themselves, and whoever sees them as an instructor."""
    for actor in viewer.actors:
        if actor.level is Level.INSTRUCTOR:
            if actor.person_id == person_id:
                return True
        elif db.session.scalar(select(seen_by(actor, person_id))):
            return True
    return False


def seen_by(actor: Actor, person_id: int) -> Exists:
    """SQL: the person is or was an instructor in the actor's territory."""
    return exists().where(Instructor.person_id == person_id, reading.visible_to(actor))


def _may_see_evidence(viewer: Viewer, file: StoredFile) -> bool:
    """Source: docs/rules.md R-207."""
    record = db.session.get(InstructorRecord, file.owner_id)
    if record is None:
        return False
    if record.state is RecordState.DRAFT and record.entered_by_id != viewer.user_id:
        return False
    return _sees_person(viewer, record.person_id)


def _may_see_photo(viewer: Viewer, file: StoredFile) -> bool:
    profile = db.session.get(InstructorProfile, file.owner_id)
    return profile is not None and _sees_person(viewer, profile.person_id)


files.register(OWNER, FileKind, _may_see_evidence, most=MOST)
files.register(PHOTO, (FileKind.IMAGE,), _may_see_photo, most=MOST, prepare=files.prepare_portrait)
files.register(IDENTITY, FileKind, _may_see_photo, most=MOST_IDENTITY)


def place_of(record: InstructorRecord) -> Place:
    return Place(OWNER, record.id, record.unit_id, record.province_id)


def of_record(record_id: int) -> list[StoredFile]:
    return files.of_owner(OWNER, record_id)


def has_any(record_id: int) -> bool:
    """Whether a row has a photo or paper that was not refused."""
    return bool(db.session.scalar(select(held_by(record_id))))


def held_by(record_id: Any) -> Exists:
    """SQL: the same, of a row or of a column with its id."""
    theirs = (StoredFile.owner_kind == OWNER, StoredFile.owner_id == record_id, StoredFile.removed_at.is_(None))
    return exists().where(*theirs, StoredFile.state != FileState.REFUSED)


def proves_identity(person: Person) -> bool:
    """Whether it is known who this is without us: of a foreigner only by a paper that stands in the file."""
    if not person.foreign_code:
        return True
    theirs = (StoredFile.owner_kind == IDENTITY, StoredFile.removed_at.is_(None), StoredFile.state != FileState.REFUSED)
    owner = select(InstructorProfile.id).where(InstructorProfile.person_id == person.id).scalar_subquery()
    return bool(db.session.scalar(select(exists().where(*theirs, StoredFile.owner_id == owner))))


@dataclass(frozen=True)
class Portraits:
    """The portrait that holds, and the one sent after it that is not looked at yet or was refused."""

    current: StoredFile | None = None
    newer: StoredFile | None = None


def portraits_of(profile: InstructorProfile | None) -> Portraits:
    sent = _portraits(profile)
    current = next((file for file in sent if file.state is FileState.READY), None)
    return Portraits(current, sent[0] if sent and sent[0] is not current else None)


def keep_newest_photo(actor: Actor, profile: InstructorProfile) -> None:
    """Take the older portraits away; the one that holds stays until another one has taken its place."""
    kept = portraits_of(profile)
    for file in _portraits(profile):
        if file not in (kept.current, kept.newer):
            files.remove(actor, file)


def _portraits(profile: InstructorProfile | None) -> Sequence[StoredFile]:
    if profile is None:
        return []
    mine = (StoredFile.owner_kind == PHOTO, StoredFile.owner_id == profile.id, StoredFile.removed_at.is_(None))
    return db.session.scalars(select(StoredFile).where(*mine).order_by(StoredFile.id.desc())).all()
