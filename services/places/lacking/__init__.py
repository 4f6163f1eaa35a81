"""What workshops lack of what their standards ask for: one by one, in sums, in a workbook; computed by the database.

A workshop needs, of each item, the most that any of its standards in use asks for at its workstations: one class at
a time. What works beyond that could be lent, of a workshop that is out of use all of it. Source: docs/rules.md R-125.
"""

from services.places.lacking.rows import Lack, Lender, counts, is_asked, lenders, listing
from services.places.lacking.scope import Named, Scope, named, scope_of
from services.places.lacking.sheets import write
from services.places.lacking.sums import Part, by_item, by_province, by_standard, by_unit

__all__ = [
    "Lack",
    "Lender",
    "Named",
    "Part",
    "Scope",
    "by_item",
    "by_province",
    "by_standard",
    "by_unit",
    "counts",
    "is_asked",
    "lenders",
    "listing",
    "named",
    "scope_of",
    "write",
]
