"""Headquarters, directorates, centers, academies and a counter office, with their workshops and equipment."""

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from scripts.demo import DATA
from scripts.demo.standards import Field, Item, fields, kits
from scripts.reference.lay import HQ_ADDRESS, HQ_CODE, HQ_TITLE
from scripts.reference.places import Province, province, provinces
from scripts.reference.texts import lines

# The unit in which clerk1, manager1 and counselor1 work, and the others that the accounts name.
CENTER1 = "27101"
ACADEMY1 = "27301"
COUNTER1 = "27501"
CENTER2 = "02101"

_CENTER_HOURS = "شنبه تا چهارشنبه ۷:۳۰ تا ۱۴:۳۰"
_ACADEMY_HOURS = "شنبه تا پنجشنبه ۹:۰۰ تا ۱۳:۰۰ و ۱۶:۰۰ تا ۲۰:۰۰"
_MEN, _WOMEN = ("car", "welding", "machining", "plumbing", "cooling", "building", "farm_machine"), ("sewing", "beauty")


@dataclass(frozen=True, slots=True)
class Workshop:
    kit: str
    title: str
    workstations: int
    gender: str


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    kind: str
    province: str | None
    county: str | None
    title: str
    parent_code: str | None
    gender: str = "mixed"
    phone: str = ""
    address: str = ""
    office_hours: str = ""
    postal_code: str = ""
    workshops: tuple[Workshop, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Equipment:
    item: Item
    quantity: int
    serviceable: int


def directorate_code(province_code: str) -> str:
    return f"{province_code}000"


@cache
def units() -> tuple[Unit, ...]:
    """All units, parents first."""
    return (_hq(), *(_directorate(one) for one in provinces()), *_locals())


def unit(code: str) -> Unit:
    return next(found for found in units() if found.code == code)


def _hq() -> Unit:
    return Unit(
        code=HQ_CODE,
        kind="hq",
        province=None,
        county=None,
        title=HQ_TITLE,
        parent_code=None,
        phone="021-30000001",
        address=HQ_ADDRESS,
        office_hours=_CENTER_HOURS,
    )


def _directorate(where: Province) -> Unit:
    seat = where.counties[0]
    return Unit(
        code=directorate_code(where.code),
        kind="directorate",
        province=where.title,
        county=seat.title,
        title=f"اداره کل آموزش فنی و حرفه‌ای استان {where.title}",
        parent_code=HQ_CODE,
        phone=f"{where.dialing_code}-30000000",
        address=f"{seat.towns[0]}، بلوار آموزش، اداره کل آموزش فنی و حرفه‌ای",
        office_hours=_CENTER_HOURS,
    )


# -- Centers, academies, counter offices -------------------------------------------

_FIRST_NUMBER = {"center": 101, "academy": 301, "counter": 501}


def _locals() -> list[Unit]:
    found: list[Unit] = []
    seen: Counter[tuple[str, str]] = Counter()
    where = provinces()[0]
    for line in lines(DATA / "units.txt"):
        if line.startswith("["):
            where = province(line.strip("[]"))
            continue
        kind = line.partition("|")[0]
        number = _FIRST_NUMBER[kind] + seen[where.code, kind]
        seen[where.code, kind] += 1
        found.append(_local(line, where, number))
    return found


def _local(line: str, where: Province, number: int) -> Unit:
    kind, county, title, gender, address, workshops = line.split("|")
    return Unit(
        code=f"{where.code}{number}",
        kind=kind,
        province=where.title,
        county=where.county(county).title,
        title=title,
        parent_code=directorate_code(where.code),
        gender=gender,
        phone=f"{where.dialing_code}-3000{number:04}",
        address=address,
        office_hours=_CENTER_HOURS if kind == "center" else _ACADEMY_HOURS,
        postal_code=f"49{where.code}7{number}1{number % 97:02}"[:10].ljust(10, "3"),
        workshops=tuple(_workshop(entry, gender) for entry in workshops.split(",") if entry.strip()),
    )


def _workshop(entry: str, gender: str) -> Workshop:
    kit, _, workstations = entry.strip().partition(":")
    served = gender
    if gender == "mixed":
        served = "male" if kit in _MEN else "female" if kit in _WOMEN else "mixed"
    return Workshop(kit, kits()[kit].workshop_title, int(workstations), served)


# -- Who works there ---------------------------------------------------------------


def offices() -> dict[str, str]:
    """Unit code to county, for the units whose clerk and manager have no demo account."""
    named = (CENTER1, ACADEMY1, CENTER2)
    return {one.code: one.county or "" for one in units() if one.workshops and one.code not in named}


INSTRUCTOR1_POST = (CENTER1, "welding")


def teaching_posts() -> dict[tuple[str, str], tuple[str, str]]:
    """(unit code, kit) to (county, gender) for each instructor but instructor1: one for each workshop."""
    rng = random.Random(27)
    found = {}
    for one in units():
        for shop in one.workshops:
            gender = shop.gender if shop.gender != "mixed" else rng.choice(("female", "male"))
            found[one.code, shop.kit] = (one.county or "", gender)
    del found[INSTRUCTOR1_POST]
    return found


def fields_of(kit: str) -> tuple[Field, ...]:
    """The fields whose standards a workshop with this kit can host."""
    return tuple(one for one in fields() if one.kit == kit)


def equipment(one: Unit, shop: Workshop) -> tuple[Equipment, ...]:
    """What stands in a workshop: mostly enough, here and there broken, short or more than it needs."""
    rng, more = random.Random(f"{one.code}-{shop.kit}"), random.Random(f"{one.code}-{shop.kit}-more")
    found = []
    for item in kits()[shop.kit].items:
        needed = item.needed(shop.workstations)
        quantity = max(1, needed - (rng.randint(1, 3) if rng.random() < 0.15 else 0))
        quantity += more.randint(1, 4) if quantity >= needed and more.random() < 0.2 else 0
        broken = rng.randint(1, max(1, quantity // 8)) if item.group != "consumable" and rng.random() < 0.25 else 0
        found.append(Equipment(item, quantity, quantity - min(broken, quantity)))
    return tuple(found)
