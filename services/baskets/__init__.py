"""A payment before the bank: whose purses are filled, by whom, how much, and the way back to what was short of it."""

from services.baskets.making import NotYours, add, change, get, payer_of, purge, remove, start, start_each, start_own
from services.baskets.paying import Said, Unticked, offered, pay
from services.baskets.shortage import NONE, Causes, causes
from services.baskets.showing import View, view
from services.baskets.values import Payer

__all__ = [
    "NONE",
    "Causes",
    "NotYours",
    "Payer",
    "Said",
    "Unticked",
    "View",
    "add",
    "causes",
    "change",
    "get",
    "offered",
    "pay",
    "payer_of",
    "purge",
    "remove",
    "start",
    "start_each",
    "start_own",
    "view",
]
