"""Marks as devices send them: each counts once by its key, the one said last stands, and the center has the last word.

An instructor may be in a cellar without a line: a mark says how long ago it was made, by the device's own clock, and so
carries the time at which it was said however late it comes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from models import Attendance, AttendanceMark, Course, CourseSession, Presence, db, utcnow
from services import audit, jalali
from services.access import Actor, Level
from services.attendance import reading, sheets, wording
from services.attendance.sheets import Line
from services.errors import DomainError, NotAllowed
from services.text import clean
from services.transaction import atomic

MOST = 200  # marks of one sending
_KEY = "[0-9A-Za-z-]{8,36}"
_MANY = "این همه علامت در یک فرستادن جا نمی‌شود. صفحه را دوباره باز کنید."
_NOT_YOURS = "حضور و غیاب را مربی همان دوره ثبت و کارشناس یا مدیر همان مرکز تصحیح می‌کند. چیزی ثبت نشد."


@dataclass(frozen=True)
class Mark:
    """One mark as a person made it `age_s` seconds ago, where they had `seen` what stood before.

    `key` was made there, and comes again with every repeat.
    """

    key: str
    enrollment_id: int
    presence: Presence
    age_s: int = 0
    seen: Presence | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a mark: what stands now, whether it was taken in, and a sentence where there is one to say."""

    key: str
    enrollment_id: int
    stands: Presence | None
    is_taken: bool
    said: str = ""


@dataclass
class _Standing:
    """What stands in one line, since when and by whom; `is_new` where this sending says so."""

    presence: Presence
    said_at: datetime
    by: int
    is_new: bool = False


@dataclass(frozen=True)
class _Work:
    """One sending while it is done: the lines and what stands there by enrollment, and the marks to be written."""

    actor: Actor
    session: CourseSession
    course: Course
    lines: dict[int, Line]
    stands: dict[int, _Standing]
    until: date
    now: datetime
    marks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_center(self) -> bool:
        return self.actor.level is Level.CENTER

    def presence(self, enrollment_id: int) -> Presence | None:
        found = self.stands.get(enrollment_id)
        return found.presence if found else None


def record(actor: Actor, session_id: int, marks: Sequence[Mark], reason: str = "") -> list[Outcome]:
    """Write marks on the sheet of a meeting; a repeat of a key finds the first.

    Args:
        reason: why the center corrects; an instructor needs none.

    Raises:
        NotFound, OutsideTerritory: no meeting of a class of this actor.
        NotAllowed: the sheet is not this person's to mark.
        DomainError: its day has not come, or the reason is missing.

    Source: docs/rules.md R-272, R-273, R-274.
    """
    if len(marks) > MOST:
        raise DomainError(_MANY)
    with atomic():
        session, course = reading.meeting(actor, session_id, hold=True)
        reason = _checked(actor, session, course, reason)
        work, known = _begin(actor, session, course), _known(marks)
        once = {mark.key: mark for mark in sorted(marks, key=lambda mark: -mark.age_s)}
        told = [_one(work, mark, known.get(mark.key)) for mark in once.values()]
        _write(work, reason)
    return told


# -- One mark ----------------------------------------------------------------------


def _one(work: _Work, mark: Mark, earlier: AttendanceMark | None) -> Outcome:
    """What becomes of a mark, and what it leaves to be written."""
    line = work.lines.get(mark.enrollment_id)
    if line is None or not re.fullmatch(_KEY, mark.key):
        return _refused(work, mark, wording.NOT_OURS if line else wording.NOT_THERE)
    if earlier:
        return _repeated(work, mark, line, earlier)
    said_at, stands = _said_at(work, mark), work.presence(mark.enrollment_id)
    if not work.is_center and jalali.tehran_today(said_at) > work.until:
        return _refused(work, mark, wording.too_late(line.name, work.until))
    takes = _takes(work, mark, said_at)
    said = "" if stands in (None, mark.presence, mark.seen) else wording.replaced(line.name, stands, mark.presence)
    if takes:
        before = work.stands.get(mark.enrollment_id)
        said_at = max(said_at, before.said_at) if before else said_at
        work.stands[mark.enrollment_id] = _Standing(mark.presence, said_at, work.actor.user_id, is_new=True)
    elif stands is not mark.presence:
        said = _against(work, line)
    _note(work, mark, said_at, held=takes or stands is mark.presence)
    return Outcome(mark.key, mark.enrollment_id, work.presence(mark.enrollment_id), is_taken=True, said=said)


def _takes(work: _Work, mark: Mark, said_at: datetime) -> bool:
    """Whether a mark takes the place of what stands: the center's always, another's never, one's own if said later.

    It was said later, too, where its phone showed what stands: how long the line took may make it seem older.

    Source: docs/rules.md R-273.
    """
    stands = work.stands.get(mark.enrollment_id)
    if stands is None or work.is_center:
        return True
    return stands.by == work.actor.user_id and (stands.said_at <= said_at or mark.seen is stands.presence)


def _against(work: _Work, line: Line) -> str:
    """Why what stands stays as it is."""
    stands = work.stands[line.enrollment_id]
    if stands.by != work.actor.user_id:
        return wording.corrected(line.name, stands.presence)
    return wording.newer(line.name, stands.presence, jalali.clock(jalali.tehran(stands.said_at).time()))


def _refused(work: _Work, mark: Mark, why: str) -> Outcome:
    return Outcome(mark.key, mark.enrollment_id, work.presence(mark.enrollment_id), is_taken=False, said=why)


def _repeated(work: _Work, mark: Mark, line: Line, earlier: AttendanceMark) -> Outcome:
    """The first one, where this is the very same; with a sentence where somebody else has said something else since."""
    sent = (work.session.id, work.actor.user_id, mark.enrollment_id, mark.presence)
    if sent != (earlier.session_id, earlier.actor_id, earlier.enrollment_id, earlier.presence):
        return _refused(work, mark, wording.OTHER)
    stands = work.stands.get(mark.enrollment_id)
    is_others = stands is not None and stands.by != work.actor.user_id and stands.presence is not mark.presence
    said = _against(work, line) if is_others else ""
    return Outcome(mark.key, mark.enrollment_id, work.presence(mark.enrollment_id), is_taken=True, said=said)


def _said_at(work: _Work, mark: Mark) -> datetime:
    """When it was said: not before the day of the meeting and not after now, whatever a device believes."""
    first = jalali.from_tehran(work.session.on_date, time.min)
    return max(first, work.now - timedelta(seconds=max(0, min(mark.age_s, 10**8))))


# -- A sending ---------------------------------------------------------------------


def _checked(actor: Actor, session: CourseSession, course: Course, reason: str) -> str:
    """The reason as it is stored, when this person may mark the meeting now."""
    if actor.level is not Level.INSTRUCTOR and not reading.may_correct(actor, course):
        raise NotAllowed(_NOT_YOURS)
    if session.on_date > jalali.tehran_today(utcnow()):
        raise DomainError(wording.early(session.on_date))
    reason = clean(reason)
    if actor.level is Level.CENTER and not 3 <= len(reason) <= 300:
        raise DomainError("بنویسید چرا؛ از ۳ تا ۳۰۰ نویسه. مربی هم آن را می‌بیند", field="reason")
    return reason


def _begin(actor: Actor, session: CourseSession, course: Course) -> _Work:
    found = {line.enrollment_id: line for line in sheets.lines(session)}
    stands = {
        key: _Standing(line.presence, line.marked_at, line.marked_by_id)
        for key, line in found.items()
        if line.presence and line.marked_at and line.marked_by_id
    }
    return _Work(actor, session, course, found, stands, reading.last_day(session, course.unit), utcnow())


def _known(marks: Sequence[Mark]) -> dict[str, AttendanceMark]:
    keys = [mark.key for mark in marks if re.fullmatch(_KEY, mark.key)]
    rows = db.session.scalars(select(AttendanceMark).where(AttendanceMark.mark_key.in_(keys)))
    return {row.mark_key: row for row in rows}


def _note(work: _Work, mark: Mark, said_at: datetime, *, held: bool) -> None:
    what = {"mark_key": mark.key, "enrollment_id": mark.enrollment_id, "presence": mark.presence, "held": held}
    who = {"session_id": work.session.id, "actor_id": work.actor.user_id}
    work.marks.append({**what, **who, "said_at": said_at, "at": work.now})


def _write(work: _Work, reason: str) -> None:
    """All marks at once, and what stands from now on: three statements however many there are."""
    if not work.marks:
        return
    db.session.execute(insert(AttendanceMark), work.marks)
    before = {key: line.presence for key, line in work.lines.items()}
    taken = {key: stands for key, stands in sorted(work.stands.items()) if stands.is_new}
    if new := [_row(work, key, stands) for key, stands in taken.items() if before[key] is None]:
        db.session.execute(insert(Attendance), new)
    if old := [_row(work, key, stands) for key, stands in taken.items() if before[key]]:
        _change(old)
    changes = {str(key): [before[key], stands.presence] for key, stands in taken.items()}
    if work.is_center and changes:
        detail: dict[str, Any] = {"reason": reason, "changes": changes}
        audit.record(sheets.CORRECTED, "course_session", work.session.id, actor_id=work.actor.user_id, **detail)


def _row(work: _Work, enrollment_id: int, stands: _Standing) -> dict[str, Any]:
    where = {"session_id": work.session.id, "course_id": work.course.id, "enrollment_id": enrollment_id}
    return {**where, "presence": stands.presence, "marked_at": stands.said_at, "marked_by_id": stands.by}


def _change(rows: list[dict[str, Any]]) -> None:
    """The rows that exist, found by meeting and person."""
    table: Any = Attendance.__table__
    found = (table.c.session_id == bindparam("meeting"), table.c.enrollment_id == bindparam("who"))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("presence", "marked_at", "marked_by_id")}
    given = [
        {f"new_{name}": row[name] for name in values} | {"meeting": row["session_id"], "who": row["enrollment_id"]}
        for row in rows
    ]
    changed = update(table).where(*found).values(**values, version=table.c.version + 1)
    db.session.connection().execute(changed, given)
