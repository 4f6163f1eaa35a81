"""Self-enrollment: a signed-in person, one page that asks «are you …?», one press."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Channel, Course, DebitSource, Enrollment, Person, Unit, Workshop, db, utcnow
from services import courses, ledger, tariffs
from services.enrollment import commit, slips
from services.enrollment.commit import Application, Outcome
from services.errors import NotFound
from services.jalali import tehran_today


@dataclass(frozen=True)
class Offer:
    """What the confirmation page shows; `standing` is the enrollment that exists already."""

    course: Course
    fee_rials: int
    balance: int
    standing: Enrollment | None

    @property
    def is_enough(self) -> bool:
        return self.balance >= self.fee_rials


def offer(person: Person, course_code: str) -> Offer:
    """The course, the fee and the person's own credit.

    Raises:
        NotFound: no public course has this code.
    """
    now = utcnow()
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, Unit.kind, tehran_today(now)).correlate(Unit).scalar_subquery()
    query = (
        select(Course, fee)
        .join(Course.unit)
        .where(Course.code == course_code, courses.public_where(now))
        .options(joinedload(Course.unit), joinedload(Course.workshop).joinedload(Workshop.place))
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound("دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید.")
    course, amount = row
    balance = ledger.balance(*ledger.owner_of(person))
    standing = slips.standing(person, course.id)
    return Offer(course, tariffs.sure(amount, tariffs.ENROLL_CREDIT), balance, standing)


def enroll(person: Person, course_code: str, form_key: str) -> Outcome:
    """Enroll the signed-in person, paying from the own purse.

    Raises:
        NotFound, and every refusal of `commit.enroll`.
    """
    course_id = db.session.scalar(select(Course.id).where(Course.code == course_code))
    if course_id is None:
        raise NotFound("دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید.")
    return commit.enroll(
        Application(
            form_key=form_key,
            course_id=course_id,
            person_id=person.id,
            channel=Channel.SELF,
            debit_source=DebitSource.TRAINEE,
            payer=ledger.owner_of(person),
        )
    )
