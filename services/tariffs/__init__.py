"""Tariffs: what a fee is for whom on a day, how HQ keeps the rows, and what other rows would have brought."""

from services.tariffs.prices import (
    ANY,
    ANY_DECILE,
    ENROLL_CREDIT,
    Book,
    Keys,
    Line,
    amount_rials,
    book,
    decile_of,
    group_code,
    in_force,
    own_prices,
    sure,
)

__all__ = [
    "ANY",
    "ANY_DECILE",
    "ENROLL_CREDIT",
    "Book",
    "Keys",
    "Line",
    "amount_rials",
    "book",
    "decile_of",
    "group_code",
    "in_force",
    "own_prices",
    "sure",
]
