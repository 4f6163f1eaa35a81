"""What tests of pages share: a form sent with its token, and Chromium."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Playwright

from services import drawing, sessions
from tests.web.bare import chromium


@pytest.fixture
def post(client: FlaskClient, token: Callable[[FlaskClient, str], str]) -> Callable[..., Any]:
    """`post(url, **fields)` sends a form as the module's `client`, or as whoever is given."""

    def _post(url: str, as_: FlaskClient | None = None, **data: Any) -> Any:
        who = as_ or client
        return who.post(url, data={"csrf_token": token(who, "/auth/sessions"), **data})

    return _post


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def no_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For walks that count statements: once a minute a session notes that it is in use, and a walk may take longer."""
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """For walks that ask for every address many times: a document is drawn by a process of its own, for a second."""
    monkeypatch.setattr(drawing, "drawn", lambda *asked: b"%PDF-1.3 drawn elsewhere")
