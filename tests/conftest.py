"""What every test with a database stands on: an application on a fresh copy, a strict client, a query counter."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import brotli
import hypothesis
import pytest
from bs4 import BeautifulSoup
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from app import create_app
from models import Person, User, db
from services import outside_hours
from tests import databases
from tests.strict import check_page

WITH_DATABASE = {"services", "web", "jobs", "race", "looks"}
SETTINGS = {
    "DOREH_MODE": "test",
    "SECRET_KEY": "a key for tests that is long enough to be taken",
    "BASE_URL": "http://localhost",
    "REDIS_URL": "",
    "SSO_MODE": "off",
    "REGISTRY_MODE": "off",
    "SHAHKAR_MODE": "off",
    "SMS_MODE": "off",
    "PAYMENT_MODE": "off",
    "PUBLIC_PAGES_KEPT_S": "0",
}


# The same examples each time, and however long they take: a test fails for what is wrong, not for the day's luck.
hypothesis.settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


EVERYTHING = os.environ.get("ODD_INPUT") == "all"  # `make soak`

# Files that take long, the longest first: `make test` gives whole files to its processes in this order.
LONG = (
    "looks/test_every_page", "browser/test_switches", "browser/test_forms_survive", "race/test_kills",
    "browser/test_whole_job", "browser/test_course_week", "processes/test_run", "web/test_territory",
    "web/test_odd_input", "browser/test_instructor_job", "web/test_pages", "processes/test_recovery",
    "jobs/test_processes", "services/test_course_walks", "race/test_process_storm", "web/test_posts", "web/test_script",
    "services/test_schema", "jobs/test_delivery", "processes/test_worker", "processes/test_first_start",
    "services/test_course_steps", "processes", "browser", "race", "services/test_demo_load", "services/test_reference",
    "web/test_components", "web/test_public_browser", "unit/test_check", "services", "web",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the order of `LONG`, without those of the other database.

    A name with the time in it differs between the processes of one run, which then run nothing at all.
    """
    now = str(int(time.time()))[:6]
    assert not [item.nodeid for item in items if now in item.nodeid]
    elsewhere = [item for item in items if _is_of_another_database(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = sorted((item for item in items if item not in elsewhere), key=_place)
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(50_000, 20, 100)  # a request leaves less behind than the search for it takes


def _is_of_another_database(item: pytest.Item) -> bool:
    """`@pytest.mark.only("postgresql")`: a long walk that the two runs of `make test` share out between them."""
    mark = item.get_closest_marker("only")
    return mark is not None and mark.args[0] != os.environ.get("TEST_DATABASE", "sqlite") and not EVERYTHING


def _place(item: pytest.Item) -> int:
    place = item.nodeid.removeprefix("tests/")
    return next((n for n, name in enumerate(LONG) if place.startswith(name)), len(LONG))


@pytest.fixture(scope="session")
def templates(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, which the processes of one run share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def app(worker_id: str, templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    url = databases.fresh_database(os.environ.get("TEST_DATABASE", "sqlite"), worker_id)
    app = create_app({**SETTINGS, "DATABASE_URL": url, "DATA_DIR": databases.folder_in_memory()})
    app.test_client_class = PageClient
    app.jinja_env.bytecode_cache = templates
    with app.app_context():
        databases.give_no_order_of_its_own(db.engine)
        db.engine._compiled_cache.capacity = 5_000  # the tests of one process send more kinds than a server ever does
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """Real commits on an emptied database: what a test sees is what production sees."""
    folder = Path(request.node.path).relative_to(Path(__file__).parent).parts[0]
    if folder not in WITH_DATABASE:
        yield
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        databases.reset(db.engine)
        outside_hours.forget()
        yield
        db.session.remove()


class PageClient(FlaskClient):
    """A client that fails a test for what no page of ours may contain."""

    def open(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        kwargs.setdefault("buffered", True)  # read to the end and closed, as by a server
        with self.application.app_context():  # as in production: a request shares neither `g` nor session with the test
            response = super().open(*args, **kwargs)
        if has_app_context():
            db.session.rollback()  # so that the test reads what the request has stored
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            packed = response.content_encoding == "br"
            check_page((brotli.decompress(response.data) if packed else response.data).decode())
        return response


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """`sign_in(user)` or `sign_in(person)`: a strict client with a session of its own."""

    def _sign_in(who: User | Person, *, htmx: bool = False) -> FlaskClient:
        from blueprints import guards
        from services import sessions

        client = app.test_client()
        if isinstance(who, User):
            client.set_cookie(guards.staff_cookie(), sessions.open_staff(who.id))
        else:
            client.set_cookie(guards.trainee_cookie(), sessions.open_trainee(who.id))
        if htmx:
            client.environ_base["HTTP_HX_REQUEST"] = "true"
        return client

    return _sign_in


@pytest.fixture
def token() -> Callable[[FlaskClient, str], str]:
    """`token(client, url)`: the CSRF token of the first form on that page."""

    def _token(client: FlaskClient, url: str) -> str:
        soup = BeautifulSoup(client.get(url).data, "html.parser")
        return str(soup.select_one("input[name=csrf_token]")["value"])

    return _token


@pytest.fixture
def queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with queries() as seen:` collects the statements sent to the database."""

    @contextmanager
    def _queries() -> Iterator[list[str]]:
        seen: list[str] = []

        def listen(_conn, _cursor, statement: str, *_rest: object) -> None:  # type: ignore[no-untyped-def]
            if not statement.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)

    return _queries
