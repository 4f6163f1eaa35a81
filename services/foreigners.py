"""People without a national code: found or made by the code on a paper of theirs, and told apart by people alone.

Nothing outside is asked about them. Source: docs/rules.md R-294 (domain 3.2).
"""

from models import IdentityStatus, Person
from services import codes, people
from services.errors import DomainError

# The paper that bears the code. It stands with where the code came from.
KINDS = {"fida": "شناسهٔ یکتا (کد فراگیر)", "amayesh": "کارت آمایش", "passport": "گذرنامه"}


def find_or_create(typed: str, kind: str, source: str) -> Person:
    """The person of a foreign code, locked; a new one is nameless, and known by hand alone.

    Raises:
        DomainError: no such code, or no kind of paper; at `foreign_code` or `foreign_kind`.
    """
    code = checked(typed, kind)
    person = people.find_or_create_foreign(code)
    if "foreign_code" not in person.sources:
        people.mark_source(person, "foreign_code", source)
        person.sources = {**person.sources, "foreign_code": person.sources["foreign_code"] | {"kind": kind}}
    return person


def checked(typed: str, kind: str) -> str:
    """A foreign code that was typed, in the form in which it is stored; raises as `find_or_create`."""
    code = codes.foreign_code(typed)
    if code is None:
        raise DomainError("کد اتباع ۸ تا ۱۲ رقم است. آن را با مدرک تطبیق دهید", field="foreign_code")
    if kind not in KINDS:
        raise DomainError("نوع مدرکی را که این کد روی آن است انتخاب کنید", field="foreign_kind")
    return code


def is_foreign(person: Person) -> bool:
    return person.identity_status is IdentityStatus.FOREIGN_MANUAL


def kind_of(person: Person) -> str:
    """What the paper is called that bears the code."""
    return KINDS.get((person.sources.get("foreign_code") or {}).get("kind", ""), "کد اتباع خارجی")
