"""Money put right by two people of a province: top-ups under the wrong code, and wrong entries."""

from services.credit_cases import wording
from services.credit_cases.asking import Asked, Correction, Wish, ask, correct, place_of, withdraw
from services.credit_cases.deciding import Key, decide, over
from services.credit_cases.finding import Line, Paid, by_number, own, paid
from services.credit_cases.reading import (
    TABS,
    Case,
    Page,
    case,
    counted,
    decides,
    get,
    history,
    is_mine,
    listing,
    may_ask,
    of,
    of_asker,
    province_of,
    provinces,
    units,
)

__all__ = [
    "Asked",
    "Case",
    "Correction",
    "Key",
    "Line",
    "Page",
    "Paid",
    "TABS",
    "Wish",
    "ask",
    "by_number",
    "case",
    "correct",
    "counted",
    "decide",
    "decides",
    "get",
    "history",
    "is_mine",
    "listing",
    "may_ask",
    "of",
    "of_asker",
    "over",
    "own",
    "paid",
    "place_of",
    "province_of",
    "provinces",
    "units",
    "withdraw",
    "wording",
]
