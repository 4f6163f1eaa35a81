"""Nothing grows past the size at which nobody reads it any more; a waiver needs a sentence."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("bench", "blueprints", "gateways", "jobs", "sandbox", "scripts", "services", "tables")
FUNCTION, TEST, MODULE, TEST_MODULE, ARGUMENTS = 45, 25, 400, 600, 6
PAGE, FRAGMENT = 120, 60

# "file" or "file:function" -> why it may be longer.
WAIVED: dict[str, str] = {
    "migrations/versions/0001_schema.py": "the first schema is one list of tables",
}


def python_files() -> list[Path]:
    found = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*found, ROOT / "app.py", ROOT / "config.py", ROOT / "models.py"]


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return (function.end_lineno or first) - first + 1


def too_long(paths: list[Path], most: int) -> list[str]:
    found = []
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        for function in functions(path):
            if length(function) > most and f"{name}:{function.name}" not in WAIVED:
                found.append(f"{name}:{function.name} has {length(function)} lines")
    return found


def test_functions_stay_readable():
    assert too_long(python_files(), FUNCTION) == []


def test_tests_stay_readable():
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    assert too_long(paths, TEST) == []


@pytest.mark.parametrize(("paths", "most"), [
    (python_files(), MODULE), (sorted((ROOT / "tests").rglob("*.py")), TEST_MODULE),
], ids=["code", "tests"])  # fmt: skip
def test_modules_stay_readable(paths, most):
    sizes = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: size for name, size in sizes.items() if size > most and name not in WAIVED} == {}


def test_functions_take_few_arguments():
    found = []
    for path in python_files():
        for function in functions(path):
            count = len(function.args.args) + len(function.args.posonlyargs)
            if (
                count - (1 if function.args.args[:1] and function.args.args[0].arg in ("self", "cls") else 0)
                > ARGUMENTS
            ):
                found.append(f"{path.relative_to(ROOT)}:{function.name}")
    assert found == []


def test_templates_stay_readable():
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if "shared" not in path.parts and lines > (FRAGMENT if path.name.startswith("_") else PAGE):
            found.append(f"{path.relative_to(ROOT)} has {lines} lines")
    assert [name for name in found if "components" not in name] == []


def test_every_module_opens_with_one_sentence_about_itself():
    silent = []
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_no_module_is_a_bag_of_odds_and_ends():
    assert [p.name for p in python_files() if p.stem in ("utils", "helpers", "common", "misc")] == []
