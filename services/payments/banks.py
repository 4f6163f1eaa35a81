"""The gateways of this installation, and in which order they are tried."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

import gateways
from gateways.banks.base import Bank
from models import BreakerState, OutsideSystem, db, utcnow
from services import outside

FORGIVEN_AFTER = timedelta(minutes=5)  # then somebody has to find out whether a bank that was down is back


def by_code(code: str) -> Bank | None:
    """A gateway of this installation."""
    return gateways.bank(code)


def codes() -> list[str]:
    """The gateways in the order of the settings; none while payments are not online.

    What was begun before is looked after all the same (`by_code`).
    """
    return list(_asked())


def to_try(wanted: str | None) -> list[Bank]:
    """Those to ask, one after the other: the wanted one first, one that just failed last, one that rests not at all.

    Source: docs/rules.md R-432.
    """
    known, now = _asked(), utcnow()
    troubled = _troubled(list(known)) if len(known) > 1 else {}
    resting = {code for code, row in troubled.items() if _rests(row, now)}
    late = {code for code, row in troubled.items() if _just_failed(row, now)}
    order = sorted(known, key=lambda code: (code != wanted, code in late))
    # Where all rest, asking costs nothing: whoever comes first when a rest is over finds out.
    return [known[code] for code in order if code not in resting] or [known[code] for code in order]


def _asked() -> Mapping[str, Bank]:
    return gateways.banks() if outside.is_online(outside.PAYMENT) else {}


def _troubled(codes: list[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    columns = (OutsideSystem.code, OutsideSystem.breaker, OutsideSystem.probe_at, OutsideSystem.last_failure_at)
    query = select(*columns).where(OutsideSystem.code.in_(codes), OutsideSystem.failures > 0)
    return {row.code: row for row in db.session.execute(query)}


def _rests(row: Row[*tuple[Any, ...]], now: datetime) -> bool:
    return row.breaker is BreakerState.OPEN and row.probe_at is not None and row.probe_at > now


def _just_failed(row: Row[*tuple[Any, ...]], now: datetime) -> bool:
    return row.last_failure_at is not None and row.last_failure_at > now - FORGIVEN_AFTER
