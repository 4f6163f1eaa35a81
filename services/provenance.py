"""The history of who somebody is said to be: for every field which source told it, when, and who typed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models import Enrollment, IdentityEvent, IdentityStep, Person, db, utcnow
from services.sql import add_many


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
    steps = list(steps)
    if not steps:
        return
    at = place or last_place(person)
    now = utcnow()
    for field, step in steps:
        event = IdentityEvent(person_id=person.id, field=field, step=step, source=source, actor_id=actor_id, at=now)
        event.unit_id, event.province_id = at.unit_id, at.province_id
        db.session.add(event)


def note_many(
    steps: Sequence[tuple[int, str, IdentityStep]], source: str, actor_id: int | None = None, place: Place | None = None
) -> None:
    """`note` for many people by one statement: the id of each, the field, and what happened to it."""
    at = place or Place()
    where = {"unit_id": at.unit_id, "province_id": at.province_id}
    same = {"source": source, "actor_id": actor_id, "at": utcnow(), **where}
    rows = [{**same, "person_id": person_id, "field": field, "step": step} for person_id, field, step in steps]
    add_many(IdentityEvent, rows)


def last_place(person: Person) -> Place:
    """Where the person enrolled last."""
    where = select(Enrollment.unit_id, Enrollment.province_id).where(Enrollment.person_id == person.id)
    found = db.session.execute(where.order_by(Enrollment.id.desc()).limit(1)).first()
    return Place(*found) if found else Place()
