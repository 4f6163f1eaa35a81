"""In whose hand a waiting case is: what a claim counts for, and what is said of it."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, select, type_coerce
from sqlalchemy.orm import joinedload

from models import Course, CourseClaim, User, db, utcnow
from services import jalali, trail
from services.access import Actor
from services.errors import Conflict


def live(now: datetime) -> ColumnElement[bool]:
    """SQL: the claim is of the level where the course waits, of this waiting, and not over."""
    is_there = CourseClaim.level.concat("_review") == type_coerce(Course.status, String)
    since = CourseClaim.claimed_at >= Course.level_since
    return and_(CourseClaim.course_id == Course.id, is_there, since, CourseClaim.until > now)


def of(course_id: int, now: datetime) -> CourseClaim | None:
    """The claim on a case that holds at this moment, with who has it."""
    query = select(CourseClaim).join(Course, live(now)).where(Course.id == course_id)
    query = query.options(joinedload(CourseClaim.user).joinedload(User.person))
    return db.session.scalar(query.execution_options(populate_existing=True))


def now_of(course: Course) -> CourseClaim | None:
    """The same for a course that was read with its claim."""
    claim = course.claim
    if claim is None or f"{claim.level}_review" != course.status.value or claim.until <= utcnow():
        return None
    return claim if course.level_since is None or claim.claimed_at >= course.level_since else None


def require_free(actor: Actor, course: Course) -> None:
    """Refuse a decision on what a colleague has in hand.

    Raises:
        Conflict: who has it, since when and until when.
    """
    held = of(course.id, utcnow())
    if held is not None and held.user_id != actor.user_id:
        raise Conflict(f"{said(held)}. تصمیم شما ثبت نشد؛ اگر باید شما تصمیم بگیرید، پرونده را در دست بگیرید.")


def said(held: CourseClaim) -> str:
    """Who has a case, since when and until when."""
    since, until = (jalali.clock(jalali.tehran(at).time()) for at in (held.claimed_at, held.until))
    return f"{trail.name_of(held.user)} این پرونده را از ساعت {since} در دست دارد، تا {until}"
