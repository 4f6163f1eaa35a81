"""Taking one guard away, for the controls that show an attack to be real."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Index, event, text

from models import Model, db
from tests import databases


def ignore_checks(connection, _record) -> None:
    """SQLite cannot drop one CHECK; on a new connection it can be told to overlook all of them."""
    connection.cursor().execute("PRAGMA ignore_check_constraints=ON")


@pytest.fixture
def without_check(app) -> Iterator[Callable[[str, str], None]]:
    """`without_check(table, name)` switches off a CHECK for this test and puts it back afterwards."""
    undo: list[str] = []

    def drop(table: str, name: str) -> None:
        name = f"ck_{table}_{name}"
        db.session.rollback()
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", ignore_checks)
            db.engine.dispose()
            return
        definition = db.session.scalar(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"), {"name": name}
        )
        db.session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        db.session.commit()
        undo.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")

    yield drop
    db.session.rollback()
    if event.contains(db.engine, "connect", ignore_checks):
        event.remove(db.engine, "connect", ignore_checks)
        db.engine.dispose()
    for statement in undo:
        db.session.execute(text(statement))
        db.session.commit()


@pytest.fixture
def without_index(app) -> Iterator[Callable[[type[Model], str], None]]:
    """`without_index(Enrollment, name)` drops an index for this test and puts it back afterwards."""
    dropped: list[Index] = []

    def drop(model: type[Model], name: str) -> None:
        db.session.rollback()
        dropped.extend(index for index in model.__table__.indexes if index.name == name)
        dropped[-1].drop(db.engine)

    yield drop
    db.session.remove()
    databases.reset(db.engine)  # of what only the missing index has let in
    for index in dropped:
        index.create(db.engine, checkfirst=True)
