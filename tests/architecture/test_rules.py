"""A rule that code points to exists, once."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULE = re.compile(r"\bR-\d+\b")


def test_every_rule_has_one_number_and_every_source_names_a_rule():
    text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    numbers = Counter(re.findall(r"\*\*(R-\d+)\*\*", text))
    assert [number for number, times in numbers.items() if times > 1] == []
    for path in (ROOT / "services").rglob("*.py"):
        unknown = set(RULE.findall(path.read_text(encoding="utf-8"))) - set(numbers)
        assert not unknown, f"{path.relative_to(ROOT)} names {sorted(unknown)}"
