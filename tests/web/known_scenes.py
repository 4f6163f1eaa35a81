"""People of whom something is not known, for the walkers."""

import datetime as dt

from models import Outbox, Person, utcnow
from services import jalali
from tests import make
from tests.web import pages


def nameless(world, **over) -> Person:
    """Enrolled in the world's course, with an old question to the registry."""
    person = make.person(first_name=None, last_name=None, **over)
    pages.enroll(world.course, person)
    owed = {"topic": "registry", "ref_id": person.id, "dedup_key": f"registry:{person.id}:0"}
    make.save(Outbox(**owed, state="open", last_error="timeout", next_try_at=utcnow()))
    return person


def unborn(world):
    """Somebody whose birth date is written at the page of what is known of them."""
    person = nameless(world)
    year, month, day = jalali.parts(dt.date(1991, 4, 15))
    typed = {"birth_date-d": str(day), "birth_date-m": str(month), "birth_date-y": str(year)}
    return f"/center/people/{person.id}", {"person_id": person.id}, typed
