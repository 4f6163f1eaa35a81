"""Outside systems without calls: in files that go out and come back, or by the hand of a person.

`systems` says what each is told and what its answers mean, `gathering` makes files, `answering` reads those that come
back, `by_hand` keeps what a person has found out, `reading` is for the pages.
"""

from services.exchange.answering import answers, form_of, guide, options
from services.exchange.gathering import MOST, drop, gather, gather_all, get, lines, send
from services.exchange.systems import SYSTEMS, System, of

__all__ = [
    "MOST",
    "SYSTEMS",
    "System",
    "answers",
    "drop",
    "form_of",
    "gather",
    "gather_all",
    "get",
    "guide",
    "lines",
    "of",
    "options",
    "send",
]
