"""Demo data that looks like life: the same people, places and courses every time."""

from pathlib import Path

from scripts.processes import collect_rarely

collect_rarely()  # before the product is loaded
DATA = Path(__file__).with_name("data")
