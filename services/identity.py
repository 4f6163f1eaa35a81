"""What is still unknown about a person heals by itself: registry look-ups and mobile matches."""

from models import IdentityStatus, MobileStatus, Person
from services.outbox import Topic, owe


def owe_checks(person: Person) -> None:
    """Owe the look-ups that this person's gaps call for; call inside the transaction that changed the person."""
    if person.identity_status is IdentityStatus.PENDING and person.national_code and person.birth_date:
        owe(Topic.REGISTRY, person.id, f"registry:{person.id}:{person.birth_date.isoformat()}")
    if person.mobile_status is MobileStatus.UNCHECKED and person.national_code:
        owe(Topic.SHAHKAR, person.id, f"shahkar:{person.id}:{person.version}")
