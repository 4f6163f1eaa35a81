"""The numbers of an installation for Prometheus; nothing about a person is in a name or a label."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateways import queue
from models import utcnow
from services import books, letters, outside
from services.equipment import checking

HEALTHS = ("up", "slow", "shaky", "down")


def text(settings: Mapping[str, Any]) -> str:
    """The page in Prometheus's text format."""
    return "\n".join([*_outbox(), *_outside(settings), *_rest()]) + "\n"


def _outbox() -> Iterable[str]:
    now, loads = utcnow(), letters.loads()
    yield "# HELP doreh_outbox_open Things owed to the outside and not done yet."
    yield "# TYPE doreh_outbox_open gauge"
    for load in loads:
        yield f'doreh_outbox_open{{topic="{load.topic}"}} {load.open}'
    yield "# HELP doreh_outbox_dead Things owed and given up, waiting for an operator."
    yield "# TYPE doreh_outbox_dead gauge"
    for load in loads:
        yield f'doreh_outbox_dead{{topic="{load.topic}"}} {load.dead}'
    yield "# HELP doreh_outbox_oldest_seconds Age of the oldest thing owed."
    yield "# TYPE doreh_outbox_oldest_seconds gauge"
    for load in loads:
        age = (now - load.oldest_at).total_seconds() if load.oldest_at else 0
        yield f'doreh_outbox_oldest_seconds{{topic="{load.topic}"}} {max(age, 0):.0f}'


def _outside(settings: Mapping[str, Any]) -> Iterable[str]:
    yield "# HELP doreh_outside_down Whether the breaker of an outside system is open."
    yield "# TYPE doreh_outside_down gauge"
    for state in outside.states(settings):
        if state.health in HEALTHS:
            yield f'doreh_outside_down{{system="{state.code}"}} {int(state.health == "down")}'


def _rest() -> Iterable[str]:
    yield "# HELP doreh_queue_jobs Jobs that wait for a worker."
    yield "# TYPE doreh_queue_jobs gauge"
    yield f"doreh_queue_jobs {queue.depth()}"
    yield "# HELP doreh_workers Workers heard of lately."
    yield "# TYPE doreh_workers gauge"
    yield f"doreh_workers {queue.workers_alive()}"
    wrong = books.last_count()
    if wrong is not None:
        yield "# HELP doreh_books_wrong What did not add up in the last nightly proof: seats, purses, payments."
        yield "# TYPE doreh_books_wrong gauge"
        yield f"doreh_books_wrong {wrong}"
    wrong = checking.last_count()
    if wrong is not None:
        yield "# HELP doreh_equipment_wrong Items whose numbers the last nightly check found not to be their sums."
        yield "# TYPE doreh_equipment_wrong gauge"
        yield f"doreh_equipment_wrong {wrong}"
