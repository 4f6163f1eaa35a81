"""Equipment of workshops: what there is, how it moves, and what waits for the province."""

from services.equipment import sheet
from services.equipment.items import Made, Stock, add, bring_back, create, edit, put_aside
from services.equipment.reading import Filter, Page, changeable, get, keeper, listing, sees, units_of, workshops
from services.equipment.recording import KINDS, Change, Recorded, change_or_ask, record
from services.equipment.values import ItemValues, values_of

__all__ = [
    "KINDS",
    "Change",
    "Filter",
    "ItemValues",
    "Made",
    "Page",
    "Recorded",
    "Stock",
    "add",
    "bring_back",
    "change_or_ask",
    "changeable",
    "create",
    "edit",
    "get",
    "keeper",
    "listing",
    "put_aside",
    "record",
    "sees",
    "sheet",
    "units_of",
    "values_of",
    "workshops",
]
