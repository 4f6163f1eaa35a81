"""Lists of people for one course: made from a text or a sheet, added to, looked up, thinned out, forgotten."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from models import Course, EnrollmentList, EnrollmentListRow, ListRowState, Person, Unit, User, db, utcnow
from services import audit, submissions, text
from services.access import Actor
from services.enrollment import reach
from services.errors import NotFound, OutsideTerritory
from services.many.typed import TWICE, Wanted, refuse_many
from services.sql import add_many
from services.transaction import atomic, retried

KEPT = timedelta(days=30)  # since the last work on it; who was enrolled stays enrolled
SUBJECT = "enrollment_list"
GONE = "این فهرست پیدا نشد؛ فهرست‌ها سی روز پس از آخرین کار پاک می‌شوند. از صفحهٔ دوره فهرست تازه‌ای بسازید."
# SQL: the code of a foreigner stands with what the paper is; each row has one code or none that can be read.
FOREIGN = EnrollmentListRow.fields["foreign_code"].as_string()
CODE = func.coalesce(EnrollmentListRow.national_code, FOREIGN)
WHOSE = or_(Person.national_code == EnrollmentListRow.national_code, Person.foreign_code == FOREIGN)
OPEN = (ListRowState.WAITING, ListRowState.REFUSED, ListRowState.UNREADABLE)


@dataclass(frozen=True)
class Origin:
    """For which course and unit a list is made, by whom, and from which file."""

    course_id: int
    unit_id: int
    user_id: int
    file_name: str | None = None


# -- Making --------------------------------------------------------------------------


def course_of(actor: Actor, course_id: int) -> Course:
    """A course that the actor may enroll people in, with its unit.

    Raises:
        NotAllowed, OutsideTerritory: not by this person, or not in this course.
    """
    reach.may_enroll(actor)
    reach.require_course(actor, course_id)
    return db.session.get_one(Course, course_id, options=[joinedload(Course.unit)], populate_existing=True)


@retried
def start(actor: Actor, form_key: str, course_id: int, wanted: Sequence[Wanted], unit_id: int | None = None) -> str:
    """Make a list of those who were pasted; gives its key. The same form again finds the first list.

    Raises:
        NotAllowed, OutsideTerritory: as `course_of`. DomainError: the unit has to be chosen.

    Source: docs/rules.md R-582.
    """
    course_of(actor, course_id)
    reach.may_enroll(actor, unit_id)
    unit = unit_id or reach.require_unit(actor, course_id, None)
    with atomic():
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return _by_id(submissions.id_of(place, "list")).key
        made = make(Origin(course_id, unit, actor.user_id), str(uuid.uuid4()), wanted)
        submissions.finish(form_key, f"list:{made.id}")
        return made.key


def make(origin: Origin, key: str, wanted: Sequence[Wanted]) -> EnrollmentList:
    """A new list with its rows; inside `atomic()`."""
    unit = db.session.get_one(Unit, origin.unit_id)
    made = EnrollmentList(
        key=key,
        unit_id=unit.id,
        province_id=unit.province_id,
        course_id=origin.course_id,
        created_by_id=origin.user_id,
        file_name=origin.file_name,
        updated_at=utcnow(),
    )
    db.session.add(made)
    db.session.flush()
    _add(made.id, wanted, origin.user_id)
    return made


@retried
def add(actor: Actor, form_key: str, key: str, wanted: Sequence[Wanted]) -> int:
    """More people below those who are there; how many rows came. The same form again adds nobody.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: as `get`. DomainError: more than a list holds.
    """
    found = get(actor, key)
    with atomic():
        if submissions.begin(form_key, actor.user_id) is not None:
            return 0
        # The row is held until the end, so that two who add at once number their lines one after the other.
        touch(found.id)
        count = db.session.scalar(select(func.count()).where(EnrollmentListRow.list_id == found.id)) or 0
        refuse_many(count + len(wanted))
        _add(found.id, wanted, actor.user_id)
        submissions.finish(form_key, f"list:{found.id}")
    return len(wanted)


def touch(list_id: int, **values: Any) -> None:
    """Somebody works on the list; holds its row until the transaction ends."""
    row = update(EnrollmentList).where(EnrollmentList.id == list_id)
    row = row.values(version=EnrollmentList.version + 1, updated_at=utcnow(), **values)
    db.session.execute(row.execution_options(synchronize_session=False))


def _add(list_id: int, wanted: Sequence[Wanted], user_id: int) -> None:
    there = select(CODE.label("code"), EnrollmentListRow.line).where(EnrollmentListRow.list_id == list_id)
    before = db.session.execute(there).all()
    lines = {row.code: row.line for row in before if row.code}
    first = max((row.line for row in before), default=0) + 1
    rows = []
    for line, each in enumerate(wanted, first):
        twice = lines.get(each.code) if each.code else None
        problem = TWICE.format(line=text.persian_digits(twice)) if twice else each.problem
        code = None if problem else each.code
        if code:
            lines[code] = line
        rows.append(_row(list_id, line, each, code) | {"problem": problem or None})
    add_many(EnrollmentListRow, rows)
    _note(list_id, [row["national_code"] or row["fields"].get("foreign_code") for row in rows], user_id)


def _row(list_id: int, line: int, each: Wanted, code: str | None) -> dict[str, Any]:
    state = ListRowState.WAITING if code else ListRowState.UNREADABLE
    fields = {name: value for name, value in each.fields.items() if code or name != "foreign_code"}
    return {
        "list_id": list_id,
        "line": line,
        "form_key": str(uuid.uuid4()),
        "typed": each.typed,
        "national_code": None if "foreign_code" in fields else code,
        "fields": fields,
        "state": state,
    }


def _note(list_id: int, read: Collection[str | None], user_id: int) -> None:
    """Who has looked up whom; names and purses of those who are known stand in the list."""
    codes = [code for code in read if code]
    whose = or_(Person.national_code.in_(codes), Person.foreign_code.in_(codes))
    known = db.session.scalars(select(Person.id).where(whose).order_by(Person.id))
    audit.record_each("person_looked_up", "person", {each: {"list": list_id} for each in known}, actor_id=user_id)
    audit.record("list_made", SUBJECT, list_id, actor_id=user_id, rows=len(codes))


# -- Looking -------------------------------------------------------------------------


def get(actor: Actor, key: str) -> EnrollmentList:
    """A list of the actor's units; of a counter office only their own.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is somebody else's.
        NotAllowed: the actor does not enroll others there; a list tells who people are and what they have.
    """
    course = joinedload(EnrollmentList.course).joinedload(Course.unit)
    query = select(EnrollmentList).where(EnrollmentList.key == key).options(course)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(GONE)
    own_only = found.unit_id in actor.own_acts_only
    if found.unit_id not in actor.units or (own_only and found.created_by_id != actor.user_id):
        raise OutsideTerritory(SUBJECT, found.id)
    reach.may_enroll(actor, found.unit_id)
    return found


def by_import(key: str) -> EnrollmentList | None:
    return db.session.scalar(select(EnrollmentList).where(EnrollmentList.key == key))


def _by_id(list_id: int) -> EnrollmentList:
    found = db.session.get(EnrollmentList, list_id)
    if found is None:
        raise NotFound(GONE)
    return found


@dataclass(frozen=True)
class Recent:
    """A list of a course with how many are in it and how many of them have been enrolled."""

    key: str
    at: datetime
    whose: str
    people: int
    enrolled: int


def recent(actor: Actor, course_id: int, limit: int = 5) -> list[Recent]:
    """The newest lists of a course in the actor's units, newest first; one query."""
    own = EnrollmentList.unit_id.not_in(actor.own_acts_only) | (EnrollmentList.created_by_id == actor.user_id)
    here = (EnrollmentList.course_id == course_id, EnrollmentList.unit_id.in_(actor.units), own)
    query = select(EnrollmentList, _number().label("people"), _number(ListRowState.ENROLLED).label("enrolled"), User)
    query = query.join(User, User.id == EnrollmentList.created_by_id).options(joinedload(User.person)).where(*here)
    rows = db.session.execute(query.order_by(EnrollmentList.id.desc()).limit(limit)).all()
    return [
        Recent(row[0].key, row[0].created_at, row.User.person.full_name or "", row.people, row.enrolled) for row in rows
    ]


def _number(*states: ListRowState) -> Any:
    count = select(func.count()).where(EnrollmentListRow.list_id == EnrollmentList.id)
    count = count.where(EnrollmentListRow.state.in_(states)) if states else count
    return count.correlate(EnrollmentList).scalar_subquery()


# -- Thinning out --------------------------------------------------------------------


def leave_out(actor: Actor, key: str, row_id: int, *, back: bool = False) -> bool:
    """Take one person out of the runs, or back into them; False where nothing has changed.

    Source: docs/rules.md R-585.
    """
    found = get(actor, key)
    here = (EnrollmentListRow.id == row_id, EnrollmentListRow.list_id == found.id)
    if back:
        wanted = (EnrollmentListRow.state == ListRowState.LEFT_OUT, CODE.is_not(None))
    else:
        wanted = (EnrollmentListRow.state.in_(OPEN), EnrollmentListRow.enrollment_id.is_(None))
    state = ListRowState.WAITING if back else ListRowState.LEFT_OUT
    with atomic():
        turn = update(EnrollmentListRow).where(*here, *wanted).values(state=state).returning(EnrollmentListRow.id)
        done = db.session.scalar(turn.execution_options(synchronize_session=False)) is not None
        if done:
            touch(found.id)
    return done


def purge(now: datetime) -> int:
    """Forget lists that nobody has worked on for a month, a few in each transaction.

    Source: docs/rules.md R-586.
    """
    old = EnrollmentList.updated_at < now - KEPT
    gone = 0
    while ids := list(db.session.scalars(select(EnrollmentList.id).where(old).order_by(EnrollmentList.id).limit(20))):
        with atomic():
            held = select(EnrollmentList.id).where(EnrollmentList.id.in_(ids), old).order_by(EnrollmentList.id)
            still = list(db.session.scalars(held.with_for_update()))
            rows = delete(EnrollmentListRow).where(EnrollmentListRow.list_id.in_(still))
            db.session.execute(rows.execution_options(synchronize_session=False))
            lists = delete(EnrollmentList).where(EnrollmentList.id.in_(still))
            db.session.execute(lists.execution_options(synchronize_session=False))
        gone += len(still)
    return gone
