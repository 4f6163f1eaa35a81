"""The personal part of a file: what the unit wants to know of an instructor beside who they are."""

from datetime import date
from typing import Any

from sqlalchemy import select

from models import InstructorProfile, Person, db, utcnow
from services import jalali, late
from services.access import Actor
from services.changes import between
from services.instructors.labels import LABEL, MARITAL, MILITARY
from services.instructors.values import ProfileValues, columns, tidy_profile
from services.sql import add_once
from services.text import persian_digits
from services.transaction import atomic

_WORDS = {"marital": MARITAL, "military": MILITARY}


def show(field: str, raw: Any) -> str:
    if raw is None or raw == "":
        return "ثبت نشده"
    if field == "work_permit_until":
        return jalali.day_month_year(raw if isinstance(raw, date) else date.fromisoformat(raw))
    return _WORDS[field][raw] if field in _WORDS else persian_digits(raw)


WORDS = late.Words("instructor_profile", "instructor_profile_edited", "این مشخصات", LABEL, show, late.marked)


def begun(person_id: int) -> InstructorProfile:
    """The personal part of a person, to which a portrait may belong before anything else is written."""
    with atomic():
        return _own(person_id)[0]


def edit(actor: Actor, person_id: int, version: int, values: ProfileValues) -> bool:
    """Save the personal part; False when nothing differs. The caller has made sure that `actor` may.

    Args:
        version: the version that was on the page; 1 where nothing was written yet.

    Source: docs/rules.md R-208.
    Raises:
        LateSaving: somebody has saved since.
        DomainError: what is wrong with which field.
    """
    with atomic():
        person = db.session.get_one(Person, person_id)
        values = tidy_profile(values, person.birth_date)
        row, is_new = _own(person_id)
        if not between(row, values):
            return False
        if version != row.version and not is_new:  # of a row that was not there, nobody can be late
            raise late.refusal(WORDS, row, actor, version, values)
        late.write(WORDS, actor, row, values, columns(values))
        return True


def _own(person_id: int) -> tuple[InstructorProfile, bool]:
    """The personal part of a person and whether it has just been made, empty; inside `atomic()`."""
    made = add_once(InstructorProfile, person_id=person_id, version=1, created_at=utcnow())
    query = select(InstructorProfile).where(InstructorProfile.person_id == person_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one(), made is not None
