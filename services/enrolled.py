"""People as the staff see them where they are enrolled: who may keep what is known of them, and what that is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models import (
    Course,
    Enrollment,
    EnrollmentStatus,
    FileKind,
    Guardianship,
    MobileChange,
    Person,
    Role,
    StoredFile,
    User,
    db,
)
from services import files, foreigners, guardians, people, territory
from services.access import Actor, Level
from services.errors import NotAllowed
from services.files import Viewer
from services.guardians import Change
from services.mobiles import By
from services.provenance import Place
from services.transaction import atomic

NO_SUCH = "این ثبت‌نام پیدا نشد. از فهرست ثبت‌نام‌شدگان دوره شروع کنید."
NOT_YOURS = "مشخصات کارآموز را کارشناس یا مدیر مرکزی می‌بیند و تغییر می‌دهد که او در آن ثبت‌نام است."
OWN = "مشخصات خودتان را همکار دیگری تغییر می‌دهد، یا خودتان پس از ورود با پنجره ملی."
OVER = "این ثبت‌نام لغو شده است و مشخصات کارآموز از اینجا تغییر نمی‌کند."
SHOWN = 5
GUARDIAN, MOBILE = "guardianship", "mobile_change"  # kinds of owners of files


@dataclass(frozen=True)
class Sheet:
    """One person by an enrollment of theirs; `changes` are their former mobiles, the newest first."""

    enrollment: Enrollment
    person: Person
    guardian: Guardianship | None
    is_minor: bool
    changes: Sequence[MobileChange]
    may_change: bool

    @property
    def code(self) -> tuple[str, str]:
        """What the code is called, and the code."""
        if self.person.national_code:
            return "کد ملی", self.person.national_code
        return foreigners.kind_of(self.person), self.person.foreign_code or ""

    @property
    def guardian_words(self) -> str:
        return guardians.words(self.guardian) if self.guardian else ""


def enrollment_of(actor: Actor, enrollment_id: int) -> Enrollment:
    """An enrollment in the actor's units, with person, course and unit.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: there is none, or it is not for this actor.

    Source: docs/rules.md R-795.
    """
    units = actor.acting(Role.CLERK, Role.MANAGER).units if actor.level is Level.CENTER else ()
    if not units:
        raise NotAllowed(NOT_YOURS)
    here = or_(Enrollment.unit_id.in_(units), Course.unit_id.in_(units))
    query = select(Enrollment, here).join(Enrollment.course).where(Enrollment.id == enrollment_id)
    loading = (contains_eager(Enrollment.course).joinedload(Course.unit), joinedload(Enrollment.person))
    return territory.only(query.options(*loading), "enrollment", enrollment_id, NO_SUCH)


def may_change(actor: Actor, enrollment: Enrollment) -> bool:
    return enrollment.status is EnrollmentStatus.ACTIVE and enrollment.person_id != actor.person_id


def changeable(actor: Actor, enrollment_id: int) -> Enrollment:
    """The same, of somebody whose data this actor may change by it.

    Raises:
        NotAllowed: it is over, or the actor's own.
    """
    found = enrollment_of(actor, enrollment_id)
    if not may_change(actor, found):
        raise NotAllowed(OWN if found.person_id == actor.person_id else OVER)
    return found


def sheet(actor: Actor, enrollment_id: int) -> Sheet:
    found = enrollment_of(actor, enrollment_id)
    person = found.person
    is_minor = guardians.is_minor(person.birth_date)
    query = select(MobileChange).where(MobileChange.person_id == person.id).order_by(MobileChange.id.desc())
    loading = (joinedload(MobileChange.actor).joinedload(User.person), joinedload(MobileChange.document))
    changes = db.session.scalars(query.options(*loading).limit(SHOWN)).all()
    guardian = guardians.standing(person.id) if is_minor else None
    return Sheet(found, person, guardian, is_minor, changes, may_change(actor, found))


# -- Who answers for them ----------------------------------------------------------


def by(actor: Actor, made: Enrollment, paper: StoredFile | None = None) -> By:
    """Who writes something of somebody enrolled, for which unit, and on what paper."""
    here = Place(made.course.unit_id, made.course.province_id)
    return By(actor.user_id, made.course.unit_id, paper.id if paper else None, place=here)


def name_guardian(actor: Actor, enrollment_id: int, wanted: Change, paper: StoredFile | None) -> bool:
    """`guardians.change` by staff, with the paper by which the guardian is one.

    Raises:
        NotAllowed, NotFound, OutsideTerritory: as `changeable`; and what `guardians.change` raises.
    """
    made = changeable(actor, enrollment_id)
    here = Place(made.course.unit_id, made.course.province_id)
    with atomic():
        done = guardians.change(made.person_id, wanted, people.CLERK, by(actor, made, paper))
        if done and paper is not None and (named := guardians.standing(made.person_id)) is not None:
            files.attach(actor, [paper.key], files.Place(GUARDIAN, named.id, here.unit_id, here.province_id))
    return done


def _may_see(viewer: Viewer, file: StoredFile) -> bool:
    """Whoever has sent it, and staff of the unit, its province and HQ."""
    return viewer.sent(file) or any(actor.covers(file.unit_id or 0, file.province_id) for actor in viewer.actors)


for owner in (GUARDIAN, MOBILE):
    files.register(owner, FileKind, _may_see, most=1)
