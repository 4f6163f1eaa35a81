"""One payment for everybody in a list whose credit is too little, with the way back to the list."""

from models import DebitSource
from services import baskets
from services.baskets.values import Owner, Payer
from services.errors import DomainError
from services.many.looking import Look


def to_the_bank(payer: Payer, seen: Look, source: DebitSource | None, return_path: str) -> tuple[str, int]:
    """The key of a new basket, and how many purses have found no room in it and wait for the next one.

    Args:
        source: whose credit is to be filled: each trainee's own, or the portal user's for all of them.

    Raises:
        DomainError: it was not said whose, or nobody's is too little.

    Source: docs/rules.md R-587.
    """
    if source is None:
        raise DomainError("انتخاب کنید که اعتبار چه کسی افزایش یابد", field="debit_source")
    lacking = _lacking(seen, source)
    if not lacking:
        raise DomainError("اعتبار همهٔ کسانی که آمادهٔ ثبت‌نام‌اند کافی است.", field="debit_source")
    return baskets.start_each(payer, lacking, return_path)


def _lacking(seen: Look, source: DebitSource) -> list[tuple[Owner, int]]:
    if source is DebitSource.PORTAL_USER:
        return [(seen.portal.owner, seen.portal_lacks)] if seen.portal_lacks else []
    return [(line.owner, line.lacks) for line in seen.short]
