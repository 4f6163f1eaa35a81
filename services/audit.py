"""The audit trail: who did what to which row, or tried to."""

from typing import Any

from models import AuditEvent, db
from services.transaction import atomic


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

    `detail` holds ids, codes and states only: nothing that must be erasable stands in an append-only row.
    """
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
