"""Values of rules as HQ sets them: for everybody, a unit kind or a province, from a day on.

Source: docs/rules.md R-364.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from models import Policy, Province, Role, UnitKind, db
from services import audit, jalali, policy, trail
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import insert_once
from services.trail import Told
from services.transaction import atomic

EVERYBODY = "*"
SEPARATION = "separation_of_duties"
DID = {
    "policy_added": "نوشت",
    "policy_removed": "پیش از آغاز برداشت",
    "route_added": "نوشت",
    "route_removed": "پیش از آغاز برداشت",
}


def may_keep(actor: Actor) -> bool:
    """Whether this person sets rules; others of HQ read them."""
    return actor.level is Level.HQ and actor.has(Role.ADMIN)


def require(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person does not set rules.
    """
    if not may_keep(actor):
        raise NotAllowed("قاعده‌ها را مدیر سامانه در ستاد می‌نویسد.")


def scopes() -> list[tuple[str, str]]:
    """For whom a value may hold, the widest first; one query."""
    kinds = [(UnitKind.CENTER.value, "همهٔ مراکز دولتی"), (UnitKind.ACADEMY.value, "همهٔ آموزشگاه‌های آزاد")]
    provinces = db.session.execute(select(Province.code, Province.title).order_by(Province.title_sort))
    return [(EVERYBODY, "همه"), *kinds, *((code, f"استان {title}") for code, title in provinces)]


def rows(*names: str) -> Sequence[Policy]:
    """What is written about these rules, by rule, scope and day."""
    query = select(Policy).where(Policy.name.in_(names))
    return db.session.scalars(query.order_by(Policy.name, Policy.scope, Policy.valid_from)).all()


def holding(found: Sequence[Policy], today: date) -> dict[str, Policy]:
    """By scope the row that holds on a day."""
    return {row.scope: row for row in found if row.valid_from <= today}


def history(
    subject: str, in_words: Callable[[Any], str], names: Collection[str] | None = None, limit: int = 10
) -> list[Told]:
    """Who wrote and took away what, newest first; `in_words` says what an event is about, of these rules alone."""
    acts = trail.acts(subject, None, DID, limit if names is None else limit * 20)
    return [
        Told(f"{trail.name_of(user)}، {jalali.at(event.at)}", DID[event.action], in_words(event.detail), [])
        for event, user in acts
        if names is None or event.detail["name"] in names
    ][:limit]


def add(actor: Actor, name: str, scope: str, valid_from: date | None, value: Any) -> bool:
    """Write a value; False when it stands there already, as when the same form comes twice.

    Raises:
        NotAllowed: only an administrator of HQ does. DomainError: what is wrong with which field.
        Conflict: another value for the same scope and day is written already.
    """
    require(actor)
    day = _day(valid_from)
    with atomic():
        if scope not in dict(scopes()):
            raise DomainError("برای چه کسانی؟ از فهرست انتخاب کنید", field="scope")
        added = insert_once(Policy, name=name, scope=scope, valid_from=day, value=value)
        row_id = db.session.scalar(added.returning(Policy.__table__.c.id))
        if row_id is None:
            if db.session.scalar(select(Policy.value).filter_by(name=name, scope=scope, valid_from=day)) == value:
                return False
            raise Conflict("از همین روز و برای همین‌ها مقدار دیگری نوشته شده است. روز دیگری انتخاب کنید.")
        _tell(actor, "policy_added", int(row_id), name, (scope, value, day))
    return True


def remove(actor: Actor, name: str, row_id: int) -> bool:
    """Take away a value of this rule that has not begun; False when it is gone.

    Raises:
        NotAllowed: as `add`. Conflict: it has begun, and stays.
    """
    require(actor)
    with atomic():
        one = (Policy.id == row_id, Policy.name == name)
        gone = delete(Policy).where(*one, Policy.valid_from > policy.today())
        columns = Policy.scope, Policy.value, Policy.valid_from
        row = db.session.execute(gone.returning(*columns).execution_options(synchronize_session=False)).first()
        if row is None:
            if db.session.scalar(select(Policy.id).where(*one)):
                raise Conflict("این مقدار آغاز شده است و می‌ماند. برای تغییر، مقدار تازه‌ای از روزی دیگر بنویسید.")
            return False
        _tell(actor, "policy_removed", row_id, name, row)
    return True


def _day(valid_from: date | None) -> date:
    if valid_from is None:
        raise DomainError("بنویسید از چه روزی", field="valid_from")
    if valid_from < policy.today():
        raise DomainError("از امروز یا روزی پس از آن؛ گذشته عوض نمی‌شود", field="valid_from")
    return valid_from


def _tell(actor: Actor, action: str, row_id: int, name: str, row: Sequence[Any]) -> None:
    scope, value, day = row
    detail = {"name": name, "scope": scope, "value": value, "valid_from": day.isoformat()}
    audit.record(action, "policy", row_id, actor_id=actor.user_id, **detail)
