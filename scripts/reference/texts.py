"""Data files of lines."""

from pathlib import Path


def lines(path: Path) -> list[str]:
    """The lines of a data file, without comments and blanks."""
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
