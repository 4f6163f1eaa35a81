"""Two who name deputies for the same days at the same moment, on both databases: one of them stands."""

import threading
import uuid

import pytest

from models import Deputy, Role, UnitKind, db
from services import deputies
from services.deputies import Named
from services.errors import DomainError
from tests import course_cases as cases
from tests import make
from tests.services.test_deputies import named


@pytest.fixture
def unit():
    return make.unit()


def test_of_two_deputies_named_at_once_for_the_same_days_one_stands(app, unit):
    manager, reviewer = make.user(Role.MANAGER, unit), make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE))
    asking = [cases.actor(manager), cases.actor(reviewer)] * 3
    wanted: list[Named] = [named(manager, make.user(Role.CLERK, unit)) for _ in asking]
    db.session.rollback()
    told, start = [], threading.Barrier(len(asking))

    def ask(actor, row):
        with app.app_context():
            start.wait()
            try:
                told.append(deputies.name(actor, row, str(uuid.uuid4())))
            except DomainError as refused:
                told.append(refused.field)

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(asking, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told, key=str) == [True, *["first_on"] * (len(asking) - 1)]
    assert db.session.query(Deputy).count() == 1
