"""A self-enrollment that was begun and is not finished: kept for its person, and gone on with on any device."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, delete, exists, func, select, update
from sqlalchemy.orm import joinedload

from models import (
    Course,
    Enrollment,
    EnrollmentDraft,
    FileKind,
    FileState,
    Schooling,
    StoredFile,
    TargetGroup,
    db,
    utcnow,
)
from services import files, people, tariffs
from services.access import Visitor
from services.enrollment.drafts import STALE
from services.errors import Conflict, DomainError, OutsideTerritory
from services.files import Place, Viewer
from services.transaction import atomic

EVIDENCE = "group_evidence"
MOST_FILES = 5
GROUP_GONE = "این گروه هدف دیگر به کار نمی‌رود. گروه دیگری انتخاب کنید."
NO_WORDS = "برای «{title}» نوع و شمارهٔ مدرک را بنویسید"
NO_FILE = "برای «{title}» عکس یا پی‌دی‌اف مدرک را هم بفرستید"


@dataclass(frozen=True)
class Belonging:
    """The target group that somebody says they belong to, and what proves it."""

    group_id: int | None = None
    evidence: str = ""


def _may_see(viewer: Viewer, file: StoredFile) -> bool:
    return viewer.sent(file) or files.in_territory(viewer, file)


files.register(EVIDENCE, (FileKind.IMAGE, FileKind.PDF), _may_see, most=MOST_FILES)


def standing(person: Any, course: Any) -> ScalarSelect[int]:
    """SQL: the id of what a person has begun for a course and not finished."""
    mine = (EnrollmentDraft.owner_person_id == person, EnrollmentDraft.course_id == course)
    query = select(func.max(EnrollmentDraft.id)).where(*mine, EnrollmentDraft.used_at.is_(None))
    return query.correlate_except(EnrollmentDraft).scalar_subquery()


def of(person: Visitor, course_id: int) -> EnrollmentDraft | None:
    """What this person has begun for the course."""
    begun = select(EnrollmentDraft).where(EnrollmentDraft.id == standing(person.id, course_id))
    return db.session.scalar(begun.execution_options(populate_existing=True))


def begin(person: Visitor, course_id: int, has: Schooling | None = None, prerequisite: str = "") -> EnrollmentDraft:
    """What this person has begun for the course, or the beginning of it; one, however many tabs ask at once.

    `has` is the schooling that they chose on the page, `prerequisite` the paper that they named there.
    """
    with atomic():
        people.locked(person.id)
        draft = of(person, course_id)
        if draft is None:
            draft = EnrollmentDraft(key=str(uuid.uuid4()), owner_person_id=person.id, course_id=course_id, fields={})
            draft.updated_at = utcnow()
            db.session.add(draft)
        if has is not None:
            draft.fields = {**draft.fields, "schooling": has}
        if prerequisite:
            draft.fields = {**draft.fields, "prerequisite": prerequisite}
        db.session.flush()
    return draft


def belong(draft: EnrollmentDraft, version: int, said: Belonging) -> EnrollmentDraft:
    """Keep the group that the person belongs to; what proves it must be there where the group asks for it.

    Raises:
        DomainError: the group is not in use, or its evidence is missing. Conflict: another tab has saved since.

    Source: docs/rules.md R-602, R-603.
    """
    group = db.session.get(TargetGroup, said.group_id, populate_existing=True) if said.group_id else None
    if said.group_id and (group is None or not group.is_active):
        raise DomainError(GROUP_GONE, field="target_group")
    if group is None:
        said = replace(said, evidence="")
    elif is_proven_by_paper(group):
        usable = [file for file in papers(draft) if file.state is not FileState.REFUSED]
        check_evidence(group, said.evidence, has_file=bool(usable))
    unchanged = (EnrollmentDraft.version == version, EnrollmentDraft.used_at.is_(None))
    kept = {
        "target_group_id": said.group_id,
        "fields": {**draft.fields, "evidence": said.evidence},
        "updated_at": utcnow(),
    }
    statement = update(EnrollmentDraft).where(EnrollmentDraft.id == draft.id, *unchanged)
    with atomic():
        saved = db.session.scalar(
            statement.values(**kept, version=version + 1)
            .returning(EnrollmentDraft)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        if saved is None:
            raise Conflict(STALE)
    return saved


def groups() -> list[TargetGroup]:
    """The target groups in use."""
    return list(db.session.scalars(select(TargetGroup).where(TargetGroup.is_active).order_by(TargetGroup.id)))


def is_proven_by_paper(group: TargetGroup) -> bool:
    """Nobody at a desk looks at the paper: whoever pays nothing, or another price, because of it sends it, too."""
    has_prices = exists().where(tariffs.own_prices().subquery().c.target_group == group.code)
    return group.needs_evidence or group.is_fee_exempt or bool(db.session.scalar(select(has_prices)))


def check_evidence(group: TargetGroup, words: str, *, has_file: bool) -> None:
    """Refuse a group without what proves it."""
    if not words:
        raise DomainError(NO_WORDS.format(title=group.title), field="evidence")
    if not has_file:
        raise DomainError(NO_FILE.format(title=group.title), field="file")


def papers(draft: EnrollmentDraft) -> list[StoredFile]:
    """The files that prove the group, the oldest first."""
    return [file for file in files.of_owner(EVIDENCE, draft.id) if file.uploaded_by_person_id == draft.owner_person_id]


def papers_of(made: Enrollment) -> list[StoredFile]:
    """What a trainee sent to prove the group of an enrollment; the caller has made sure that it may be seen."""
    mine = (EnrollmentDraft.owner_person_id == made.person_id, EnrollmentDraft.course_id == made.course_id)
    drafts = select(EnrollmentDraft.id).where(*mine, EnrollmentDraft.used_at.is_not(None))
    theirs = (StoredFile.owner_kind == EVIDENCE, StoredFile.owner_id.in_(drafts), StoredFile.removed_at.is_(None))
    return list(db.session.scalars(select(StoredFile).where(*theirs).order_by(StoredFile.id)))


def place_of(draft: EnrollmentDraft) -> Place:
    """Where a file of this draft belongs: the center that will look at it."""
    course = db.session.get_one(Course, draft.course_id)
    return Place(EVIDENCE, draft.id, course.unit_id, course.province_id)


def unfinished(person_id: int, limit: int = 5) -> list[tuple[EnrollmentDraft, Course]]:
    """What this person has begun, the newest first, with its course."""
    query = select(EnrollmentDraft, Course).join(Course, Course.id == EnrollmentDraft.course_id)
    mine = (EnrollmentDraft.owner_person_id == person_id, EnrollmentDraft.used_at.is_(None))
    newest = query.where(*mine).options(joinedload(Course.unit)).order_by(EnrollmentDraft.updated_at.desc())
    return [(draft, course) for draft, course in db.session.execute(newest.limit(limit))]


def drop(person: Visitor, key: str) -> bool:
    """Put what was begun aside, with its files; False when it was gone.

    Raises:
        OutsideTerritory: it is somebody else's.
    """
    one = EnrollmentDraft.key == key
    mine = (one, EnrollmentDraft.owner_person_id == person.id, EnrollmentDraft.used_at.is_(None))
    with atomic():
        gone = delete(EnrollmentDraft).where(*mine).returning(EnrollmentDraft.id)
        dropped = db.session.scalar(gone.execution_options(synchronize_session=False))
        if dropped is not None:
            _let_go(StoredFile.owner_id == dropped)
    theirs = db.session.scalar(select(EnrollmentDraft.id).where(one, EnrollmentDraft.owner_person_id != person.id))
    if theirs is not None:
        raise OutsideTerritory("enrollment_draft", theirs)
    return dropped is not None


def purge() -> None:
    """Let go of the files of what is begun no more."""
    with atomic():
        _let_go(~exists().where(EnrollmentDraft.id == StoredFile.owner_id))


def _let_go(which: ColumnElement[bool]) -> None:
    theirs = (StoredFile.owner_kind == EVIDENCE, StoredFile.removed_at.is_(None), which)
    gone = update(StoredFile).where(*theirs).values(removed_at=utcnow())
    db.session.execute(gone.execution_options(synchronize_session=False))
