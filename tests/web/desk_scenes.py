"""Counter offices and their contracts as the walkers of pages and forms see them."""

from models import CounterContract, Unit, UnitKind
from tests import make

PAGES = {"province": "/province/centers", "hq": "/hq/units"}


def office(world) -> Unit:
    where = {"kind": UnitKind.COUNTER, "province_id": world.unit.province_id}
    return make.first(Unit, **where) or make.unit(UnitKind.COUNTER, world.unit.province)


def contract(world) -> CounterContract:
    return make.first(CounterContract, unit_id=office(world).id)


# -- Forms -------------------------------------------------------------------------


def added(level: str):
    def scene(world):
        unit_id = office(world).id
        dates = {f"valid_{end}-{part}": value for end in ("from", "to") for part, value in DAY.items()}
        typed = {"contract_no": make.national_code(), **dates}
        return f"{PAGES[level]}/{unit_id}/contracts", {"unit_id": unit_id}, typed

    return scene


def on_page(level: str, **typed):
    def scene(world):
        row = make.contract(office(world))
        return f"{PAGES[level]}/contracts/{row.id}", {"contract_id": row.id}, typed

    return scene


DAY = {"d": "۱", "m": "مهر", "y": "۱۴۰۵"}
SCENES = {
    f"{level}.unit_contract{act}": scene
    for level in PAGES
    for act, scene in (("_add", added(level)), ("_save", on_page(level, office_code="۹۹")), ("_end", on_page(level)))
}
OFFICE = {"unit_id": lambda world: office(world).id}
OWN = {f"{level}.unit_contracts": OFFICE for level in PAGES}
