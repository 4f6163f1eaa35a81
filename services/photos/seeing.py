"""Who sees a portrait: the person, and the staff who enroll and review where that person is enrolled. Nobody else.

What holds for women's portraits holds for all: no counselor, no instructor, no planner and no operator sees one.
"""

from sqlalchemy import ColumnElement, Exists, and_, exists, false, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Course, Enrollment, EnrollmentStatus, FileKind, PersonPhoto, Role, StoredFile, db
from services import files, territory
from services.access import Actor, Level
from services.errors import NotAllowed
from services.files import Viewer
from services.files.cuts import Cut

SENT, PORTRAIT = "photo_sent", "person_photo"
STAFF = (Role.CLERK, Role.MANAGER, Role.COUNTER)
_NO_SUCH = "این ثبت‌نام پیدا نشد. از فهرست ثبت‌نام‌شدگان دوره شروع کنید."


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """SQL: an enrollment, joined with its course, of whose person this actor sees the portrait.

    Source: docs/rules.md R-663.
    """
    if actor.level is Level.PROVINCE:
        return Enrollment.province_id.in_(actor.acting(Role.REVIEWER).provinces)
    if actor.level is not Level.CENTER:
        return false()
    units = actor.acting(*STAFF).units
    own = actor.own_acts_only
    theirs = set(units) - own
    mine = and_(Enrollment.unit_id.in_(own), Enrollment.created_by_id == actor.user_id)
    return or_(Enrollment.unit_id.in_(theirs), Course.unit_id.in_(theirs), mine)


def seen_by(actor: Actor, person_id: int) -> Exists:
    """SQL: this person is or was enrolled where the actor works."""
    theirs = select(Enrollment.id).join(Course, Course.id == Enrollment.course_id)
    return exists(theirs.where(Enrollment.person_id == person_id, in_reach(actor)))


def enrollment_of(actor: Actor, enrollment_id: int) -> Enrollment:
    """An enrollment whose person the actor may take a portrait of, with person and course.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is not for this actor.
    """
    query = select(Enrollment, in_reach(actor)).join(Enrollment.course).where(Enrollment.id == enrollment_id)
    query = query.options(contains_eager(Enrollment.course), joinedload(Enrollment.person))
    return territory.only(query, "enrollment", enrollment_id, _NO_SUCH)


def reviewer(actor: Actor) -> Actor:
    """The actor where they review portraits.

    Raises:
        NotAllowed: nowhere.
    """
    here = actor.acting(Role.CLERK, Role.MANAGER)
    if actor.level is not Level.CENTER or not here.units:
        raise NotAllowed("عکس کارآموزان را کارشناس و مدیر مرکز بررسی می‌کنند.")
    return here


def reviewed_by(actor: Actor) -> Exists:
    """SQL: the person of a portrait is in a course of the actor's units."""
    theirs = (Enrollment.person_id == PersonPhoto.person_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    mine = Course.unit_id.in_(actor.units)
    return exists(select(Enrollment.id).join(Course, Course.id == Enrollment.course_id).where(*theirs, mine))


def _may_see(viewer: Viewer, file: StoredFile) -> bool:
    photo = db.session.get(PersonPhoto, file.owner_id)
    if photo is None:
        return False
    if viewer.person_id == photo.person_id:
        return True
    return any(db.session.scalar(select(seen_by(actor, photo.person_id))) for actor in viewer.actors)


def _cutter(file: StoredFile) -> files.Prepare:
    """What cuts the picture of this file as its sender has chosen."""
    photo = db.session.get(PersonPhoto, file.owner_id, populate_existing=True)
    chosen = Cut(**photo.cut) if photo and photo.cut else None
    return files.prepare_portrait if chosen is None else lambda sent: files.prepare_cut(sent, chosen)


files.register(SENT, (FileKind.IMAGE,), _may_see, most=3, prepare=files.prepare_to_cut)
files.register(PORTRAIT, (FileKind.IMAGE,), _may_see, most=20, tailor=_cutter)
