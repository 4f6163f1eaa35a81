"""Going into the line for a full course, leaving it, and being let in before one's turn."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from models import Channel, Course, Enrollment, EnrollmentStatus, Person, WaitlistEntry, WaitState, db, utcnow
from services import audit, codes, text
from services.access import Actor, Visitor
from services.enrollment import commit, wording
from services.enrollment.refusals import AlreadyEnrolled, CourseNotOpen, FormUsed
from services.errors import Conflict, DomainError, NotFound
from services.sql import add_once
from services.transaction import atomic, retried
from services.waiting import offering, reading, telling
from services.waiting.offering import STANDING, Locked

MOST = "waitlist_most"
LONGEST_REASON = 300


class HasRoom(Conflict):
    """Nobody waits for what is there."""

    def __init__(self) -> None:
        super().__init__("این دوره همین حالا جای خالی دارد و انتظار لازم نیست. ثبت‌نام کنید.")


@dataclass(frozen=True)
class Place:
    """Where somebody stands: `place` from 1 on, 0 where they have an offer or are out of the line by now.

    `is_new` is False where they stood there before.
    """

    entry_id: int
    state: WaitState
    place: int
    is_new: bool

    @property
    def said(self) -> str:
        """«نفر ۳ در فهرست انتظار», or what the place has become."""
        if self.state is WaitState.WAITING:
            return f"نفر {text.persian_digits(self.place)} در فهرست انتظار"
        return "صاحب پیشنهاد یک جا" if self.state is WaitState.OFFERED else "بیرون از فهرست انتظار"


@dataclass(frozen=True)
class Asking:
    """Who goes into which line, by which form and through which channel; `actor` is the staff who puts them there.

    `unit_id` is the counter office that does it.
    """

    form_key: str
    course_id: int
    person_id: int
    channel: Channel
    actor_id: int | None = None
    unit_id: int | None = None


def join_self(person: Visitor, course_code: str, form_key: str) -> Place:
    """The signed-in person goes into the line of the course with this code.

    Raises:
        NotFound, and as `join`.
    """
    course_id = db.session.scalar(select(Course.id).where(Course.code == codes.read_course_code(course_code)))
    if course_id is None:
        raise NotFound("دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید.")
    return join(Asking(form_key, course_id, person.id, Channel.SELF))


@retried
def join(asking: Asking) -> Place:
    """The last place of the line; the same person again keeps the one they have.

    Raises:
        CourseNotOpen, HasRoom, AlreadyEnrolled, NotEligible: there is nothing to wait for.
        DomainError: they wait in as many lines as the rule allows.

    Source: docs/rules.md R-621, R-625.
    """
    with atomic():
        db.session.execute(select(Person.id).where(Person.id == asking.person_id).with_for_update(key_share=True))
        if (standing := _standing_of(asking)) is not None:
            return standing
        _refuse_enrolled(asking)
        commit.check_eligible(asking.person_id, asking.course_id, asking.channel)
        seats = offering.settle(asking.course_id)
        if not seats.is_open:
            raise CourseNotOpen
        if seats.free > 0:
            raise HasRoom
        _refuse_too_many(asking, seats.course)
        return _add(asking, seats.course)


@retried
def leave(person: Visitor, entry_id: int) -> bool:
    """The person gives their place or their offer up, and the next one gets it; False: it was over before.

    Raises:
        NotFound, OutsideTerritory: it is not theirs.
    """
    reading.own(person, entry_id)
    with atomic():
        return _leave(entry_id)


@retried
def remove(actor: Actor, entry_id: int, reason: str) -> bool:
    """Staff of the course's unit take somebody out of the line, who is told; False: it was over before.

    Raises:
        NotFound, OutsideTerritory: it is another unit's. DomainError: no reason.
    """
    said = _said(reason)
    with atomic():
        entry = reading.of_unit(actor, entry_id)
        if not _leave(entry_id):
            return False
        telling.removed(entry)
        audit.record("waitlist_removed", reading.SUBJECT, entry_id, actor_id=actor.user_id, reason=said)
    return True


@retried
def let_ahead(actor: Actor, entry_id: int, reason: str) -> bool:
    """The manager puts somebody before all who wait, with a reason that stays; False: they stand there already.

    Nobody who has an offer loses it. Of several who were let ahead, whoever joined first is first.

    Raises:
        NotFound, OutsideTerritory: it is another unit's. NotAllowed: not the manager. DomainError: no reason.
        Conflict: they do not wait any more.

    Source: docs/rules.md R-626.
    """
    said = _said(reason)
    with atomic():
        entry = reading.to_let_ahead(actor, entry_id)
        offering.settle(entry.course_id)
        ahead = update(WaitlistEntry).where(
            WaitlistEntry.id == entry_id, WaitlistEntry.state == WaitState.WAITING, WaitlistEntry.ahead_by_id.is_(None)
        )
        ahead = ahead.values(ahead_reason=said, ahead_by_id=actor.user_id, version=WaitlistEntry.version + 1)
        done = ahead.returning(WaitlistEntry.id).execution_options(synchronize_session=False)
        if db.session.scalar(done) is None:
            return _stood_ahead(entry_id)
        audit.record("waitlist_let_ahead", reading.SUBJECT, entry_id, actor_id=actor.user_id, reason=said)
        offering.settle(entry.course_id)
    return True


# -- Support -----------------------------------------------------------------------


def _standing_of(asking: Asking) -> Place | None:
    """Where the person stands already, or what this very form has made, whatever became of that."""
    mine = (WaitlistEntry.course_id == asking.course_id, WaitlistEntry.person_id == asking.person_id)
    found = select(WaitlistEntry.id, WaitlistEntry.state)
    found = found.where(*mine, or_(STANDING, WaitlistEntry.form_key == asking.form_key))
    row = db.session.execute(found.order_by(WaitlistEntry.id.desc()).limit(1)).first()
    return row and Place(row.id, row.state, reading.place_of(row.id), is_new=False)


def _refuse_enrolled(asking: Asking) -> None:
    standing = select(Enrollment.tracking_code).where(
        Enrollment.course_id == asking.course_id,
        Enrollment.person_id == asking.person_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    if (tracking_code := db.session.scalar(standing)) is not None:
        raise AlreadyEnrolled(tracking_code, wording.of(asking.channel))


def _refuse_too_many(asking: Asking, course: Locked) -> None:
    most = course.rule(MOST)
    lines = select(func.count()).select_from(WaitlistEntry).where(WaitlistEntry.person_id == asking.person_id, STANDING)
    if most and (db.session.scalar(lines) or 0) >= most:
        raise DomainError(
            f"هم‌زمان در بیش از {text.persian_digits(most)} فهرست انتظار نمی‌توان بود. از یکی از آن‌ها بیرون بیایید و "
            "دوباره تلاش کنید."
        )


def _add(asking: Asking, course: Locked) -> Place:
    entry_id = add_once(
        WaitlistEntry,
        form_key=asking.form_key,
        course_id=asking.course_id,
        person_id=asking.person_id,
        province_id=course.row.province_id,
        unit_id=asking.unit_id or course.row.unit_id,
        state=WaitState.WAITING,
        channel=asking.channel,
        joined_by_id=asking.actor_id,
    )
    if entry_id is None:  # the key of a form that has led elsewhere
        raise FormUsed
    place = Place(entry_id, WaitState.WAITING, reading.place_of(entry_id), is_new=True)
    if asking.channel is not Channel.SELF:
        telling.joined(course, asking.person_id, entry_id, place.place)
    return place


def _leave(entry_id: int) -> bool:
    """Out of the line; a seat that was offered goes to the next one."""
    course_id = db.session.scalar(select(WaitlistEntry.course_id).where(WaitlistEntry.id == entry_id)) or 0
    offering.settle(course_id)
    if not offering.end([entry_id], WaitState.LEFT, utcnow()):
        return False
    offering.settle(course_id)
    return True


def _said(reason: str) -> str:
    said = text.clean(reason)[:LONGEST_REASON]
    if not said:
        raise DomainError("دلیل را بنویسید؛ در تاریخچه می‌ماند", field="reason")
    return said


def _stood_ahead(entry_id: int) -> bool:
    entry = db.session.get_one(WaitlistEntry, entry_id, populate_existing=True)
    if entry.state is WaitState.WAITING:
        return False
    raise Conflict("این نفر دیگر در فهرست انتظار نیست: جا گرفته، پیشنهاد گرفته یا بیرون آمده است. چیزی تغییر نکرد.")
