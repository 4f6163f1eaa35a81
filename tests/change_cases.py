"""Builders for changes of approved courses: courses with meetings and people in them, and who acts."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from models import (
    Account,
    Channel,
    Course,
    CourseStatus,
    DebitSource,
    Enrollment,
    EnrollmentStatus,
    LedgerTransfer,
    Person,
    Role,
    Unit,
    WaitlistEntry,
    WaitState,
    db,
    utcnow,
)
from services import course_changes, enrollment, ledger
from services.access import Actor
from services.course_changes import Wish
from services.courses import schedule
from tests import course_cases as cases
from tests import make

FEE = 50_000
S = CourseStatus


@dataclass(frozen=True)
class Staff:
    """Who has to do with the courses of one center."""

    unit: Unit
    clerk: Actor
    manager: Actor
    reviewer: Actor


def staff() -> Staff:
    make.tariff(FEE)
    unit = cases.center()
    here = (cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit))
    return Staff(unit, *here, cases.staff(Role.REVIEWER, cases.office()))


def live(unit: Unit, status: CourseStatus = S.OPEN, **over) -> Course:
    """An approved course with its meetings, which can be enrolled in while it is open; another workshop each time."""
    course = cases.at(status, unit, levels="center,province")
    room = make.workshop(unit, make.first(make.SkillStandard), title=f"کارگاه {course.id}")
    teacher = make.instructor(unit, make.first(type(make.field()), id=course.field_id))
    values = {"enroll_open_at": utcnow() - dt.timedelta(days=1), "workshop_id": room.id, "place_id": room.place_id,
              "instructor_id": teacher.id, **over}  # fmt: skip
    for name, value in values.items():
        setattr(course, name, value)
    db.session.commit()
    schedule.write_sessions(course, schedule.meetings(course))
    db.session.commit()
    return course


def application(course: Course, person: Person, payer: Person | None = None) -> enrollment.Application:
    """The form of one person, who pays unless somebody else does."""
    source = DebitSource.PORTAL_USER if payer else DebitSource.TRAINEE
    return enrollment.Application(
        form_key=str(uuid.uuid4()), course_id=course.id, person_id=person.id, channel=Channel.SELF,
        debit_source=source, payer=ledger.owner_of(payer or person),
    )  # fmt: skip


def enroll(course: Course, person: Person | None = None, payer: Person | None = None) -> int:
    """One person more in the course, with the money that it takes; the id of the enrollment."""
    person = person or make.person()
    purse = payer or person
    if ledger.balance(*ledger.owner_of(purse)) < FEE:
        make.purse(purse, FEE)
    return enrollment.enroll(application(course, person, payer)).enrollment_id


def fill(course: Course, count: int) -> list[int]:
    return [enroll(course) for _ in range(count)]


def wish(course: Course, reason: str = "کمبود متقاضی", other: Course | None = None, **values) -> Wish:
    """What a form of the page as it is now asks for."""
    now = db.session.get_one(Course, course.id, populate_existing=True)
    kept = {name: getattr(now, name) for name in course_changes.changeable(now)}
    return Wish(now.version, kept | values, reason, other.id if other else None)


def key() -> str:
    return str(uuid.uuid4())


def through(people: Staff, change_id: int):
    """Approved by every level."""
    for who in (people.manager, people.reviewer):
        version = course_changes.get(who, change_id).version
        done = course_changes.decide(who, change_id, version, "approve")
    return done


def is_active(enrollment_id: int) -> bool:
    row = db.session.get_one(Enrollment, enrollment_id, populate_existing=True)
    return row.status is EnrollmentStatus.ACTIVE


def balance_of(enrollment_id: int) -> int:
    """What the purse holds that paid for this enrollment."""
    row = db.session.get_one(Enrollment, enrollment_id)
    return db.session.get_one(Account, row.payer_account_id, populate_existing=True).balance


def odd() -> list[str]:
    """What is wrong with seats and money, over the whole database; nothing when all is well (I1 to I3)."""
    db.session.rollback()
    db.session.expire_all()
    found = []
    active = dict(db.session.execute(
        select(Enrollment.course_id, func.count()).where(Enrollment.status == "active").group_by(Enrollment.course_id)
    ).all())  # fmt: skip
    offers = dict(db.session.execute(
        select(WaitlistEntry.course_id, func.count()).where(WaitlistEntry.state == WaitState.OFFERED)
        .group_by(WaitlistEntry.course_id)
    ).all())  # fmt: skip
    for course in db.session.scalars(select(Course)):
        if course.held != offers.get(course.id, 0) or course.taken + course.held > (course.capacity_max or 0):
            found.append(f"course {course.id} holds {course.held} seats, and {offers.get(course.id, 0)} are offered")
        if course.taken != active.get(course.id, 0) or course.taken > (course.capacity_max or 0):
            found.append(f"course {course.id} has {course.taken}, and {active.get(course.id, 0)} are in it")
        if course.status is S.CANCELED and course.taken:
            found.append(f"course {course.id} was canceled with {course.taken} in it")
    sums = dict(db.session.execute(text("SELECT account_id, SUM(amount) FROM ledger_entry GROUP BY account_id")).all())
    for purse in db.session.scalars(select(Account).where(Account.owner_kind != "system")):
        if purse.balance != sums.get(purse.id, 0) or purse.balance < 0:
            found.append(f"purse {purse.id} has {purse.balance}")
    moves = select(LedgerTransfer.enrollment_id, LedgerTransfer.kind, func.count(), func.sum(LedgerTransfer.amount))
    moved = {(row[0], row[1].value): (row[2], row[3]) for row in db.session.execute(
        moves.where(LedgerTransfer.enrollment_id > 0).group_by(LedgerTransfer.enrollment_id, LedgerTransfer.kind)
    )}  # fmt: skip
    for each in db.session.scalars(select(Enrollment)):
        paid = (1, each.fee_rials) if each.fee_rials else None
        back = paid if each.status is EnrollmentStatus.CANCELED else None
        if (moved.get((each.id, "debit")), moved.get((each.id, "refund"))) != (paid, back):
            found.append(f"enrollment {each.id} is {each.status}, with {moved.get((each.id, 'debit'))} paid")
    debit = aliased(LedgerTransfer)
    refunds = select(LedgerTransfer.id).where(LedgerTransfer.kind == "refund")
    refunds = refunds.join(debit, (debit.enrollment_id == LedgerTransfer.enrollment_id) & (debit.kind == "debit"))
    nameless = db.session.scalars(refunds.where(LedgerTransfer.opposes_id.is_distinct_from(debit.id)))
    found += [f"refund {each} does not name the debit that it undoes" for each in nameless]
    return found
