"""Chromium beside an application in this process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.web.bare import chromium


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()
