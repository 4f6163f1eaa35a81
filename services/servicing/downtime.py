"""Workshops that are down: from a day, with a reason, until somebody ends it; and the courses that lie in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import joinedload

from models import Course, CourseStatus, Place, Workshop, WorkshopDowntime, db, utcnow
from services import audit, jalali, policy, text
from services.access import Actor, Level
from services.errors import DomainError, NotFound, OutsideTerritory
from services.servicing.reading import refuse_others
from services.sql import add_once
from services.transaction import atomic

OLDEST = timedelta(days=366)
MOST_COURSES = 30
LONGEST_REASON = 300
_OVER = (CourseStatus.FINISHED, CourseStatus.CANCELED, CourseStatus.REJECTED)
_NO_SUCH = "این کارگاه پیدا نشد. شاید نشانی ناقص است."


@dataclass(frozen=True)
class Standing:
    """A workshop, its downtimes newest first, and the courses that the one of now lies in."""

    workshop: Workshop
    past: Sequence[WorkshopDowntime]
    courses: Sequence[Course]


def workshops(actor: Actor) -> Sequence[Workshop]:
    """The workshops in use of the actor's units, those that are down first; one query."""
    query = select(Workshop).join(Workshop.place).outerjoin(Workshop.downtime)
    query = query.options(joinedload(Workshop.place), joinedload(Workshop.downtime))
    query = query.where(Workshop.unit_id.in_(actor.units), Workshop.is_active, Place.is_active)
    return db.session.scalars(query.order_by(WorkshopDowntime.id.is_(None), Place.title, Workshop.id)).all()


def standing(actor: Actor, workshop_id: int) -> Standing:
    """One workshop with its downtimes; three queries.

    Raises:
        NotFound, OutsideTerritory: no such workshop, or another unit's.
    """
    workshop = _workshop(actor, workshop_id)
    query = select(WorkshopDowntime).where(WorkshopDowntime.workshop_id == workshop_id)
    past = db.session.scalars(query.order_by(WorkshopDowntime.starts_on.desc(), WorkshopDowntime.id.desc())).all()
    now = workshop.downtime
    return Standing(workshop, past, overlapping(workshop_id, now.starts_on) if now else ())


def overlapping(workshop_id: int, starts_on: date, ends_on: date | None = None) -> Sequence[Course]:
    """The courses that a workshop holds in these days or, without an end, from the first on; what is over is not."""
    query = select(Course).where(Course.workshop_id == workshop_id, Course.status.not_in(_OVER))
    query = query.where(Course.end_on >= starts_on)
    if ends_on:
        query = query.where(Course.start_on <= ends_on)
    return db.session.scalars(query.order_by(Course.start_on, Course.id).limit(MOST_COURSES)).all()


def begin(actor: Actor, workshop_id: int, starts_on: date, reason: str) -> bool:
    """Say that a workshop is down from a day on; False when it is down already.

    Source: docs/rules.md R-162.
    Raises:
        DomainError: what is wrong with which field.
        NotAllowed: the workshop is not the actor's to keep.
    """
    with atomic():
        workshop = _workshop(actor, workshop_id)
        refuse_others(actor, workshop.unit_id)
        why, today = text.clean(reason), policy.today()
        if not text.key(why) or len(why) > LONGEST_REASON:
            raise DomainError("دلیل را تا ۳۰۰ نویسه بنویسید", field="reason")
        if not today - OLDEST <= starts_on <= today:
            raise DomainError(f"روز آغاز از یک سال پیش تا امروز ({jalali.short(today)}) است", field="starts_on")
        _refuse_twice_down(workshop_id, starts_on)
        who = {"begun_by_id": actor.user_id, "created_at": utcnow()}
        down_id = add_once(WorkshopDowntime, workshop_id=workshop_id, starts_on=starts_on, reason=why, **who)
        if down_id is None:
            return False
        audit.record("workshop_down", "workshop", workshop_id, actor_id=actor.user_id, starts_on=starts_on.isoformat())
    return True


def workshop_of(actor: Actor, downtime_id: int) -> int:
    """Whose downtime it is; refused as `standing`."""
    down = db.session.get(WorkshopDowntime, downtime_id)
    if down is None:
        raise NotFound(_NO_SUCH)
    return _workshop(actor, down.workshop_id).id


def end(actor: Actor, downtime_id: int, ends_on: date) -> int:
    """Say which day was the last on which a workshop was down; returns its id. A repeat changes nothing.

    Raises:
        DomainError: the day lies before the first one or in the future.
        NotAllowed, NotFound, OutsideTerritory: as `begin`.
    """
    with atomic():
        down = db.session.get(WorkshopDowntime, downtime_id, populate_existing=True)
        if down is None:
            raise NotFound(_NO_SUCH)
        refuse_others(actor, _workshop(actor, down.workshop_id).unit_id)
        today = policy.today()
        if not down.starts_on <= ends_on <= today:
            first = jalali.short(down.starts_on)
            raise DomainError(f"روز پایان از {first} تا امروز ({jalali.short(today)}) است", field="ends_on")
        still = (WorkshopDowntime.id == downtime_id, WorkshopDowntime.ends_on.is_(None))
        values = {"ends_on": ends_on, "ended_by_id": actor.user_id, "ended_at": utcnow()}
        ended = db.session.scalar(update(WorkshopDowntime).where(*still).values(values).returning(WorkshopDowntime.id))
        if ended is not None:
            audit.record("workshop_up", "workshop", down.workshop_id, actor_id=actor.user_id)
    return down.workshop_id


def said(workshop: Workshop) -> str:
    """Why a workshop is not to be counted on, for lists and checks; empty when it is."""
    down = workshop.downtime
    return f"از {jalali.short(down.starts_on)} خارج از کار است: {down.reason}" if down else ""


# -- Support -----------------------------------------------------------------------


def _workshop(actor: Actor, workshop_id: int) -> Workshop:
    query = select(Workshop).where(Workshop.id == workshop_id)
    query = query.options(joinedload(Workshop.place), joinedload(Workshop.downtime))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_NO_SUCH)
    if actor.level is not Level.CENTER or not actor.covers(found.unit_id, found.place.province_id):
        raise OutsideTerritory("workshop", workshop_id)
    return found


def _refuse_twice_down(workshop_id: int, starts_on: date) -> None:
    """Days are counted once: a new downtime begins after the last one has ended."""
    last = exists().where(WorkshopDowntime.workshop_id == workshop_id, WorkshopDowntime.ends_on >= starts_on)
    if db.session.scalar(select(last)):
        raise DomainError(
            "در این روز کارگاه یک بار خارج از کار شده بود؛ روزی پس از پایان آن بنویسید", field="starts_on"
        )
