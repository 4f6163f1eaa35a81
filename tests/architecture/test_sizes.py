"""Nothing grows past the size at which nobody reads it any more; a waiver needs a sentence."""

import ast
import functools
import inspect
from pathlib import Path

import pytest

from app import create_app
from tests.conftest import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
CODE = ("bench", "blueprints", "gateways", "jobs", "sandbox", "scripts", "services", "tables")
FUNCTION, ROUTE, FORM, JOB, TEST, MODULE, TEST_MODULE = 45, 25, 40, 15, 25, 400, 600
ARGUMENTS, NESTING = 6, 3
PAGE, FRAGMENT = 120, 60
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)

# "file" or "file:function" -> why it may be longer.
WAIVED: dict[str, str] = {
    "migrations/versions/0001_schema.py": "the first schema is one list of tables",
    "blueprints/forms/units.py:UnitForm": "four kinds of unit share its fields, each without those it does not have",
}


def python_files() -> list[Path]:
    found = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*found, ROOT / "app.py", ROOT / "config.py", ROOT / "models.py"]


def functions(path: Path) -> list[ast.FunctionDef]:
    return parts(path, ast.FunctionDef)


@functools.cache
def parts(path: Path, kind: type[ast.AST]) -> list:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kind)]


def length(part: ast.FunctionDef | ast.ClassDef) -> int:
    first = min([part.lineno, *(decorator.lineno for decorator in part.decorator_list)])
    return (part.end_lineno or first) - first + 1


def too_long(paths: list[Path], most: int, kind: type[ast.AST] = ast.FunctionDef) -> list[str]:
    found = []
    for path in paths:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        for part in parts(path, kind):
            if length(part) > most and f"{name}:{part.name}" not in WAIVED:
                found.append(f"{name}:{part.name} has {length(part)} lines")
    return found


def depth(node: ast.AST) -> int:
    """How many blocks stand in each other; an `elif` is no deeper than its `if`, inner functions count alone."""
    return max((_inside(node, child) for child in ast.iter_child_nodes(node)), default=0)


def _inside(node: ast.AST, child: ast.AST) -> int:
    if isinstance(child, ast.FunctionDef | ast.ClassDef):
        return 0
    is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
    return depth(child) + (isinstance(child, BLOCKS) and not is_elif)


def routes() -> list[tuple[Path, ast.FunctionDef]]:
    """The functions that addresses of ours lead to."""
    app = create_app({**SETTINGS, "DATABASE_URL": "sqlite://"})
    codes = {inspect.unwrap(view).__code__ for view in app.view_functions.values()}
    places = {(Path(code.co_filename), code.co_name) for code in codes}
    files = {path for path, _ in places if path.is_relative_to(ROOT / "blueprints")}
    return [(path, each) for path in sorted(files) for each in functions(path) if (path, each.name) in places]


def test_functions_stay_readable():
    assert too_long(python_files(), FUNCTION) == []


def test_routes_say_who_and_what_and_no_more():
    found = [(path, each) for path, each in routes() if length(each) > ROUTE]
    names = [f"{path.relative_to(ROOT).as_posix()}:{each.name}" for path, each in found]
    assert len(routes()) > 50
    assert [name for name in names if name not in WAIVED] == []


def test_forms_and_their_fields_stay_readable():
    assert too_long(sorted((ROOT / "blueprints" / "forms").glob("*.py")), FORM, ast.ClassDef) == []


def test_a_job_hands_over_to_a_service():
    assert too_long(sorted((ROOT / "jobs").glob("*.py")), JOB) == []


def test_blocks_do_not_stand_deep_in_each_other():
    deep = [(path, each.name, depth(each)) for path in python_files() for each in functions(path)]
    assert [f"{path.relative_to(ROOT)}:{name}" for path, name, blocks in deep if blocks > NESTING] == []


CONTROL = """
class Form:
    def deep(rows):
        for row in rows:
            if row:
                with row:
                    try:
                        pass
                    finally:
                        pass

    def flat(row):
        if row == 1:
            pass
        elif row == 2:
            pass
        elif row == 3:
            pass
        else:
            for each in row:
                pass
"""


def test_the_measures_measure(tmp_path):
    path = tmp_path / "control.py"
    path.write_text(CONTROL)
    assert [depth(each) for each in functions(path)] == [4, 2]
    assert [length(each) for each in functions(path)] == [8, 10]
    assert too_long([path], 8) == ["control.py:flat has 10 lines"]
    assert too_long([path], 18, ast.ClassDef) == ["control.py:Form has 20 lines"]


def test_every_waiver_is_still_needed():
    names = {name.partition(":")[2]: ROOT / name.partition(":")[0] for name in WAIVED if ":" in name}
    lengths = {
        name: length(each) for name, path in names.items() for each in parts(path, ast.ClassDef) if each.name == name
    }
    assert {name for name, lines in lengths.items() if lines > FORM} == set(names)


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
