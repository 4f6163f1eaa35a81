"""A whole installation with demo data, and a browser to use it with."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from scripts.plan import Plan
from scripts.provision import PYTHON, ROOT
from tests import databases
from tests.processes.conftest import Installation
from tests.web.bare import chromium, follow, patient

PASSWORD = "doreh-demo"


class House:
    """The running installation: its address, its sandbox and the phones in it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.base = f"http://127.0.0.1:{installation.ports[0]}"
        self.sandbox = f"http://localhost:{installation.ports[1]}"

    def control(self, path: str, data: Any = None) -> Any:
        url = f"{self.sandbox}/control{path}"
        answer = requests.get(url, timeout=60) if data is None else requests.post(url, json=data, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def switch(self, system: str, mode: str, seconds: int = 5) -> None:
        self.control("/switch", {"system": system, "mode": mode, "seconds": seconds})

    def somebody(self, *words: str, skip: int = 0) -> dict[str, Any]:
        """A person the sandbox knows whose note has all the words."""
        people = json.loads((self.installation.data / "people.json").read_text())
        return [person for person in people if all(word in (person.get("note") or "") for word in words)][skip]

    def phone(self, mobile: str) -> list[str]:
        return [message["text"] for message in self.control(f"/phones/{mobile}")["messages"]]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[House]:
    settings, data = {"OUTSIDE_TIMEOUT_S": "2"}, tmp_path_factory.mktemp("house") / "var"  # a slow system is given up
    if os.environ.get("TEST_DATABASE") == "postgresql":
        settings["DATABASE_URL"] = databases.fresh_database("postgresql", f"house_{worker_id}")
    else:
        own = tmp_path_factory.getbasetemp()
        shutil.copytree(_with_demo_data(own if worker_id == "master" else own.parent), data)
    installation = Installation(data, settings)
    installation.start()
    yield House(installation)
    installation.stop()


def _with_demo_data(folder: Path) -> Path:
    """A data folder as the first start leaves it, made once for all processes of a run."""
    made, draft = folder / "demo", folder / "demo.new"
    with databases.locked(folder / "demo.lock"):
        if not made.exists():
            draft.mkdir(mode=0o700)
            environ = Plan.read({**os.environ, "DATA_DIR": str(draft)}).environ("")
            command = [PYTHON, "-m", "scripts.demo", "migrate"]
            subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
            draft.rename(made)
    return made


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def books(house: House) -> Iterator[Any]:
    """The database of the installation, as tests read and write it."""
    from tests.browser.by_http import Books

    books = Books(house)
    yield books
    books.engine.dispose()


@pytest.fixture(scope="module")
def course(books: Any) -> Any:
    """A course in which there is room for everybody."""
    return books.roomy_course()


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """`visit()` opens a fresh browser profile; its page's addresses are relative to the product."""
    opened: list[BrowserContext] = []

    def _visit(*, javascript: bool = True, width: int = 1280) -> Page:
        context = patient(
            browser,
            base_url=house.base,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
            locale="fa-IR",
        )
        opened.append(context)
        return context.new_page()

    yield _visit
    for context in opened:
        context.close()


@pytest.fixture
def staff(visit: Callable[..., Page]) -> Callable[..., Page]:
    """`staff("clerk1")`: a browser in which that demo account is signed in."""

    def _staff(username: str, **options: Any) -> Page:
        page = visit(**options)
        page.goto("/auth/login")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        follow(page, "main button.primary")
        assert "/auth/login" not in page.url, page.inner_text("main")
        return page

    return _staff


class Line:
    """50 kbit/s and half a second, until it is cut."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.mend()

    def mend(self, *, cut: bool = False) -> None:
        rate = {"latency": 500, "downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8, "offline": cut}
        self.session.send("Network.emulateNetworkConditions", rate)

    def cut(self) -> None:
        self.mend(cut=True)


def picture(page: Page, name: str) -> None:
    """A screenshot for people, where `SCREENSHOTS` names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        width = (page.viewport_size or {}).get("width")
        page.screenshot(path=Path(folder, f"{name}-{width}.png"), full_page=True)
