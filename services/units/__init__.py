"""Units: HQ, directorates, centers, academies and counter offices, kept by the level above them."""

from services.units.changing import Made, create, disable, edit, enable
from services.units.history import history
from services.units.reading import (
    KINDS,
    Page,
    changeable,
    counties,
    get,
    keeper,
    listing,
    may_change,
    may_make,
    provinces_without_directorate,
    tabs_for,
)
from services.units.values import UnitValues, values_of

__all__ = [
    "KINDS",
    "Made",
    "Page",
    "UnitValues",
    "changeable",
    "counties",
    "create",
    "disable",
    "edit",
    "enable",
    "get",
    "history",
    "keeper",
    "listing",
    "may_change",
    "may_make",
    "provinces_without_directorate",
    "tabs_for",
    "values_of",
]
