"""The 31 provinces with their counties and towns."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.reference.texts import lines

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class County:
    code: str
    title: str
    towns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    code: str
    title: str
    dialing_code: str
    counties: tuple[County, ...]

    def county(self, title: str) -> County:
        return next(county for county in self.counties if county.title == title)


@cache
def provinces() -> tuple[Province, ...]:
    """All provinces in the order of their statistical codes; the first county of each is its capital's."""
    return tuple(_province(line) for line in lines(DATA / "counties.txt"))


def province(title: str) -> Province:
    return next(found for found in provinces() if found.title == title)


def _province(line: str) -> Province:
    code, title, dialing_code, listed = line.split("|")
    # Where towns are listed too, counties are parted by «؛» and «،» parts the towns.
    sign = "؛" if "؛" in listed else "،"
    entries = [entry.strip() for entry in listed.split(sign)]
    counties = tuple(_county(f"{code}{number:02}", entry) for number, entry in enumerate(entries, 1))
    return Province(code, title, dialing_code, counties)


def _county(code: str, entry: str) -> County:
    title, _, towns = entry.partition(":")
    return County(code, title, tuple(town.strip() for town in towns.split("،")) if towns else (title,))
