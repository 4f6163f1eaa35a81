"""Whose a draft is: by a national code, or by the code on the paper of somebody who has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models import EnrollmentDraft, Person, db
from services import codes, foreigners, ledger, people
from services.enrollment import numbers
from services.errors import DomainError
from services.purses.portal import coded

NAMELESS = "نام اتباع خارجی از سامانه‌ای نمی‌آید. آن را از روی مدرک بنویسید."


@dataclass(frozen=True)
class Foreign:
    """A code as it was typed, and on which kind of paper it stands (`foreigners.KINDS`)."""

    code: str
    kind: str


def columns(typed: str | Foreign, reason: str) -> dict[str, Any]:
    """The code as a new draft keeps it.

    Raises:
        DomainError: no such code, or one that looks made up and comes without a reason; it names the field.

    Source: docs/rules.md R-561 (foreigners).
    """
    if isinstance(typed, Foreign):
        return {"foreign_code": foreigners.checked(typed.code, typed.kind), "fields": {"foreign_kind": typed.kind}}
    code = codes.national_code(typed)
    if code is None:
        raise DomainError(codes.why_not_national_code(typed), field="national_code")
    return {"national_code": code, "code_reason": numbers.ask_why(code, reason), "fields": {}}


def kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a draft's fields belongs to the code: whoever saves what was typed keeps it."""
    return {"foreign_kind": fields["foreign_kind"]} if "foreign_kind" in fields else {}


def words(draft: ledger.Coded) -> str:
    """«کد ملی …» or «کد اتباع خارجی …»."""
    return coded(*ledger.owner_of(draft))


def person_of(draft: ledger.Coded) -> Person | None:
    """Who is known by the code of a draft."""
    if draft.national_code:
        return people.by_national_code(draft.national_code)
    return db.session.scalar(select(Person).where(Person.foreign_code == draft.foreign_code))


def locked(draft: EnrollmentDraft) -> Person:
    """The person of a draft, made at the first use and locked."""
    if draft.foreign_code:
        return foreigners.find_or_create(draft.foreign_code, draft.fields.get("foreign_kind", ""), people.CLERK)
    return people.find_or_create(draft.national_code or "")


def name_gap(draft: EnrollmentDraft) -> DomainError | None:
    """What a foreigner's draft lacks: nobody outside will ever tell us the name."""
    if not draft.foreign_code or draft.fields.get("first_name") or draft.fields.get("last_name"):
        return None
    person = person_of(draft)
    is_named = person is not None and person.full_name is not None
    return None if is_named else DomainError(NAMELESS, field="last_name")
