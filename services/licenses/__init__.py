"""Licenses of academies: written by the academy, decided by the province, asked for by every course of the academy."""

from services.licenses.deciding import STEPS, Key, Step, decide, decide_all, steps_for
from services.licenses.drafting import (
    Made,
    add_trade,
    counting,
    create,
    open_one,
    recall,
    remove_trade,
    save,
    send,
)
from services.licenses.public import Academy, academy
from services.licenses.reading import (
    TABS,
    Page,
    counted,
    get,
    keeps,
    listing,
    may_decide,
    may_write,
    of_own,
    own_academies,
    person,
)
from services.licenses.reminding import remind
from services.licenses.trail import history
from services.licenses.values import LicenseSaid, LicenseValues, PersonSaid, last_day, values_of
from services.licenses.visiting import Seen, Visit, record, visits

__all__ = [
    "STEPS",
    "TABS",
    "Academy",
    "Key",
    "LicenseSaid",
    "LicenseValues",
    "Made",
    "Page",
    "PersonSaid",
    "Seen",
    "Step",
    "Visit",
    "academy",
    "add_trade",
    "counted",
    "counting",
    "create",
    "decide",
    "decide_all",
    "get",
    "history",
    "keeps",
    "last_day",
    "listing",
    "may_decide",
    "may_write",
    "of_own",
    "open_one",
    "own_academies",
    "person",
    "recall",
    "record",
    "remind",
    "remove_trade",
    "save",
    "send",
    "steps_for",
    "values_of",
    "visits",
]
