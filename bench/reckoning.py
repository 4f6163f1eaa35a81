"""What may not exist after any storm: of seats, money, people, lines and messages."""

from sqlalchemy import text

from models import db

# Each query finds what may not exist (README section 4, I1 to I3 and I6).
FORBIDDEN = {
    "a seat counter that is not the number of enrollments": """
        SELECT 1 FROM course WHERE taken + held > capacity_max OR taken <> (SELECT count(*) FROM enrollment
        WHERE course_id = course.id AND status = 'active')""",
    "a held seat without its offer": """
        SELECT 1 FROM course WHERE held <> (SELECT count(*) FROM waitlist_entry
        WHERE course_id = course.id AND state = 'offered')""",
    "a person twice in a course": """
        SELECT 1 FROM enrollment WHERE status = 'active' GROUP BY course_id, person_id HAVING count(*) > 1""",
    "a charged enrollment without exactly one debit": """
        SELECT 1 FROM enrollment WHERE fee_rials > 0 AND 1 <> (SELECT count(*) FROM ledger_transfer
        WHERE enrollment_id = enrollment.id AND kind = 'debit' AND amount = fee_rials)""",
    "a debit without an enrollment": """
        SELECT 1 FROM ledger_transfer WHERE kind = 'debit' AND enrollment_id NOT IN (SELECT id FROM enrollment)""",
    "a purse that is not the sum of its entries": """
        SELECT 1 FROM account WHERE owner_kind <> 'system' AND (balance < 0 OR balance <>
        (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account_id = account.id))""",
    "a payment that has not filled each of its purses once, or that is not verified and has filled one": """
        SELECT 1 FROM payment_line JOIN payment ON payment.id = payment_id WHERE
        (SELECT count(*) FROM ledger_transfer WHERE payment_line_id = payment_line.id)
        <> CASE WHEN payment.state = 'verified' THEN 1 ELSE 0 END""",
    "an ended enrollment without exactly one refund, or another with one": """
        SELECT 1 FROM enrollment WHERE CASE WHEN status = 'canceled' AND fee_rials > 0 THEN 1 ELSE 0 END <>
        (SELECT count(*) FROM ledger_transfer WHERE enrollment_id = enrollment.id AND kind = 'refund'
        AND to_account_id = payer_account_id AND amount = fee_rials)""",
    "a purse that does not hold what came to it, less the fees of those who are enrolled from it": """
        SELECT 1 FROM account WHERE owner_kind <> 'system' AND balance <> (SELECT coalesce(sum(amount), 0)
        FROM ledger_transfer WHERE to_account_id = account.id AND kind = 'top_up') - (SELECT
        coalesce(sum(fee_rials), 0) FROM enrollment WHERE payer_account_id = account.id AND status = 'active')""",
    "an enrollment without exactly one message for each thing that has become of it": """
        SELECT 1 FROM enrollment WHERE 1 + CASE WHEN status = 'canceled' THEN 1 ELSE 0 END
        <> (SELECT count(*) FROM message WHERE enrollment_id = enrollment.id)""",
    "a message without anything owed": """
        SELECT 1 FROM message WHERE 1 <> (SELECT count(*) FROM outbox WHERE topic = 'sms' AND ref_id = message.id)""",
    "a birth date without the name that it leads to, or with a mobile that was not matched": """
        SELECT 1 FROM person WHERE birth_date IS NOT NULL AND (last_name IS NULL OR mobile_status <> 'matched')""",
    "somebody passed over in a line": """
        SELECT 1 FROM waitlist_entry AS earlier JOIN waitlist_entry AS later ON later.course_id = earlier.course_id
        AND later.id > earlier.id WHERE later.offered_at IS NOT NULL
        AND (earlier.state = 'waiting' OR earlier.offered_at > later.offered_at)""",
    "a free seat for which somebody waits": """
        SELECT 1 FROM course WHERE taken + held < capacity_max AND EXISTS (SELECT 1 FROM waitlist_entry
        WHERE course_id = course.id AND state = 'waiting')""",
    "an offer without exactly one message, or one that has passed and was not told of once": """
        SELECT 1 FROM waitlist_entry WHERE offered_at IS NOT NULL AND (1 <> (SELECT count(*) FROM message
        WHERE template = 'seat_offered' AND cause_key LIKE 'waiting:' || waitlist_entry.id || ':%')
        OR CASE WHEN state = 'expired' THEN 1 ELSE 0 END <> (SELECT count(*) FROM message
        WHERE template = 'seat_offer_passed' AND cause_key LIKE 'waiting:' || waitlist_entry.id || ':%'))""",
    "something owed that is neither done nor shown": "SELECT 1 FROM outbox WHERE state = 'open'",
}


def broken_invariants() -> list[str]:
    return [name for name, query in FORBIDDEN.items() if db.session.execute(text(query)).first()]


def sent() -> int:
    """How many messages the provider has taken, as we know it."""
    return db.session.scalar(text("SELECT count(*) FROM message WHERE state IN ('sent', 'delivered')")) or 0


def unsent() -> int:
    """How many messages neither went out nor were held back as they should be."""
    return db.session.scalar(text(UNSENT)) or 0


UNSENT = """
    SELECT count(*) FROM message WHERE state NOT IN ('sent', 'delivered') AND NOT
    (state = 'suppressed' AND suppressed_reason IN ('enrollment_canceled', 'no_mobile'))
"""
