"""The history of who somebody is said to be: for every field which source told it, when, and who typed it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models import Enrollment, EnrollmentDraft, IdentityEvent, IdentityStep, Person, Unit, db, utcnow
from services.sql import add_many

# Fields that a source fills, or somebody by hand.
FIELDS = ("name", "father_name", "gender", "birth_date", "shenasname_no")
# Of each field its value and where that came from.
Known = dict[str, tuple[Any, str | None]]
_gathered: ContextVar[list[dict[str, Any]] | None] = ContextVar("gathered_history", default=None)


@dataclass(frozen=True)
class Place:
    """Where the person belongs at the moment, as far as it is known."""

    unit_id: int | None = None
    province_id: int | None = None


def note(person: Person, field: str, step: IdentityStep, source: str, actor_id: int | None = None) -> None:
    """Add what happened to one field to the person's history; call inside the transaction that changes it.

    The value itself is never kept here. The territory is that of the person's last enrollment.
    """
    note_each(person, [(field, step)], source, actor_id)


def note_each(
    person: Person,
    steps: Iterable[tuple[str, IdentityStep]],
    source: str,
    actor_id: int | None = None,
    place: Place | None = None,
) -> None:
    """`note` for several fields at once; whoever knows the `place` already saves the look at it."""
    many = [(person.id, field, step) for field, step in steps]
    if many:
        note_many(many, source, actor_id, place or last_place(person))


def note_many(
    steps: Sequence[tuple[int, str, IdentityStep]], source: str, actor_id: int | None = None, place: Place | None = None
) -> None:
    """`note` for many people by one statement: the id of each, the field, and what happened to it."""
    at = place or Place()
    where = {"unit_id": at.unit_id, "province_id": at.province_id}
    same = {"source": source, "actor_id": actor_id, "at": utcnow(), **where}
    rows = [{**same, "person_id": person_id, "field": field, "step": step} for person_id, field, step in steps]
    gathered = _gathered.get()
    if gathered is None:
        add_many(IdentityEvent, rows)
    else:
        gathered.extend(rows)


@contextmanager
def together() -> Iterator[None]:
    """What is noted of many people in the block is written by one statement at its end, in the same transaction."""
    rows: list[dict[str, Any]] = []
    token = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(token)
    if rows:
        add_many(IdentityEvent, rows)


def last_place(person: Person) -> Place:
    """Where the person enrolled last."""
    where = select(Enrollment.unit_id, Enrollment.province_id).where(Enrollment.person_id == person.id)
    found = db.session.execute(where.order_by(Enrollment.id.desc()).limit(1)).first()
    return Place(*found) if found else Place()


def likely_place(person: Person) -> Place:
    """Where the person enrolled last, or else where somebody is about to enroll them."""
    at = last_place(person)
    if at.unit_id is not None:
        return at
    # Drafts are looked through without an index, which is why only what is rare asks for this.
    is_theirs = EnrollmentDraft.national_code == person.national_code
    where = select(Unit.id, Unit.province_id).join(EnrollmentDraft, EnrollmentDraft.unit_id == Unit.id)
    found = db.session.execute(where.where(is_theirs).order_by(EnrollmentDraft.id.desc()).limit(1)).first()
    return Place(*found) if found else at


# -- What was done -----------------------------------------------------------------


def known(person: Person) -> Known:
    """Each field as it is now."""
    values: dict[str, Any] = {field: getattr(person, field) for field in FIELDS if field != "name"}
    parts = (person.first_name, person.last_name)
    values["name"] = parts if any(parts) else None
    return {field: (values[field], (person.sources.get(field) or {}).get("source")) for field in FIELDS}


def steps(before: Known, person: Person) -> list[tuple[str, IdentityStep]]:
    """What was done to each field since: filled, changed, or confirmed by another source that says the same."""
    found, after = [], known(person)
    for field in FIELDS:
        (old, origin), (new, source) = before[field], after[field]
        if old is None and new is not None:
            found.append((field, IdentityStep.FILLED))
        elif old != new:
            found.append((field, IdentityStep.CHANGED))
        elif new is not None and origin != source:
            found.append((field, IdentityStep.CONFIRMED))
    return found


@contextmanager
def noting(person: Person, source: str, actor_id: int | None = None, place: Place | None = None) -> Iterator[None]:
    """Whatever the block does to the fields of a person is in their history; inside the transaction that does it."""
    before = known(person)
    yield
    note_each(person, steps(before, person), source, actor_id, place)
