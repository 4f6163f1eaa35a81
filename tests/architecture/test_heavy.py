"""Libraries for pictures, documents, sheets and buckets are loaded where they are used and nowhere else.

The processes that stay do not carry them: their memory is counted.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "PIL",
    "alembic",
    "defusedxml",
    "et_xmlfile",
    "flask_migrate",
    "fpdf",
    "mako",
    "openpyxl",
    "pygments",
    "requests_aws4auth",
    "uharfbuzz",
}
PARTS = ("blueprints", "gateways", "jobs", "services", "tables")
# Loaded as a whole by the one who chooses it in the settings.
CHOSEN = {"s3.py: requests_aws4auth"}
LOADED = """
import json, sys
{imports}
print(json.dumps(sorted(set(name.split(".")[0] for name in sys.modules))))
"""
WEB = f"""
from app import create_app
create_app({ {**SETTINGS, "DATABASE_URL": "sqlite://"} })
from services import imports, standards
for form in standards.FORMS:
    assert imports.template(form)
"""


def test_the_processes_that_stay_have_loaded_none_of_them():
    """All of them in one interpreter: web that gives out a template, an idle job, worker and dispatcher."""
    imports = f"{WEB}\nimport jobs.outbox, jobs.worker, jobs.dispatcher"
    command = [sys.executable, "-c", LOADED.format(imports=imports)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "flask" in loaded
    assert not loaded & HEAVY


def test_no_module_imports_one_at_its_top():
    found = set()
    for path in (path for part in PARTS for path in (ROOT / part).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {f"{path.name}: {name}" for name in names if name.split(".")[0] in HEAVY}
    assert found == CHOSEN
