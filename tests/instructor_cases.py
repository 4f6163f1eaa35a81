"""Rows of instructors' files on their way to a decision, with the paper that they need."""

import uuid

from models import (
    EducationRecord,
    FileKind,
    FileState,
    Instructor,
    InstructorRecord,
    Role,
    StoredFile,
    Unit,
    db,
    utcnow,
)
from services.access import Actor
from services.instructors import evidence
from services.instructors.verifying import Key
from tests import course_cases as cases
from tests import make

AT_CENTER, AT_PROVINCE = "at_center", "at_province"


def paper(record: InstructorRecord, who: Actor, **over) -> StoredFile:
    """A picture that is looked at already, without a file on the disk."""
    place = evidence.place_of(record)
    where = {"unit_id": place.unit_id, "province_id": place.province_id, "owner_kind": evidence.OWNER}
    said = {"mime": "image/jpeg", "bytes": 10, "sha256": "0" * 64, "sent_sha256": "0" * 64, "name": "a.jpg"}
    keys = {"key": uuid.uuid4().hex, "form_key": str(uuid.uuid4()), "uploaded_by_id": who.user_id}
    values = {**where, **said, **keys, "kind": FileKind.IMAGE, "state": FileState.READY, **over}
    return make.save(StoredFile(owner_id=record.id, **values))


def waiting(teacher: Instructor, clerk: Actor, state: str = AT_CENTER, **over) -> EducationRecord:
    """A degree that `clerk` has sent, with a paper."""
    passed = {"center_at": utcnow()} if state == AT_PROVINCE else {}
    row = make.education(teacher, state, entered_by_id=clerk.user_id, **passed, **over)
    paper(row, clerk)
    return row


def key(row: InstructorRecord) -> Key:
    """The row as it stands now."""
    db.session.expire_all()
    return Key(row.id, db.session.get_one(InstructorRecord, row.id).version)


def staff(center: Unit) -> tuple[Actor, Actor, Actor]:
    """Clerk and manager of a center, and a reviewer of its province."""
    office = make.unit("directorate", center.province)
    return cases.staff(Role.CLERK, center), cases.staff(Role.MANAGER, center), cases.staff(Role.REVIEWER, office)
