"""What was printed, by whom: the first print of a paper is the original, every later one says «المثنی»."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from models import Enrollment, SlipPrint, db, utcnow
from services.sql import add_many
from services.transaction import atomic

SAME = timedelta(minutes=5)  # a press repeated, the document after the page, or paper that was jammed


class Printed(NamedTuple):
    """One print of a slip; `copy` counts the prints of this enrollment up to it."""

    id: int
    enrollment_id: int
    copy: int


class By(NamedTuple):
    """Who prints: a user of the staff, or the person themselves."""

    user_id: int | None = None
    person_id: int | None = None


def record(by: By, enrollment_ids: Sequence[int]) -> list[Printed]:
    """Note that these slips are printed now; the same person a moment later prints the same copies.

    Source: docs/rules.md R-664.
    """
    with atomic():
        held = select(Enrollment.id).where(Enrollment.id.in_(enrollment_ids)).order_by(Enrollment.id)
        ids = db.session.scalars(held.with_for_update(key_share=True)).all()
        just = _just_printed(by, ids)
        rows = [{"enrollment_id": each, "at": utcnow(), **by._asdict()} for each in ids]
        add_many(SlipPrint, [row for row in rows if row["enrollment_id"] not in just])
        newest = select(func.max(SlipPrint.id)).where(*_mine(by), SlipPrint.enrollment_id.in_(ids))
        return found(list(db.session.scalars(newest.group_by(SlipPrint.enrollment_id))))


def found(print_ids: Sequence[int]) -> list[Printed]:
    """Prints by their ids, each with which copy it is, in the order of enrolling; one query."""
    return _found(SlipPrint.id.in_(print_ids))


def between(by: By, course_id: int, first: int, last: int) -> list[Printed]:
    """The prints of one press: by this person, of a course, from one id to another."""
    of_course = select(Enrollment.id).where(Enrollment.course_id == course_id)
    here = (SlipPrint.id >= first, SlipPrint.id <= last, SlipPrint.enrollment_id.in_(of_course))
    return _found(*_mine(by), *here)


def printed_ever(enrollment_ids: Sequence[int]) -> set[int]:
    """Which of these have been printed before, by whomever."""
    query = select(SlipPrint.enrollment_id).where(SlipPrint.enrollment_id.in_(enrollment_ids))
    return set(db.session.scalars(query.distinct()))


def _found(*where: Any) -> list[Printed]:
    earlier = aliased(SlipPrint)
    same = (earlier.enrollment_id == SlipPrint.enrollment_id, earlier.id <= SlipPrint.id)
    copy = select(func.count()).select_from(earlier).where(*same).scalar_subquery()
    query = select(SlipPrint.id, SlipPrint.enrollment_id, copy).where(*where)
    rows = db.session.execute(query.order_by(SlipPrint.enrollment_id, SlipPrint.id))
    return [Printed(*row) for row in rows]


def _mine(by: By) -> tuple[Any, ...]:
    return (SlipPrint.user_id == by.user_id if by.user_id else SlipPrint.person_id == by.person_id,)


def _just_printed(by: By, ids: Sequence[int]) -> set[int]:
    recent = (SlipPrint.enrollment_id.in_(ids), SlipPrint.at > utcnow() - SAME)
    return set(db.session.scalars(select(SlipPrint.enrollment_id).where(*_mine(by), *recent)))
