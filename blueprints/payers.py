"""Who pays, as seen from a request: the user and the person who are signed in here, or nobody we know."""

from dataclasses import dataclass

from flask import request

from blueprints import cookies, guards, session_interface
from services import counters, ledger, purses
from services.access import Actor, Level, Visitor
from services.baskets import values
from services.baskets.values import Owner, Payer


@dataclass(frozen=True)
class Own:
    """A purse that somebody in this browser fills by one click: `mark` names it in the form, never by a code."""

    mark: str
    words: str
    owner: Owner
    payer: Payer


def here() -> list[Payer]:
    """Everybody that this browser may pay as; whoever comes first makes what is begun by typing a code."""
    return [payer for payer in (_staff(), _visitor(), stranger()) if payer]


def stranger() -> Payer:
    """Whoever holds this browser."""
    return values.stranger(request.remote_addr or "", cookies.read(session_interface.SEED_COOKIE))


def of_visitor(visitor: Visitor) -> Payer:
    return values.person(visitor.id)


def of_actor(actor: Actor, unit_id: int | None = None) -> Payer:
    """A member of staff at work for a unit, the only one when none is named."""
    unit = unit_id or (actor.units[0] if len(actor.units) == 1 else None)
    offices = counters.offices(actor, unit)
    return values.user(actor.user_id, unit, sees_names=actor.can_enroll_others, counters=offices)


def owns() -> list[Own]:
    """The purses of those who are signed in here, a trainee's first."""
    found = []
    if visitor := guards.visitor():
        words = "، ".join(filter(None, (visitor.person.full_name, "کارآموز")))
        found.append(Own("trainee", words, ledger.owner_of(visitor.person), of_visitor(visitor.person)))
    if payer := _staff():
        found += [Own(f"staff-{n}", *each, payer) for n, each in enumerate(_purses_of_staff())]
    return found


def _purses_of_staff() -> list[tuple[str, Owner]]:
    actor = next((each for each in guards.actors() if each.level is Level.CENTER), None)
    signed_in = guards.staff()
    if actor:
        return [(f"کاربر پورتال: {each.words}", each.owner) for each in purses.portals(actor)]
    return [("خودتان", ledger.owner_of(signed_in.user.person))] if signed_in else []


def _staff() -> Payer | None:
    signed_in = guards.staff()
    if signed_in is None:
        return None
    actors = guards.actors()
    at_center = next((each for each in actors if each.level is Level.CENTER), None)
    if at_center:
        return of_actor(at_center)
    return values.user(signed_in.user.id, None, sees_names=False)


def _visitor() -> Payer | None:
    signed_in = guards.visitor()
    return of_visitor(signed_in.person) if signed_in else None
