"""How often an outside system may be asked: in an hour for one user's typing, in a day by everybody together.

What is beyond the limit is not refused: it waits for the next slot of time, while everything else goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ScalarSelect, delete, func, select, true, update

from models import InquiryCount, Outbox, OutboxState, db, utcnow
from services import jalali, policy
from services.sql import insert_once
from services.transaction import atomic

KEPT = timedelta(days=3)
EVERYBODY = 0


class Span(StrEnum):
    """A slot of time by the clock in Tehran; the value is also why something waits for the next one."""

    HOUR = "hour_full"
    DAY = "day_full"


@dataclass(frozen=True)
class Limit:
    """So many questions in a span, for each user apart or for all together; `rule` is the policy that says how many.

    0 is no limit.
    """

    rule: str
    span: Span
    is_per_user: bool


SPREAD_S = {Span.HOUR: 60, Span.DAY: 3600}
# Source: docs/rules.md.
LIMITS = {
    "shahkar": Limit("shahkar_per_hour", Span.HOUR, is_per_user=True),
    "registry": Limit("registry_per_day", Span.DAY, is_per_user=False),
    "address": Limit("address_per_day", Span.DAY, is_per_user=False),
    "decile": Limit("decile_per_day", Span.DAY, is_per_user=False),
}


@dataclass(frozen=True)
class Place:
    """One question that was counted."""

    system: str
    actor_id: int
    slot: str


class Full(Exception):
    """The limit has been reached; `seconds` until the next slot, `why` for the row that waits.

    In the first `spread_s` of the slot those come who have waited for it.
    """

    def __init__(self, span: Span, seconds: int) -> None:
        super().__init__(span.value)
        self.why, self.seconds, self.spread_s = span.value, seconds, SPREAD_S[span]


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used: by all in this slot where it is for all, and how many wait for the next one."""

    limit: int
    used: int
    waiting: int
    span: Span


# -- Counting ----------------------------------------------------------------------


def take(system: str, actor_id: int | None) -> Place | None:
    """Count one question before it is put; None where nothing limits it. Call inside `atomic()`.

    Raises:
        Full: not now. Nothing was counted.
    """
    limit = LIMITS.get(system)
    who = EVERYBODY if limit is None or not limit.is_per_user else actor_id
    if limit is None or who is None:
        return None
    now, most = utcnow(), _most(limit)
    place = Place(system, who, _slot(limit.span, now))
    has_room = InquiryCount.used < most if most else true()
    if not _count(place, 1, has_room):
        db.session.execute(insert_once(InquiryCount, **_key(place), used=0, at=now))
        if not _count(place, 1, has_room):
            raise Full(limit.span, _seconds_left(limit.span, now))
    return place


def give_back(place: Place | None) -> None:
    """The question was not put after all."""
    if place is not None:
        with atomic():
            _count(place, -1, InquiryCount.used > 0)


def purge(now: datetime) -> None:
    """Forget slots that are long over."""
    with atomic():
        db.session.execute(delete(InquiryCount).where(InquiryCount.at < now - KEPT))


def _most(limit: Limit) -> int:
    return int(policy.value_in(limit.rule, "*", "*"))


def _key(place: Place) -> dict[str, Any]:
    return {"system": place.system, "actor_id": place.actor_id, "slot": place.slot}


def _count(place: Place, by: int, condition: Any) -> bool:
    statement = update(InquiryCount).filter_by(**_key(place)).where(condition).values(used=InquiryCount.used + by)
    counted = statement.returning(InquiryCount.id).execution_options(synchronize_session=False)
    return db.session.scalar(counted) is not None


def _slot(span: Span, now: datetime) -> str:
    return jalali.tehran(now).strftime("%Y-%m-%d" if span is Span.DAY else "%Y-%m-%d %H")


def _seconds_left(span: Span, now: datetime) -> int:
    local = jalali.tehran(now)
    begun = local.minute * 60 + local.second
    return 24 * 3600 - local.hour * 3600 - begun if span is Span.DAY else 3600 - begun


# -- Looking -----------------------------------------------------------------------


def usage() -> dict[str, Usage]:
    """Every limited system, for the operator."""
    now = utcnow()
    columns = [
        column for system, limit in LIMITS.items() for column in (_used(system, limit, now), _held(system, limit))
    ]
    counts = iter(db.session.execute(select(*columns)).one())
    most = policy.values_in(tuple(limit.rule for limit in LIMITS.values()), "*", "*")
    return {
        system: Usage(int(most[limit.rule]), next(counts), next(counts), limit.span) for system, limit in LIMITS.items()
    }


def waiting() -> dict[str, int]:
    """How many questions to each limited system wait for the next slot."""
    columns = [_held(system, limit) for system, limit in LIMITS.items()]
    return dict(zip(LIMITS, db.session.execute(select(*columns)).one(), strict=True))


def _used(system: str, limit: Limit, now: datetime) -> ScalarSelect[int]:
    in_slot = (InquiryCount.system == system, InquiryCount.slot == _slot(limit.span, now))
    return select(func.coalesce(func.sum(InquiryCount.used), 0)).where(*in_slot).scalar_subquery()


def _held(system: str, limit: Limit) -> ScalarSelect[int]:
    is_held = (Outbox.topic == system, Outbox.state == OutboxState.OPEN, Outbox.last_error == limit.span.value)
    return select(func.count(Outbox.id)).where(*is_held).scalar_subquery()
