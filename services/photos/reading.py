"""How things stand with somebody's portrait, and which portraits wait for a look."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import (
    Course,
    Enrollment,
    EnrollmentStatus,
    FileState,
    Person,
    PersonPhoto,
    PhotoState,
    Role,
    StoredFile,
    db,
)
from services import files, territory
from services.access import Actor
from services.files import cuts
from services.files.cuts import Cut
from services.photos import seeing

NO_SUCH = "این عکس پیدا نشد. شاید عکس تازه‌ای جای آن آمده است."
QUEUE = 50  # more than anybody looks at before the list is read again


class Stage(enum.StrEnum):
    """What is to be done next with the newest portrait."""

    NONE = "none"
    PREPARING = "preparing"
    UNFIT = "unfit"
    CUT = "cut"
    CUTTING = "cutting"
    REVIEW = "review"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Standing:
    """The portrait that holds, the newest one where that is another, and the picture it is cut from."""

    current: PersonPhoto | None = None
    newest: PersonPhoto | None = None
    sent: StoredFile | None = None

    @property
    def stage(self) -> Stage:
        newest = self.newest
        if newest is None:
            return Stage.ACCEPTED if self.current else Stage.NONE
        if newest.state is PhotoState.REJECTED:
            return Stage.REJECTED
        return self._cut_stage() if newest.file is None else _BY_FILE[newest.file.state]

    def _cut_stage(self) -> Stage:
        if self.sent is None or self.sent.state is FileState.REFUSED:
            return Stage.UNFIT
        return Stage.PREPARING if self.sent.state is FileState.WAITING else Stage.CUT

    @property
    def refused_reason(self) -> str | None:
        """Why the store of files has refused what was sent."""
        file = self.newest.file if self.newest and self.newest.file else self.sent
        return file.refused_reason if file else None

    @property
    def cut(self) -> Cut | None:
        """Where the portrait lies in what was sent; the largest one until somebody moves it."""
        if self.newest is None or self.sent is None or not (self.sent.width and self.sent.height):
            return None
        return Cut(**self.newest.cut) if self.newest.cut else cuts.whole(self.sent.width, self.sent.height)


_BY_FILE = {FileState.WAITING: Stage.CUTTING, FileState.READY: Stage.REVIEW, FileState.REFUSED: Stage.UNFIT}


def standing(person_id: int) -> Standing:
    """How things stand with the portrait of a person, in two queries."""
    theirs = select(PersonPhoto).where(PersonPhoto.person_id == person_id, PersonPhoto.state != PhotoState.REPLACED)
    query = theirs.order_by(PersonPhoto.id.desc()).options(joinedload(PersonPhoto.file)).limit(5)
    photos = db.session.scalars(query.execution_options(populate_existing=True)).all()
    current = next((photo for photo in photos if photo.state is PhotoState.ACCEPTED), None)
    newest = photos[0] if photos and photos[0] is not current else None
    return Standing(current, newest, sent_of(newest) if newest else None)


def sent_of(photo: PersonPhoto) -> StoredFile | None:
    """The picture from which a portrait is cut; it is let go when somebody has decided on the portrait."""
    sent = files.of_owner(seeing.SENT, photo.id)
    return sent[-1] if sent else None


def accepted_of(person_ids: Sequence[int]) -> dict[int, str]:
    """The keys of the portraits that hold, by person; the caller has made sure that they are for the reader."""
    query = select(PersonPhoto.person_id, StoredFile.key).join(StoredFile, StoredFile.id == PersonPhoto.file_id)
    held = (PersonPhoto.state == PhotoState.ACCEPTED, StoredFile.state == FileState.READY)
    rows = db.session.execute(query.where(PersonPhoto.person_id.in_(person_ids), *held))
    return {person_id: key for person_id, key in rows}


def waiting(actor: Actor) -> Sequence[PersonPhoto]:
    """The portraits that wait for this reviewer, oldest first, with person and file.

    Raises:
        NotAllowed: the actor reviews none.
    """
    query = select(PersonPhoto).join(PersonPhoto.file).where(*_waits_for(seeing.reviewer(actor)))
    query = query.options(joinedload(PersonPhoto.person), contains_eager(PersonPhoto.file))
    return db.session.scalars(query.order_by(PersonPhoto.id).limit(QUEUE)).all()


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """How many wait, as a part of a query of a home page, for those who review."""
    here = actor.acting(Role.CLERK, Role.MANAGER)
    query = select(func.count()).select_from(PersonPhoto).join(PersonPhoto.file)
    return {"photos": query.where(*_waits_for(here)).scalar_subquery()} if here.units else {}


def _waits_for(here: Actor) -> tuple[ColumnElement[bool], ...]:
    ready = (PersonPhoto.state == PhotoState.WAITING, StoredFile.state == FileState.READY)
    return (*ready, seeing.reviewed_by(here))


def waiting_one(actor: Actor, photo_id: int) -> PersonPhoto:
    """One portrait that this reviewer may decide on, in any state, with person and file.

    Raises:
        NotAllowed: the actor reviews none.
        NotFound, OutsideTerritory: there is none, or its person is in no course of the actor's units.
    """
    here = seeing.reviewer(actor)
    query = select(PersonPhoto, seeing.reviewed_by(here)).where(PersonPhoto.id == photo_id)
    query = query.options(joinedload(PersonPhoto.person), joinedload(PersonPhoto.file))
    return territory.only(query, "person_photo", photo_id, NO_SUCH)


def course_of(actor: Actor, person: Person) -> Course | None:
    """The course of the actor's units in which this person is, the newest."""
    enrollment = aliased(Enrollment)
    theirs = (enrollment.person_id == person.id, enrollment.status == EnrollmentStatus.ACTIVE)
    query = select(Course).join(enrollment, enrollment.course_id == Course.id)
    query = query.where(*theirs, Course.unit_id.in_(actor.units)).order_by(enrollment.id.desc()).limit(1)
    return db.session.scalar(query)
