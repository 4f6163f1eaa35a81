"""`make check`: style, types, architecture and page budgets."""

import subprocess
import sys

from scripts import provision
from scripts.provision import PYTHON, ROOT

STATIC = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
}
# The walks over all pages (bytes, queries) and forms (queries), and the static files. A name that is gone fails.
BUDGETS = ("tests/web/test_pages.py", "tests/web/test_posts.py", "tests/web/test_assets.py")
TESTS = ["pytest", "-q", "tests/architecture", *BUDGETS]


def failing(checks: dict[str, list[str]] = STATIC, *, aside: bool = False) -> list[str]:
    """The names of the checks that fail; each prints its own findings, `aside` of something else in one piece."""
    failed = []
    for name, command in checks.items():
        if not aside:
            print(f"== {name}", flush=True)
        into = subprocess.PIPE if aside else None
        done = subprocess.run([PYTHON, "-m", *command], cwd=ROOT, stdout=into, stderr=into, text=True, check=False)
        if aside:
            print(f"\n== {name}\n{done.stdout}{done.stderr}", end="", flush=True)
        if done.returncode != 0:
            failed.append(name)
    return failed


def main() -> int:
    try:
        provision.enter("requirements-dev.txt", "scripts.check")
    except provision.Unprovided as error:
        print(error, file=sys.stderr)
        return 1
    failed = failing({**STATIC, "architecture and budgets": TESTS})
    print("failed: " + ", ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
