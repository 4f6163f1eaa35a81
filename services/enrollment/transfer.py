"""One person goes from a course that has not begun to another one, with the payment they have made."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import Course, Enrollment, EnrollmentStatus, Person, TargetGroup, db
from services import courses, policy, submissions, tariffs, territory, text
from services.access import Actor
from services.enrollment import moving
from services.enrollment.moving import TAKES, Unsettled
from services.errors import Conflict, DomainError, NotAllowed
from services.transaction import atomic, retried
from services.waiting import offering

LONGEST_REASON = 300
_NO_SUCH = "این ثبت‌نام پیدا نشد. از فهرست ثبت‌نام‌شدگان دوره شروع کنید."
_WHY = "ثبت‌نام شما در دورهٔ «{title}» به دورهٔ دیگری برده شد."


def get(actor: Actor, enrollment_id: int) -> Enrollment:
    """An enrollment in a course of the actor's units, as it is now, with person and course.

    Raises:
        OutsideTerritory, NotFound: it is not theirs, or there is none.
    """
    query = select(Enrollment, courses.visible_to(actor)).join(Enrollment.course)
    query = query.where(Enrollment.id == enrollment_id).options(
        contains_eager(Enrollment.course).joinedload(Course.unit), joinedload(Enrollment.person)
    )
    return territory.only(query, "enrollment", enrollment_id, _NO_SUCH)


def may_move(actor: Actor, course: Course) -> bool:
    """Whether this person moves people out of a course: staff of its unit, until the day before it begins."""
    return course.unit_id in courses.reading.units_of_staff(actor) and _leaves(course)


def targets(course: Course, limit: int = 50) -> Sequence[Course]:
    """Courses with a seat that have not begun: of the standard in the province, and of the unit; near ones first."""
    other = aliased(Course)
    same = other.standard_id == course.standard_id
    wanted = (
        or_(same, other.unit_id == course.unit_id),
        other.province_id == course.province_id,
        other.status.in_(TAKES),
        other.start_on > policy.today(),
        courses.has_room(other),
        other.id != course.id,
    )
    near = (~same, other.unit_id != course.unit_id, other.county_id != course.county_id, other.start_on, other.id)
    query = select(other).where(*wanted).order_by(*near).limit(limit)
    return db.session.scalars(query.options(joinedload(other.unit))).all()


@retried
def move(actor: Actor, form_key: str, enrollment_id: int, other_id: int | None, reason: str) -> Enrollment:
    """Give the person the seat in the other course in place of theirs; the new enrollment. A repeat finds the first.

    What was paid goes back to its purse and is taken from it again, so that nothing changes there; a course whose
    enrollment costs something else is refused.

    Raises:
        OutsideTerritory, NotFound: as `get`.
        NotAllowed: the actor is not of the unit's staff, or the course has begun.
        Conflict: the person is not in the course any more.
        DomainError: no reason, no such course, or a rule of enrolling speaks against it.

    Source: docs/rules.md R-422.
    """
    said = text.clean(reason)[:LONGEST_REASON]
    if not said:
        raise DomainError("دلیل را بنویسید؛ در تاریخچهٔ ثبت‌نام می‌ماند", field="reason")
    return moving.settled(partial(_move, actor, form_key, enrollment_id, other_id, said))


def _move(actor: Actor, form_key: str, enrollment_id: int, other_id: int | None, reason: str) -> Enrollment:
    with atomic():
        row = get(actor, enrollment_id)
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return get_any(submissions.id_of(place, "enrollment"))
        _require(actor, row)
        other = _target(row, other_id)
        db.session.execute(select(Person.id).where(Person.id == row.person_id).with_for_update(key_share=True))
        leaving = moving.look_at(row.course, other, enrollment_id)
        if leaving.reasons:
            raise DomainError("، ".join(leaving.reasons), field="other")
        moving.settle(actor.user_id, row.course, leaving, _WHY.format(title=row.course.title), reason)
        if not leaving.moving:
            raise Unsettled
        for course_id in sorted((row.course_id, other.id)):
            _free(course_id) if course_id == row.course_id else moving.seat(other, 1)
        new_id = db.session.scalar(select(Enrollment.id).where(Enrollment.moved_from_id == enrollment_id))
        submissions.finish(form_key, f"enrollment:{new_id}")
        return get_any(new_id or 0)


# -- Support -----------------------------------------------------------------------


def get_any(enrollment_id: int) -> Enrollment:
    """An enrollment with its course, in whatever unit that is."""
    whole = [joinedload(Enrollment.course).joinedload(Course.unit), joinedload(Enrollment.person)]
    return db.session.get_one(Enrollment, enrollment_id, options=whole)


def _leaves(course: Course) -> bool:
    return course.status in TAKES and course.start_on is not None and course.start_on > policy.today()


def _require(actor: Actor, row: Enrollment) -> None:
    if row.course.unit_id not in courses.reading.units_of_staff(actor):
        raise NotAllowed("جابه‌جایی ثبت‌نام‌شده را کارشناس یا مدیر مرکز همان دوره انجام می‌دهد. چیزی تغییر نکرد.")
    if not _leaves(row.course):
        raise NotAllowed("جابه‌جایی تا پیش از شروع دوره ممکن است. چیزی تغییر نکرد.")
    if row.status is not EnrollmentStatus.ACTIVE:
        raise Conflict("این ثبت‌نام در این میان لغو یا جابه‌جا شده است. چیزی دوباره تغییر نکرد.")


def _target(row: Enrollment, other_id: int | None) -> Course:
    found = next((each for each in targets(row.course, 1000) if each.id == other_id), None)
    if found is None:
        why = "این دوره دیگر جای خالی ندارد یا لغو یا آغاز شده است؛ دورهٔ دیگری انتخاب کنید"
        raise DomainError(why if other_id else "دورهٔ مقصد را انتخاب کنید", field="other")
    _refuse_another_fee(row, found)
    return found


def _refuse_another_fee(row: Enrollment, other: Course) -> None:
    """Both courses must cost this person the same today; who is free by their group pays in neither."""
    kinds = [(each.unit.kind, each.delivery) for each in (row.course, other)]
    group = db.session.get(TargetGroup, row.target_group_id) if row.target_group_id else None
    if kinds[0] == kinds[1] or (group and group.is_fee_exempt):
        return
    today = policy.today()
    of_person = group.code if group else None, tariffs.decile_of(row.person_id, today)
    here, there = (
        tariffs.amount_rials(tariffs.ENROLL_CREDIT, tariffs.Keys(*kind, *of_person), today) for kind in kinds
    )
    if here != there:
        raise DomainError(
            f"هزینهٔ ثبت‌نام این شخص در {other.unit.title} {text.rial(there)} است و در این دوره {text.rial(here)}؛ "
            "جابه‌جایی اعتبار را تغییر نمی‌دهد. انصراف بدهند و آن‌جا ثبت‌نام کنند",
            field="other",
        )


def _free(course_id: int) -> None:
    """The seat that is left; by one condition, so that a course that has just begun keeps everybody.

    Raises:
        Unsettled: it has begun or ended meanwhile.
    """
    wanted = (Course.id == course_id, Course.status.in_(TAKES), Course.start_on > policy.today(), Course.taken > 0)
    leaving = update(Course).where(*wanted).values(taken=Course.taken - 1).returning(*offering.COLUMNS)
    row = db.session.connection().execute(leaving).first()
    if row is None:
        raise Unsettled
    offering.settle_locked(row)
