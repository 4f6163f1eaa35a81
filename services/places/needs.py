"""How many pieces a standard asks for, as SQL: whole sets for every begun group."""

from typing import Any

from sqlalchemy import ColumnElement

from models import StandardRequirement


def needed_for(trainees: Any) -> ColumnElement[int]:
    """Pieces of an item for a number (or column) of trainees: 16 at one set for each 15 need two.

    Source: docs/rules.md R-46.
    """
    asked = StandardRequirement
    return asked.quantity * ((trainees + asked.basis_n - 1) // asked.basis_n)
