"""Skill standards with their fields, hours and the equipment they ask for."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from scripts.demo import DATA
from scripts.reference.texts import lines

EDUCATION = {
    "خواندن و نوشتن": "خواندن و نوشتن",
    "ابتدایی": "پایان دورهٔ ابتدایی",
    "متوسطهٔ اول": "پایان دورهٔ متوسطهٔ اول",
    "دیپلم": "دیپلم",
}


# title of a standard, title of the one that comes before it
PREREQUISITE = ("کانال‌ساز کولر و تهویه", "ورقکار عمومی")


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` of something for each `basis_n` trainees."""

    group: str
    name: str
    unit_of_count: str
    quantity: int
    basis_n: int

    def needed(self, trainees: int) -> int:
        # A group begun needs its whole set.
        return self.quantity * -(-trainees // self.basis_n)


@dataclass(frozen=True, slots=True)
class Kit:
    code: str
    workshop_title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of trades with the family and cluster above it."""

    family: str
    cluster: str
    title: str
    kit: str


@dataclass(frozen=True, slots=True)
class Standard:
    code: str
    title: str
    field: Field
    theory_minutes: int
    practice_minutes: int
    project_minutes: int
    internship_minutes: int
    min_education: str

    @property
    def unit_group(self) -> str:
        """The four digits of ISCO-08."""
        return self.code[:4]

    @property
    def total_minutes(self) -> int:
        return self.theory_minutes + self.practice_minutes + self.project_minutes + self.internship_minutes


@cache
def kits() -> dict[str, Kit]:
    return {
        code: Kit(code, title, tuple(_item(row) for row in rows))
        for (code, title), rows in _sections("kits.txt").items()
    }


@cache
def standards() -> tuple[Standard, ...]:
    found: list[Standard] = []
    seen: Counter[str] = Counter()
    for (path, kit), rows in _sections("standards.txt").items():
        family, cluster, title = (part.strip() for part in path.split(" / "))
        field = Field(family, cluster, title, kit)
        for row in rows:
            unit_group = row[:4]
            seen[unit_group] += 1
            found.append(_standard(row, field, seen[unit_group]))
    return tuple(found)


@cache
def fields() -> tuple[Field, ...]:
    return tuple(dict.fromkeys(standard.field for standard in standards()))


def prerequisite(standard: Standard) -> str | None:
    """What a standard asks for, in words that name the code of another one."""
    if standard.title != PREREQUISITE[0]:
        return None
    first = next(each for each in standards() if each.title == PREREQUISITE[1])
    return f"{first.title} (کد {first.code})"


def requirements(standard: Standard) -> tuple[Item, ...]:
    """The equipment a standard asks for; some standards have no list yet, as in life."""
    return () if standard.field.kit == "none" else kits()[standard.field.kit].items


def _sections(name: str) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    rows: list[str] = []
    for line in lines(DATA / name):
        if line.startswith("["):
            first, _, second = line.strip("[]").partition("|")
            rows = found[first.strip(), second.strip()] = []
        else:
            rows.append(line)
    return found


def _item(row: str) -> Item:
    group, name, unit_of_count, quantity, basis_n = row.split("|")
    return Item(group, name, unit_of_count, int(quantity), int(basis_n))


def _standard(row: str, field: Field, number: int) -> Standard:
    unit_group, title, hours, education = row.split("|")
    theory, practice, project, internship = (int(part) * 60 for part in hours.split(","))
    code = f"{unit_group}{20 + 10 * (number % 3)}530{number:02}0001"
    return Standard(code, title, field, theory, practice, project, internship, EDUCATION[education])
