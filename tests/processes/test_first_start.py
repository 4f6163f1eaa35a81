"""An installation without demo data, from nothing to the first directorate, as the README says."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from scripts.first_admin import THERE_IS_ONE
from tests import make
from tests.processes.conftest import PATIENCE_S, ROOT, Installation

PASSWORD = "four-fresh-words"  # noqa: S105


@pytest.fixture
def empty(tmp_path: Path):
    made = Installation(tmp_path / "var", {"DEMO": "0"})
    made.start()
    yield made
    made.stop()


def first_admin(installation: Installation, *lines: str) -> subprocess.CompletedProcess[str]:
    """The command that the start has printed, answered line by line."""
    command = re.search(r"(DATA_DIR=\S+ PORT=\S+) (\.venv/bin/python -m scripts\.first_admin)", installation.said())
    assert command, installation.said()
    given = dict(each.split("=", 1) for each in command[1].split())
    environ = {**os.environ, **given}
    return subprocess.run(
        command[2].split(), cwd=ROOT, env=environ, input="".join(f"{line}\n" for line in lines),
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip


class Browser(requests.Session):
    """Sends forms as a browser without scripts does."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def submit(self, path: str, **typed: str) -> requests.Response:
        """The last form of a page with what is typed into it."""
        page = self.get(urljoin(self.base, path))
        form = BeautifulSoup(page.text, "html.parser").select("main form[method=post]")[-1]
        filled = {tag["name"]: tag.get("value", "") for tag in form.select("input[name]")}
        return self.post(urljoin(page.url, form.get("action") or ""), data=filled | typed)


def test_the_first_admin_of_an_empty_installation_signs_in_and_makes_a_directorate(empty):
    assert "doreh-demo" not in empty.said()
    wrong, right = "1234567890", make.national_code(123_456)
    made = first_admin(empty, wrong, "مریم", "نوروزی", "first.admin", right)
    assert made.returncode == 0, made.stderr
    code = re.search(r"\b(\d{4} \d{4})\b", made.stdout)[1]
    browser = Browser(f"http://127.0.0.1:{empty.ports[0]}")
    home = browser.submit("/auth/code", username="first.admin", code=code, password=PASSWORD, repeat=PASSWORD)
    assert home.url.endswith("/hq"), home.text
    new = BeautifulSoup(browser.get(f"{browser.base}/hq/units/new").text, "html.parser")
    provinces = {option.get_text(): option["value"] for option in new.select("#province option")}
    assert len(provinces) == 32
    page = browser.submit("/hq/units/new", province=provinces["گلستان"])
    assert "اداره کل آموزش فنی و حرفه‌ای استان گلستان" in page.text
    assert "واحد ساخته شد" in page.text
    again = first_admin(empty)
    assert (again.returncode, again.stderr.strip()) == (1, THERE_IS_ONE)


def test_a_database_without_tables_is_refused_in_one_sentence(tmp_path):
    environ = {**os.environ, "DATA_DIR": str(tmp_path / "var")}
    command = [".venv/bin/python", "-m", "scripts.first_admin"]
    refused = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database is not migrated.")
