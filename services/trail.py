"""Who did what to a row, read from the audit trail in words: for the histories of pages."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AuditEvent, User, db


class Told(NamedTuple):
    """One act, as a timeline shows it; `parts` are the fields that changed."""

    at: str
    what: str
    note: str
    parts: list[str]


def name_of(user: User | None) -> str:
    """Whoever did something, as colleagues read it; what nobody did was the system."""
    return (user.person.full_name or user.username) if user else "سامانه"


def acts(
    subject: str, row_id: int | None, did: Mapping[str, Any], limit: int, before: int | None = None
) -> Sequence[Any]:
    """The newest acts of these kinds on a row, each as (event, user or None), newest first; one query.

    Args:
        row_id: None for every row of the subject.
        did: the kinds, by name.
        before: the id of an event; only older ones.
    """
    query = select(AuditEvent, User).outerjoin(User, User.id == AuditEvent.actor_id)
    query = query.where(AuditEvent.subject == subject)
    if row_id is not None:
        query = query.where(AuditEvent.subject_id == row_id)
    query = query.where(AuditEvent.action.in_(list(did))).options(joinedload(User.person))
    if before:
        query = query.where(AuditEvent.id < before)
    return db.session.execute(query.order_by(AuditEvent.id.desc()).limit(limit)).all()
