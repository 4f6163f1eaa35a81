"""Loads the confirmation of each enrollment, delivered or held back with its reason."""

import datetime as dt

from models import Course, DebitSource, DeliveryEvent, Message, MessageState
from scripts.demo.enrollments import Enrollment
from scripts.demo.units import Unit
from scripts.reference import rules
from scripts.reference.rows import Rows
from services import messages
from services.enrollment.confirming import confirmation

_EXEMPT_GROUPS = frozenset(group[0] for group in rules.TARGET_GROUPS if group[2])


def confirm(
    rows: Rows, row: Enrollment, person_id: int, enrollment_id: int, tracking_code: str, by: Unit | None
) -> None:
    """One message and what became of it, as the sending job would have left them; `by` enrolled the person."""
    reason = _why_not(row)
    course = Course(title=row.course.standard.title, start_on=row.course.start_on)
    sent_at = None if reason else row.at + dt.timedelta(seconds=4)
    message_id = rows.add(
        Message,
        person_id=person_id,
        enrollment_id=enrollment_id,
        cause_key=f"enrollment:{enrollment_id}:made",
        template=messages.CONFIRMATION,
        body=confirmation(course, tracking_code, row.fee_rials, DebitSource(row.debit_source), by),
        state=MessageState.SUPPRESSED if reason else MessageState.DELIVERED,
        suppressed_reason=reason,
        provider_ref=None if reason else str(7_000_000_000 + enrollment_id),
        created_at=row.at,
        sent_at=sent_at,
    )
    if sent_at is None:
        rows.add(DeliveryEvent, message_id=message_id, state=messages.SUPPRESSED, detail=reason or "", at=row.at)
        return
    for state, after in ((messages.TRYING, 3), (messages.SENT, 4), (MessageState.DELIVERED.value, 9)):
        rows.add(DeliveryEvent, message_id=message_id, state=state, detail="", at=row.at + dt.timedelta(seconds=after))


def _why_not(row: Enrollment) -> str | None:
    if row.person.mobile is None:
        return messages.EXEMPT if row.course.target_group in _EXEMPT_GROUPS else messages.NO_MOBILE
    return messages.NOT_MATCHED if row.person.case == "mobile_other" else None
