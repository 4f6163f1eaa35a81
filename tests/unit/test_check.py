"""`make check` looks at what it says it looks at."""

import pytest

from scripts import check
from scripts.provision import ROOT


def test_the_budgets_are_files_with_tests_in_them():
    assert len(check.BUDGETS) >= 2
    assert [path for path in check.BUDGETS if "def test_" not in (ROOT / path).read_text()] == []
    assert set(check.BUDGETS) < set(check.TESTS)


@pytest.mark.parametrize("aside", [False, True])
def test_a_file_of_budgets_that_is_gone_fails_the_check(capfd, aside):
    gone = {"gone": ["pytest", "-q", "--noconftest", "-p", "no:cacheprovider", "tests/web/test_no_such_budget.py"]}
    assert check.failing(gone, aside=aside) == ["gone"]
    assert "test_no_such_budget" in "".join(capfd.readouterr())
