"""What is still unknown about a person heals by itself: registry look-ups and mobile matches are owed here."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from models import IdentityStatus, MobileStatus, Outbox, OutboxState, Person, db
from services import deciles, lookups, mobiles
from services.outbox import Topic
from services.transaction import atomic

SWEPT = 500


def owe_checks(person: Person, actor_id: int | None = None) -> None:
    """Owe the look-ups that this person's gaps call for; call inside the transaction that changed the person.

    `actor_id` is the user whose typing asks, if any.
    """
    lookups.owe(person, actor_id)
    mobiles.owe(person, actor_id)
    deciles.owe(person, actor_id)


def owe_checks_of(persons: Sequence[Person], actor_id: int | None = None) -> None:
    """`owe_checks` of many people, in a number of statements that does not grow with them."""
    lookups.owe_each(persons, actor_id)
    mobiles.owe_each(persons)


def sweep() -> int:
    """Owe what nobody owes yet, for people who came by an import; returns how many people that were."""
    anything = exists().where(Outbox.topic == Topic.REGISTRY, Outbox.ref_id == Person.id)
    unsettled = exists().where(
        Outbox.topic == Topic.SHAHKAR, Outbox.ref_id == Person.id, Outbox.state != OutboxState.DONE
    )
    nameless = select(Person).where(
        Person.identity_status == IdentityStatus.PENDING,
        Person.national_code.is_not(None),
        Person.birth_date.is_not(None),
        ~anything,
    )
    unmatched = select(Person).where(
        Person.mobile_status == MobileStatus.UNCHECKED, Person.national_code.is_not(None), ~unsettled
    )
    with atomic():
        found = {
            person.id: person
            for query in (nameless, unmatched)
            for person in db.session.scalars(query.order_by(Person.id).limit(SWEPT))
        }
        owe_checks_of(list(found.values()))
    return len(found)
