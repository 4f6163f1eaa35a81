"""The audit trail: who did what to which row, or tried to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from models import AuditEvent, db
from services.sql import add_many
from services.transaction import atomic

_AWAY = "deputy_of"


def record(
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    actor_id: int | None = None,
    actor_person_id: int | None = None,
    **detail: Any,
) -> None:
    """Add one row; it commits with the caller's transaction, or by itself outside one.

    `detail` holds ids, codes and states only: nothing that must be erasable stands in an append-only row. For whom
    somebody is deputy while they act is noted by itself (`stands_for`).
    """
    if away := db.session().info.get(_AWAY):
        detail |= {"deputy_of": away}
    with atomic():
        db.session.add(
            AuditEvent(
                action=action,
                subject=subject,
                subject_id=subject_id,
                actor_id=actor_id,
                actor_person_id=actor_person_id,
                detail=detail,
            )
        )


def stands_for(user_ids: Sequence[int]) -> None:
    """From here to the end of the request: whose roles the person who acts has as well, as their deputy.

    Source: docs/rules.md R-367.
    """
    db.session().info[_AWAY] = list(user_ids)


def record_each(action: str, subject: str, details: Mapping[int, dict[str, Any]], *, actor_id: int | None) -> None:
    """`record` for many rows by one statement: their ids, each with its detail; inside `atomic()`."""
    away = {"deputy_of": found} if (found := db.session().info.get(_AWAY)) else {}
    same = {"action": action, "subject": subject, "actor_id": actor_id}
    add_many(AuditEvent, [same | {"subject_id": row_id, "detail": detail | away} for row_id, detail in details.items()])


def newest(subjects: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the last event about each of some subjects, as a whole and not a row of it, has noted down, in one query."""
    whole = (AuditEvent.subject.in_(list(subjects)), AuditEvent.subject_id.is_(None))
    last = select(func.max(AuditEvent.id)).where(*whole).group_by(AuditEvent.subject)
    rows = db.session.execute(select(AuditEvent.subject, AuditEvent.detail).where(AuditEvent.id.in_(last)))
    return {subject: detail for subject, detail in rows}
