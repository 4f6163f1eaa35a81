"""Demo data that looks like life: the same people, places and courses every time."""

from pathlib import Path

DATA = Path(__file__).with_name("data")
