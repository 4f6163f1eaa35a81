"""Places and their workshops: kept by their unit, chosen by courses, and what they lack of what standards ask for."""

from services.places.history import history
from services.places.hosting import Shortage, add_standard, hosted, hosting, remove_standard, shortages
from services.places.keeping import (
    InUse,
    Made,
    create,
    create_workshop,
    edit,
    edit_workshop,
    switch,
    switch_workshop,
)
from services.places.occupation import Day, Meeting, first_day, week
from services.places.reading import (
    Page,
    Room,
    changeable,
    changeable_room,
    counties,
    get,
    kept_units,
    listing,
    may_keep,
    own_units,
    room,
    teachers,
    workshops,
)
from services.places.stale import StalePlace
from services.places.values import PlaceValues, WorkshopValues, columns, place_values, tidy_place, workshop_values

__all__ = [
    "Day",
    "InUse",
    "Made",
    "Meeting",
    "Page",
    "PlaceValues",
    "Room",
    "Shortage",
    "StalePlace",
    "WorkshopValues",
    "add_standard",
    "changeable",
    "changeable_room",
    "columns",
    "counties",
    "create",
    "create_workshop",
    "edit",
    "edit_workshop",
    "first_day",
    "get",
    "history",
    "hosted",
    "hosting",
    "kept_units",
    "listing",
    "may_keep",
    "own_units",
    "place_values",
    "remove_standard",
    "room",
    "shortages",
    "switch",
    "switch_workshop",
    "teachers",
    "tidy_place",
    "week",
    "workshop_values",
    "workshops",
]
