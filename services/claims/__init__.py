"""Groups that people name when they enroll themselves: looked at afterwards, and paid for where they do not hold.

Source: docs/rules.md R-692 to R-694.
"""

from services.claims.deciding import Word, decide
from services.claims.paying import pay
from services.claims.reading import Claim, State, counted, of_person, of_unit, own, page, papers

__all__ = ["Claim", "State", "Word", "counted", "decide", "of_person", "of_unit", "own", "page", "papers", "pay"]
