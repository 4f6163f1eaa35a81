"""The migrations go down as well as up, on an empty database and on one with people in it, and leave nothing behind."""

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import inspect, text

from app import create_app
from models import Course, Enrollment, EquipmentItem, EquipmentMovement, Person, Place, Workshop, db
from services import health
from tests import databases, make
from tests.conftest import SETTINGS
from tests.services.test_schema import shape
from tests.web import pages

FOLDER = str(Path(__file__).resolve().parents[2] / "migrations")
# Functions of ours, which no dropped table takes along.
FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"


@pytest.fixture
def other(tmp_path):
    """An application on a migrated database of its own."""
    if db.engine.dialect.name == "sqlite":
        url = databases.sqlite_url(tmp_path)
    else:
        url = databases.fresh_database("postgresql", "migrations")
    other = create_app({**SETTINGS, "DATABASE_URL": url})
    flask_migrate.Migrate(other, db)
    with other.app_context():
        yield other
        db.session.remove()
        db.engine.dispose()


def left() -> list[str]:
    """Tables, views and functions that are there."""
    look, functions = inspect(db.engine), []
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            functions = list(connection.scalars(text(FUNCTIONS)))
    return sorted([*look.get_table_names(), *look.get_view_names(), *functions])


def test_down_takes_everything_away_and_up_brings_all_of_it_back(other):
    whole = shape(db.engine)
    pages.build()
    db.session.remove()
    flask_migrate.downgrade(FOLDER, "base")
    assert left() == ["alembic_version"]
    flask_migrate.upgrade(FOLDER)
    assert shape(db.engine) == whole
    assert health.readiness()["migrations"]
    pages.build()  # and it works


def test_the_rows_of_an_installation_outlive_the_last_migration(other):
    pages.build()
    make.item()
    before = counted()
    db.session.remove()
    flask_migrate.downgrade(FOLDER, "0003")
    flask_migrate.upgrade(FOLDER)
    assert counted() == before
    item = make.first(EquipmentItem)
    opened = db.session.query(EquipmentMovement).filter_by(item_id=item.id).one()
    assert (opened.pieces, opened.working, opened.user_id) == (item.quantity, item.serviceable, None)


def counted() -> dict[str, int]:
    models = (Person, Place, Workshop, Course, Enrollment, EquipmentItem)
    return {model.__tablename__: db.session.query(model).count() for model in models}


def test_every_migration_goes_down_by_one_and_up_again(other):
    whole = shape(db.engine)
    for _ in Path(FOLDER, "versions").glob("[0-9]*.py"):
        flask_migrate.downgrade(FOLDER, "-1")
    assert left() == ["alembic_version"]
    flask_migrate.upgrade(FOLDER)
    assert shape(db.engine) == whole
