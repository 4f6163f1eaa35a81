"""Everybody who has to leave a course together: into another one, or out of it with their credit given back.

Works inside the transaction that cancels, merges or shrinks the course, in the one order of locks: persons, purses,
courses. What was read before the last of them is asked again there.
"""

import hashlib
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, Select, case, select, update

from models import (
    Course,
    CourseStatus,
    DebitSource,
    EndCause,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Person,
    Unit,
    db,
    utcnow,
)
from services import codes, courses, jalali, ledger, messages, policy, text
from services.enrollment import eligibility
from services.enrollment.eligibility import Typed
from services.enrollment.rules import Said
from services.errors import Conflict
from services.sql import add_many, add_once
from services.waiting import offering

TRIES = 12
R = TypeVar("R")
TAKES = (CourseStatus.APPROVED, CourseStatus.OPEN, CourseStatus.CLOSED)
NO_SEAT = "در دورهٔ مقصد جای خالی نمانده است"
LET_IN = "در دورهٔ پیشین پذیرفته شده است"
ENROLLED_THERE = "پیش‌تر در دورهٔ مقصد ثبت‌نام شده است"


class Unsettled(Exception):
    """Somebody enrolled, withdrew or took a seat meanwhile; nothing may be stored, and a fresh look will do."""


@dataclass(frozen=True)
class Leaving:
    """What becomes of those who leave: who goes to `other`, and who gets the credit back and why."""

    other: Course | None
    moving: Sequence[Row[Any]]
    returning: Sequence[tuple[Row[Any], str]]

    @property
    def everybody(self) -> list[Row[Any]]:
        return sorted([*self.moving, *(row for row, _ in self.returning)], key=lambda row: row.id)

    @property
    def reasons(self) -> dict[str, int]:
        """Why people cannot go to the other course, and how many; nothing where no other course was named."""
        found: dict[str, int] = {}
        for _, why in self.returning:
            if why:
                found[why] = found.get(why, 0) + 1
        return found

    @property
    def rials(self) -> int:
        """What goes back to those who paid."""
        return sum(row.fee_rials for row, _ in self.returning)


def settled(work: Callable[[], R]) -> R:
    """The answer of work that begins anew while people come and go in the course; nothing is left of a try that fails.

    Raises:
        Conflict: it never stood still.
    """
    for _ in range(TRIES):
        try:
            return work()
        except Unsettled:
            continue
    raise Conflict("در همین لحظه‌ها کسانی در این دوره یا دورهٔ مقصد ثبت‌نام می‌کنند. دوباره تلاش کنید؛ چیزی تغییر نکرد.")


# -- Who -----------------------------------------------------------------------------


def look(course: Course, other: Course | None, keep: int = 0) -> Leaving:
    """What would become of everybody who enrolled after the first `keep`; to look at, and to act on under locks.

    Source: docs/rules.md R-385.
    """
    return _split(course, other, db.session.execute(_active(course.id).offset(keep)).all())


def look_at(course: Course, other: Course, enrollment_id: int) -> Leaving:
    """The same for one person who leaves the others behind; nobody where they are not in the course any more."""
    return _split(course, other, db.session.execute(_active(course.id).where(Enrollment.id == enrollment_id)).all())


def _split(course: Course, other: Course | None, rows: Sequence[Row[Any]]) -> Leaving:
    if other is None or not rows:
        return Leaving(other, [], [(row, "") for row in rows])
    bars = _bars(course, other, rows)
    free = [row for row in rows if row.id not in bars]
    seats = max(0, other.seats_left)
    bars |= {row.id: NO_SEAT for row in free[seats:]}
    return Leaving(other, free[:seats], [(row, bars[row.id]) for row in rows if row.id in bars])


def hold(course: Course, keep: int = 0) -> None:
    """Lock everybody who has to leave, in one order, before it is decided where each goes."""
    whose = _active(course.id).offset(keep).with_only_columns(Enrollment.person_id).subquery()
    query = select(Person.id).where(Person.id.in_(select(whose.c.person_id))).order_by(Person.id)
    db.session.execute(query.with_for_update(key_share=True))


def _active(course_id: int) -> Select[*tuple[Any, ...]]:
    person = (Person.gender, Person.birth_date, Person.is_alive, Person.schooling)
    paid = (Enrollment.payer_account_id, Enrollment.debit_source, Enrollment.fee_rials, Enrollment.fee_reason)
    kept = (Enrollment.channel, Enrollment.target_group_id, Enrollment.group_evidence, Enrollment.tracking_code)
    query = select(Enrollment.id, Enrollment.person_id, Enrollment.unit_id, *person, *paid, *kept)
    query = query.join(Person, Person.id == Enrollment.person_id)
    active = (Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    # SQLite wants a limit where there is an offset; no course has so many seats.
    return query.where(*active).order_by(Enrollment.id).limit(100_000)


def _bars(course: Course, other: Course, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Why some cannot go to the other course, by enrollment; the rules are those of enrolling."""
    # What the standard asks to have been passed before was seen when they came into the first course, and so was that
    # they belong to the group that both courses are for.
    let_in = LET_IN if course.standard_id == other.standard_id else None
    group = course.target_group_id if course.target_group_id == other.target_group_id else None
    people = [Typed(row.person_id, row.gender, row.birth_date, row.is_alive, row.schooling) for row in rows]
    said = {row.person_id: Said(row.target_group_id or group, let_in) for row in rows}
    answers = eligibility.answer_each(people, eligibility.asked(other.id), said, leaves=course.id)
    against = {person_id: eligibility.against(found) for person_id, found in answers.items()}
    there = select(Enrollment.person_id).where(
        Enrollment.course_id == other.id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
        Enrollment.person_id.in_([row.person_id for row in rows]),
    )
    against |= {person_id: [ENROLLED_THERE] for person_id in db.session.scalars(there)}
    return {row.id: " ".join(against[row.person_id]) for row in rows if against.get(row.person_id)}


# -- What happens to them --------------------------------------------------------------


def settle(
    actor_id: int,
    course: Course,
    leaving: Leaving,
    why: str,
    reason: str = "",
    cause: EndCause = EndCause.COURSE_CANCELED,
) -> None:
    """End these enrollments, give every rial back, and make the new ones from the same purses at the same price.

    The seats come last: `seat` for the other course, and the caller's own condition for the one that is left.

    Args:
        why: the sentence with which everybody's message begins; it names nobody.
        reason: what the histories of these enrollments keep.
        cause: of those who leave with their credit; the others have moved.

    Raises:
        Unsettled: somebody is not there any more.

    Source: docs/rules.md R-384, R-385.
    """
    rows = leaving.everybody
    if not rows:
        return
    _end(rows, {row.id for row in leaving.moving}, cause)
    _pay_back(actor_id, rows)
    made = {row.id: _enroll(actor_id, course, leaving.other, row) for row in leaving.moving if leaving.other}
    for row in sorted(leaving.moving, key=_purse):
        _charge(actor_id, row, made[row.id][0])
    _note(actor_id, rows, made, reason)
    for row in rows:
        new = made.get(row.id)
        _tell(course, leaving.other if new else None, row, new, why)


def seat(other: Course, count: int) -> None:
    """Take the seats of those who come, by one condition in the database.

    Raises:
        Unsettled: they are not free any more, or the course takes nobody.
    """
    wanted = (Course.id == other.id, Course.status.in_(TAKES), Course.start_on > policy.today())
    taking = update(Course).where(*wanted, courses.has_room(count=count))
    taking = taking.values(taken=Course.taken + count).returning(*offering.COLUMNS)
    row = db.session.connection().execute(taking).first()
    if row is None:
        raise Unsettled
    offering.settle_locked(row)


def _end(rows: Collection[Row[Any]], moving: Collection[int], cause: EndCause) -> None:
    ending = update(Enrollment).where(
        Enrollment.id.in_([row.id for row in rows]), Enrollment.status == EnrollmentStatus.ACTIVE
    )
    causes = case((Enrollment.id.in_(moving), EndCause.MOVED.value), else_=cause.value)
    ending = ending.values(status=EnrollmentStatus.CANCELED, canceled_at=utcnow(), end_cause=causes)
    ending = ending.returning(Enrollment.id)
    ended = db.session.scalars(ending.execution_options(synchronize_session=False)).all()
    if len(ended) != len(rows):
        raise Unsettled


def _purse(row: Row[Any]) -> tuple[int, int]:
    return row.payer_account_id or 0, row.id


def _pay_back(actor_id: int, rows: Sequence[Row[Any]]) -> None:
    """Purse by purse in one order, so that two who do this at once never wait for each other in a ring."""
    paid = [row for row in sorted(rows, key=_purse) if row.fee_rials]
    ledger.give_back([(row.id, row.payer_account_id, row.fee_rials) for row in paid], actor_id)


def _enroll(actor_id: int, course: Course, other: Course, row: Row[Any]) -> tuple[int, str]:
    """The new enrollment and its tracking code; whoever enrolled a person for another unit goes on doing so."""
    code = codes.tracking_code()
    enrollment_id = add_once(
        Enrollment,
        form_key=str(uuid.uuid5(uuid.NAMESPACE_OID, f"moved {row.id}")),
        form_hash=_fingerprint(other.id, row),
        course_id=other.id,
        person_id=row.person_id,
        province_id=other.province_id,
        unit_id=other.unit_id if row.unit_id == course.unit_id else row.unit_id,
        created_by_id=actor_id,
        moved_from_id=row.id,
        payer_account_id=row.payer_account_id,
        target_group_id=row.target_group_id,
        group_evidence=row.group_evidence,
        tracking_code=code,
        channel=row.channel,
        debit_source=row.debit_source,
        fee_rials=row.fee_rials,
        fee_reason=row.fee_reason,
        status=EnrollmentStatus.ACTIVE,
    )
    if enrollment_id is None:  # the code had been drawn before, or the person has just enrolled there
        raise Unsettled
    return enrollment_id, code


def _fingerprint(course_id: int, row: Row[Any]) -> str:
    source = DebitSource(row.debit_source).value
    return hashlib.sha256(f"{course_id}|{row.person_id}|{source}".encode()).hexdigest()


def _charge(actor_id: int, row: Row[Any], enrollment_id: int) -> None:
    if row.fee_rials:
        ledger.earn(row.payer_account_id, row.fee_rials, ledger.debit(enrollment_id, actor_id))


def _note(actor_id: int, rows: Sequence[Row[Any]], made: dict[int, tuple[int, str]], reason: str) -> None:
    ended = [{"enrollment_id": row.id, "action": "moved" if row.id in made else "course_canceled"} for row in rows]
    begun = [{"enrollment_id": enrollment_id, "action": "moved_here"} for enrollment_id, _ in made.values()]
    add_many(EnrollmentEvent, [each | {"actor_id": actor_id, "reason": reason} for each in (*ended, *begun)])


# -- Telling them ----------------------------------------------------------------------


def _tell(course: Course, other: Course | None, row: Row[Any], new: tuple[int, str] | None, why: str) -> None:
    if other is None or new is None:
        back = f" {text.rial(row.fee_rials)} به اعتبار پرداخت‌کننده برگشت." if row.fee_rials else ""
        body = (
            f"{why} ثبت‌نام شما لغو شد.{back} {_asks(course.unit)} کد رهگیری: {text.persian_digits(row.tracking_code)}"
        )
        key = f"enrollment:{row.id}:canceled"
        messages.tell(row.person_id, "course_canceled", body, cause_key=key, enrollment_id=row.id)
        return
    start = f"، شروع {jalali.day_month_year(other.start_on)}" if other.start_on else ""
    body = (
        f"{why} شما به دورهٔ «{other.title}» در {other.unit.title}{start} منتقل شدید و چیزی از اعتبار کسر نشد. اگر "
        f"نمی‌خواهید، تا پیش از شروع انصراف دهید. {_asks(other.unit)} کد رهگیری تازه: {text.persian_digits(new[1])}"
    )
    messages.tell(row.person_id, "moved", body, cause_key=f"enrollment:{new[0]}:made", enrollment_id=new[0])


def _asks(unit: Unit) -> str:
    return f"پرسش: {text.persian_digits(unit.phone.replace('-', ''))}." if unit.phone else ""
