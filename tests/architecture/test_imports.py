"""Imports point downwards, and only services write."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {
    "app", "bench", "blueprints", "config", "gateways", "jobs", "migrations", "models", "sandbox", "scripts",
    "services", "tables", "tests",
}  # fmt: skip
MAY_IMPORT = {
    "config": set(),
    "tables": set(),
    "models": {"tables"},
    "gateways": set(),
    "services": {"models", "gateways"},
    "jobs": {"services"},
    "blueprints": {"services", "models"},
    "sandbox": set(),
    "migrations": {"tables", "models"},
}
# These wire parts together and so may see more.
WIRING = {
    "jobs/__init__.py": {"scripts"},
    "jobs/background.py": {"config", "gateways", "models", "scripts"},
    "jobs/__main__.py": {"scripts"},
    "jobs/worker.py": {"gateways", "models", "scripts"},
    "jobs/dispatcher.py": {"models"},
    "blueprints/auth/window.py": {"gateways"},
}
# Rules without a database: they stand at the bottom of services and import nothing of ours but each other.
PURE = {"text", "codes", "jalali", "errors", "labels"}


def files(layer: str) -> list[Path]:
    single = ROOT / f"{layer}.py"
    return [single] if single.exists() else sorted((ROOT / layer).rglob("*.py"))


def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
    return names


EVERY = [(layer, path) for layer in MAY_IMPORT for path in files(layer)]


@pytest.mark.parametrize(("layer", "path"), EVERY, ids=lambda x: str(x).removeprefix(f"{ROOT}/"))
def test_imports_point_downwards(layer, path):
    relative = path.relative_to(ROOT).as_posix()
    allowed = MAY_IMPORT[layer] | {layer} | WIRING.get(relative, set())
    wrong = {name for name in imported(path) if name.split(".")[0] in OURS - allowed}
    assert not wrong, f"{relative}: {layer} must not import {sorted(wrong)}"


@pytest.mark.parametrize("path", [p for layer in ("blueprints", "jobs") for p in files(layer)], ids=lambda p: p.name)
def test_routes_and_jobs_never_touch_the_session(path):
    allowed = {"worker.py", "dispatcher.py"}
    assert path.name in allowed or "db.session" not in path.read_text(encoding="utf-8")


def test_a_role_never_imports_another_roles_pages():
    roles = {"center", "province", "hq", "trainee", "instructor", "ops", "public"}
    for role in roles:
        for path in (ROOT / "blueprints" / role).rglob("*.py"):
            parts = [name.split(".") for name in imported(path) if name.startswith("blueprints.")]
            others = {part[1] for part in parts if len(part) > 1} & (roles - {role})
            assert not others, f"{path.relative_to(ROOT)} imports {sorted(others)}"


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_rules_know_no_database(name):
    wrong = [n for n in imported(ROOT / "services" / f"{name}.py") if n.split(".")[0] in OURS]
    assert {n.removeprefix("services.") for n in wrong} <= PURE


def test_the_product_and_the_sandbox_do_not_know_each_other():
    for layer in set(MAY_IMPORT) - {"sandbox"}:
        for path in files(layer):
            assert not [name for name in imported(path) if name.split(".")[0] == "sandbox"], path


def test_the_rule_sees_an_import_that_points_upwards(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from blueprints import guards\n", encoding="utf-8")
    assert imported(bad) == ["blueprints"]
