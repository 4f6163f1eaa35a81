"""Libraries that read workbooks are loaded in jobs only: the memory of the web processes is counted."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"openpyxl", "defusedxml", "et_xmlfile"}
START = """
import sys
from app import create_app
create_app()
import jobs.outbox
from services import imports, standards
for form in standards.FORMS:
    assert imports.template(form)
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_neither_the_web_nor_an_idle_worker_nor_a_download_loads_a_library_for_workbooks():
    environ = {**os.environ, **SETTINGS, "DATABASE_URL": "sqlite://"}
    done = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.strip().split(","))
    assert "flask" in loaded
    assert not HEAVY & loaded


def test_only_the_reader_of_sheets_names_the_library_and_only_inside_a_function():
    for path in [
        *(ROOT / "services").rglob("*.py"),
        *(ROOT / "blueprints").rglob("*.py"),
        *(ROOT / "jobs").glob("*.py"),
    ]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
        for node in ast.walk(tree):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            if HEAVY & {name.partition(".")[0] for name in names}:
                assert path.relative_to(ROOT).as_posix() == "services/imports/sheets.py"
                assert id(node) in inside
