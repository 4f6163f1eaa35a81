"""A person pays what their enrollment costs without the group that did not hold; by their own press alone."""

from typing import Any

from sqlalchemy import select, update

from models import DebitSource, Enrollment, EnrollmentEvent, EnrollmentStatus, Person, db, utcnow
from services import ledger, text
from services.access import Visitor
from services.claims import reading
from services.claims.reading import PAID, Claim, State
from services.errors import Conflict, DomainError
from services.transaction import atomic, retried

SHORT = "اعتبار شما {has} است و هزینهٔ مانده {rest}. چیزی کسر نشد؛ اعتبار را زیاد کنید و دوباره بفرستید."


@retried
def pay(person: Visitor, enrollment_id: int, seen: int | None) -> bool:
    """Take what is owed from the person's own purse; False when it had been paid.

    Args:
        seen: the rials that the page said; more than that is not taken.

    Raises:
        NotFound, OutsideTerritory: it is not theirs. DomainError: the purse holds too little.
        Conflict: nothing is owed any more, or it is another sum.

    Source: docs/rules.md R-694.
    """
    with atomic():
        # In the order of all locks: the person, the purse; the history is read behind the first.
        db.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
        db.session.execute(select(Enrollment.id).where(Enrollment.id == enrollment_id).with_for_update())
        claim = reading.own(person, enrollment_id)
        if claim.state is State.PAID:
            return False
        rest = claim.rest
        _check(claim, rest, seen)
        purse = claim.enrollment.payer_account_id or ledger.account_id(*ledger.owner_of(person))
        if not ledger.holds(purse, rest):
            has = ledger.balance(*ledger.owner_of(person))
            raise DomainError(SHORT.format(has=text.rial(has), rest=text.rial(rest)))
        _take(claim.enrollment, purse, rest)
    return True


def _check(claim: Claim, rest: int, seen: int | None) -> None:
    if claim.state is not State.OWED or claim.enrollment.status is not EnrollmentStatus.ACTIVE:
        raise Conflict("برای این ثبت‌نام چیزی بدهکار نیستید. چیزی کسر نشد.")
    if seen is None or rest > seen:
        raise Conflict(f"هزینهٔ مانده اکنون {text.rial(rest)} است و چیزی کسر نشد. اگر می‌پذیرید دوباره بفرستید.")


def _take(made: Enrollment, purse: int, rest: int) -> None:
    again = made.fee_rials > 0
    values: dict[str, Any] = {"fee_rials": made.fee_rials + rest, "payer_account_id": purse, "fee_reason": None}
    paying = update(Enrollment).where(Enrollment.id == made.id).values(debit_source=DebitSource.TRAINEE, **values)
    db.session.execute(paying.execution_options(synchronize_session=False))
    ledger.earn(purse, rest, ledger.debit(made.id, None, is_rest=again))
    db.session.add(EnrollmentEvent(enrollment_id=made.id, action=PAID, reason=text.rial(rest), at=utcnow()))
    db.session.flush()
