"""Places of the demo in full: each unit's own building, and villages, prisons, barracks and the like beside it."""

import datetime as dt
import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from scripts.demo import DATA, units
from scripts.demo.standards import kits
from scripts.reference.texts import lines

# Where the seats of these counties lie; every place is drawn a little beside it.
POINTS = {
    "ساری": (36.566, 53.059),
    "بابل": (36.551, 52.679),
    "آمل": (36.469, 52.351),
    "قائم‌شهر": (36.463, 52.860),
    "نوشهر": (36.649, 51.496),
    "گرگان": (36.842, 54.444),
    "گنبد کاووس": (37.250, 55.167),
    "علی‌آباد کتول": (36.908, 54.869),
    "کردکوی": (36.794, 54.110),
    "ترکمن": (36.902, 54.070),
    "آق‌قلا": (37.013, 54.455),
    "آزادشهر": (37.087, 55.173),
    "مینودشت": (37.229, 55.374),
}
_WET = ("cooking", "beauty", "care", "farming", "plumbing", "handicraft")
_GAS = ("cooking", "welding", "cooling", "jewelry", "plumbing")


@dataclass(frozen=True, slots=True)
class Stand:
    """A workshop of a venue, and how many hundredths of what it needs stand in it."""

    shop: units.Workshop
    percent: int


@dataclass(frozen=True, slots=True)
class Venue:
    """A place beside a unit's own building."""

    unit_code: str
    county: str
    values: dict[str, Any] = field(hash=False)
    stands: tuple[Stand, ...] = ()


@cache
def venues() -> tuple[Venue, ...]:
    return tuple(_venue(line) for line in lines(DATA / "venues.txt"))


def building(unit: units.Unit) -> dict[str, Any]:
    """What is known of a unit's own building beyond its address."""
    rng, is_center = random.Random(f"place-{unit.code}"), unit.kind == "center"
    seats = sum(shop.workstations for shop in unit.workshops)
    return {
        "code": "1",
        "district": "مرکزی",
        "area": "urban",
        "phone": unit.phone,
        "area_m2": seats * rng.randint(9, 14),
        "capacity": seats,
        "ownership": "state" if is_center else "rented",
        "contract_no": None if is_center else f"ا/۱۴۰۵/{rng.randint(10, 99)}",
        "safety_checked_on": dt.date(2026, 5, 4) + dt.timedelta(days=rng.randint(0, 120)),
        **_point(unit.county or "", rng),
    }


def workshop(unit_code: str, shop: units.Workshop) -> dict[str, Any]:
    """What is known of a workshop beyond its seats."""
    rng = random.Random(f"workshop-{unit_code}-{shop.kit}-{shop.workstations}")
    return {
        "area_m2": shop.workstations * rng.randint(3, 6),
        "has_power": True,
        "has_water": shop.kit in _WET,
        "has_gas": shop.kit in _GAS,
        "has_ventilation": shop.kit not in ("none", "computer"),
        "has_protective_gear": any(item.group == "protective" for item in kits()[shop.kit].items),
        "shifts": rng.choice(("morning", "morning,evening", "morning,evening")),
    }


def equipment(stand: Stand) -> tuple[units.Equipment, ...]:
    """A share of what the workshop needs, all of it working."""
    found = []
    for item in kits()[stand.shop.kit].items:
        pieces = item.needed(stand.shop.workstations) * stand.percent // 100
        if pieces:
            found.append(units.Equipment(item, pieces, pieces))
    return tuple(found)


def _venue(line: str) -> Venue:
    code, kind, county, title, district, village, area, ownership, gender, contract, rooms = line.split("|")
    rng, virtual = random.Random(f"venue-{title}"), kind == "virtual"
    stands = tuple(_stand(entry, gender) for entry in rooms.split(",") if entry.strip())
    seats = sum(stand.shop.workstations for stand in stands)
    values: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "district": district or None,
        "village": village or None,
        "area": area or None,
        "ownership": ownership or None,
        "gender": gender,
        "contract_no": contract or None,
        "capacity": seats or 40,
        "area_m2": None if virtual else (seats or 20) * rng.randint(5, 9),
        "safety_checked_on": None if virtual else dt.date(2026, 4, 11) + dt.timedelta(days=rng.randint(0, 90)),
    }
    if not virtual:
        values |= {"address": f"{county}، {title}", **_point(county, rng)}
    return Venue(code, county, values, stands)


def _stand(entry: str, gender: str) -> Stand:
    kit, workstations, percent = entry.strip().split(":")
    return Stand(units.Workshop(kit, kits()[kit].workshop_title, int(workstations), gender), int(percent))


def _point(county: str, rng: random.Random) -> dict[str, Any]:
    latitude, longitude = POINTS[county]
    return {
        "latitude": round(latitude + rng.uniform(-0.02, 0.02), 6),
        "longitude": round(longitude + rng.uniform(-0.02, 0.02), 6),
    }
