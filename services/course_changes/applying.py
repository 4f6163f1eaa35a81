"""Carrying a change out: the course gets its new values or ends, and nobody loses a seat or a rial by it.

Order of locks, as everywhere: the change, what the course stands on, persons, purses, courses by their number.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Update, case, select, update

from models import ChangeKind, ChangeState, Course, CourseChange, CourseStatus, EndCause, Enrollment, db, utcnow
from services import courses, labels, messages, policy, text
from services.access import Actor
from services.changes import encode
from services.course_changes import reading, steps
from services.course_changes.values import BEFORE, LIVE, PLAN, TOLD, changeable, lacking, wished, with_place
from services.courses import completeness, schedule, wording
from services.enrollment import moving
from services.enrollment.moving import Leaving, Unsettled
from services.errors import Conflict, DomainError, NotAllowed
from services.transaction import atomic
from services.waiting import offering

CANCELED = "دورهٔ «{title}» برگزار نمی‌شود."
SMALLER = "ظرفیت دورهٔ «{title}» کم شد و شما در آن جا ندارید."


def hold(course: Course, values: Mapping[str, Any]) -> None:
    """Keep what the course would stand on with these values until the transaction ends."""
    completeness.hold(wished(course, with_place(values)))


def at_once(actor: Actor, course: Course, values: Mapping[str, Any]) -> None:
    """What harms nobody, in the live version, with its event; what it stands on is held."""
    pairs = {name: [encode(getattr(course, name)), encode(new)] for name, new in values.items()}
    if not _write(course, with_place(values), left=0):
        raise Conflict(steps.who_was_faster(course, actor))
    steps.note(actor, course, "change", changes=pairs)


def carry_out(actor: Actor, change: CourseChange) -> None:
    """Do what has been approved, in the transaction of the approval.

    Raises:
        DomainError: it cannot be any more; the sentence says why.
        Unsettled: people came or went meanwhile.
    """
    course = courses.get(actor, change.course_id)
    if change.kind is ChangeKind.EDIT:
        _edit(actor, change, course)
    else:
        end(actor, change, course)


# -- New values ------------------------------------------------------------------------


def _edit(actor: Actor, change: CourseChange, course: Course) -> None:
    wanted = reading.wanted_of(change)
    _require_unmoved(change, course, wanted)
    stored = with_place(wanted)
    hold(course, wanted)
    if found := lacking(course, wanted, utcnow()):
        why = "؛ ".join(gap.text for gap in found)
        raise DomainError(f"این تغییر اکنون ممکن نیست: {why}. می‌توانید آن را برگردانید. چیزی تغییر نکرد.")
    leaving = _clear(actor, change, course, SMALLER)
    if not _write(course, stored, left=len(leaving.everybody) if leaving else 0, other=leaving):
        raise Unsettled
    if PLAN & set(wanted):
        schedule.rewrite_sessions(course, policy.today())
    steps.note(actor, course, "change", change.reason, change.wanted, decided=True)


def _require_unmoved(change: CourseChange, course: Course, wanted: Mapping[str, Any]) -> None:
    """The live version still has what was to be changed, and may still be changed."""
    if course.status not in LIVE or not set(wanted) <= changeable(course):
        raise DomainError(
            f"این دوره اکنون «{labels.STATUS[course.status]}» است و این تغییر دیگر در آن ممکن نیست. آن را نپذیرید یا "
            "برگردانید؛ چیزی تغییر نکرد."
        )
    moved = [name for name, (old, _) in change.wanted.items() if encode(getattr(course, name)) != old]
    if moved:
        names = "، ".join(wording.FIELD.get(name, name) for name in moved)
        raise DomainError(
            f"دوره پس از این درخواست تغییر کرده است ({names}). درخواست را برگردانید تا مرکز دوباره ببیند؛ چیزی تغییر "
            "نکرد."
        )


def _write(course: Course, values: Mapping[str, Any], *, left: int, other: Leaving | None = None) -> bool:
    """The conditional UPDATE of the course, and the seats elsewhere; False: somebody was faster."""
    conditions = [Course.id == course.id, Course.status == course.status, Course.version == course.version]
    if values.get("capacity_max") is not None:
        room = values["capacity_max"] - Course.taken + left
        conditions.append(room >= 0)
        values = {**values, "held": case((Course.held > room, room), else_=Course.held)}

    def write() -> bool:
        turn = update(Course).where(*conditions)
        turn = turn.values(version=Course.version + 1, taken=Course.taken - left, **values)
        return _written(turn, course)

    return _in_order(course, write, other)


def _written(turn: Update, course: Course) -> bool:
    """Whether a conditional UPDATE has written the course, whose waiting list then fits its new values."""
    options = {"synchronize_session": False, "populate_existing": True}
    if db.session.scalar(turn.returning(Course), execution_options=options) is None:
        return False
    offering.settle_locked(course)
    return True


def _in_order(course: Course, write: Callable[[], bool], leaving: Leaving | None) -> bool:
    """Both courses by their numbers, so that two merges into each other never wait in a ring."""
    if leaving is None or leaving.other is None or not leaving.moving:
        return write()
    is_first, count = course.id < leaving.other.id, len(leaving.moving)
    if not is_first:
        moving.seat(leaving.other, count)
    written = write()
    if is_first and written:
        moving.seat(leaving.other, count)
    return written


# -- The end of a course -----------------------------------------------------------------


def end(actor: Actor, change: CourseChange, course: Course) -> None:
    """Cancel a course, whoever is in it: into the other course, or out with their credit back.

    Source: docs/rules.md R-54, R-384.
    """
    if course.status not in BEFORE:
        raise DomainError(
            f"این دوره اکنون «{labels.STATUS[course.status]}» است و لغو نمی‌شود. درخواست را نپذیرید؛ چیزی تغییر نکرد."
        )
    source = course.status
    leaving = _clear(actor, change, course, CANCELED)
    left = len(leaving.everybody) if leaving else 0

    def write() -> bool:
        wanted = (Course.id == course.id, Course.status == source, Course.version == course.version)
        turn = update(Course).where(*wanted, Course.taken == left)
        gone = {"taken": 0, "held": 0, "version": Course.version + 1, "level_since": utcnow()}
        turn = turn.values(status=CourseStatus.CANCELED, **gone)
        return _written(turn, course)

    if not _in_order(course, write, leaving):
        raise Unsettled
    _note_end(actor, change, course, source)


def _note_end(actor: Actor, change: CourseChange, course: Course, source: CourseStatus) -> None:
    into = f" ادغام در دورهٔ {text.persian_digits(change.other_course.code)}." if change.other_course else ""
    steps.note(actor, course, "cancel", f"{change.reason}{into}"[:1000], source=source, decided=True)


def _clear(actor: Actor, change: CourseChange, course: Course, why: str) -> Leaving | None:
    """Settle everybody for whom there is no seat after the change."""
    keep = reading.seats_after(change)
    if keep is None:
        return None
    moving.hold(course, keep)
    other = change.other_course
    if other is not None:
        db.session.refresh(other)
    leaving = moving.look(course, other, keep)
    cause = EndCause.CENTER if change.kind is ChangeKind.EDIT else EndCause.COURSE_CANCELED
    moving.settle(actor.user_id, course, leaving, why.format(title=course.title), cause=cause)
    return leaving


# -- Telling those who stay --------------------------------------------------------------


def tell(actor: Actor, change_id: int) -> int:
    """Owe everybody who was enrolled before the change an SMS about it, once each; returns how many.

    Source: docs/rules.md R-386.
    """
    with atomic():
        change = reading.get(actor, change_id, lock=True)
        if not reading.tells(actor, change):
            raise NotAllowed("خبر دادن به ثبت‌نام‌شدگان کار همان مرکز یا بررس است. پیامی فرستاده نشد.")
        if change.state is not ChangeState.DONE or change.kind is not ChangeKind.EDIT:
            raise DomainError("خبر دادن پس از اعمال تغییر ممکن است. پیامی فرستاده نشد.")
        body = _news(change)
        if not body:
            return 0
        rows = db.session.execute(select(Enrollment.id, Enrollment.person_id).where(*reading.told_where(change))).all()
        for row in rows:
            key = f"change:{change.id}:{row.id}"
            messages.tell(row.person_id, "course_changed", body, cause_key=key, enrollment_id=row.id)
        if rows:
            steps.note(actor, change.course, "told", f"{text.persian_digits(len(rows))} نفر")
    return len(rows)


def _news(change: CourseChange) -> str:
    """When and where the course is now; empty when the change says nothing of either."""
    course, names = change.course, wording.names_in([change.wanted])
    parts = [
        f"{wording.FIELD[name]} {wording.show(name, change.wanted[name][1], names)}"
        for name in TOLD
        if name in change.wanted
    ]
    if not parts:
        return ""
    phone = f" پرسش: {text.persian_digits(course.unit.phone.replace('-', ''))}." if course.unit.phone else ""
    out = " اگر نمی‌توانید، تا پیش از شروع انصراف دهید." if course.status in BEFORE else ""
    return f"برنامهٔ دورهٔ «{course.title}» تغییر کرد: {'؛ '.join(parts)}.{out}{phone}"
