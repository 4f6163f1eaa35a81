"""Demand: people who find no open course of a standard in their county, and what becomes of it (اعلام نیاز)."""

from services.demands.asking import Ask, ask, ask_by_code, mine, open_near, wanted_standard, withdraw
from services.demands.opening import Host, hosts, may_open, open_course
from services.demands.reading import Wanted, counted, listing, of_country, one
from services.demands.telling import expire, tell

__all__ = [
    "Ask",
    "Host",
    "Wanted",
    "ask",
    "ask_by_code",
    "counted",
    "expire",
    "hosts",
    "listing",
    "may_open",
    "mine",
    "of_country",
    "one",
    "open_course",
    "open_near",
    "tell",
    "wanted_standard",
    "withdraw",
]
