"""A new row and what is owed for it, for the paths that are walked all day: one statement where the database can."""

from functools import cache, partial
from typing import Any

from sqlalchemy import Insert, String, bindparam, cast, literal, select
from sqlalchemy.dialects import postgresql

from gateways import queue
from models import Model, Outbox, db
from services.outbox import Topic, born, owe
from services.sql import Row, add_once
from services.transaction import after_commit

_OUTBOX: Any = Outbox.__table__
_OWED = ("state", "attempts", "failures", "next_try_at", "created_at")


def add_and_owe(topic: Topic, row: Row, *beside: Row) -> None:
    """Add a row and owe it to `topic`; neither where any unique key of it is taken.

    Rows `beside` it are added by the same statement in any case. SQLite takes no INSERT in a WITH, so there each row
    is a statement.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        for model, values in beside:
            add_once(model, **values)
        new_id = add_once(row[0], **row[1])
        if new_id is not None:
            owe(topic, new_id, f"{topic}:{new_id}")
        return
    rows = (row, *beside)
    statement = _adding(topic, *((model, tuple(values)) for model, values in rows))
    given = {f"{n}_{name}": value for n, (_, values) in enumerate(rows) for name, value in values.items()}
    owed = born(topic, 0, "")
    outbox_id = db.session.connection().execute(statement, given | {name: owed[name] for name in _OWED}).scalar()
    if outbox_id is not None:
        after_commit(partial(queue.nudge, outbox_id))


@cache
def _adding(topic: Topic, *tables: tuple[type[Model], tuple[str, ...]]) -> Insert:
    """PostgreSQL: a row of each table, of whose first the outbox gets one; parameters are "0_column", "1_column" …"""
    new, *beside = (_inserted(n, model, names) for n, (model, names) in enumerate(tables))
    made = new.returning(tables[0][0].__table__.c.id).cte("made")
    key = literal(f"{topic}:").concat(cast(made.c.id, String))
    rest = (bindparam(name, type_=_OUTBOX.c[name].type) for name in _OWED)
    owed = select(literal(topic.value), made.c.id, key, *rest)
    statement = postgresql.insert(_OUTBOX).from_select(["topic", "ref_id", "dedup_key", *_OWED], owed)
    for n, each in enumerate(beside, start=1):
        statement = statement.add_cte(each.cte(f"beside_{n}"))
    return statement.on_conflict_do_nothing().returning(_OUTBOX.c.id)


def _inserted(n: int, model: Any, names: tuple[str, ...]) -> postgresql.Insert:
    columns = model.__table__.c
    values = {name: bindparam(f"{n}_{name}", type_=columns[name].type) for name in names}
    return postgresql.insert(model.__table__).values(values).on_conflict_do_nothing()
