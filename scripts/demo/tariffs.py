"""Tariffs beside that of every installation: low deciles free, a row for next year, and some deciles that are known."""

import datetime as dt

from models import IncomeDecile, Tariff
from scripts.demo import people
from scripts.demo.crowd import Crowd
from scripts.reference.rows import Rows
from services import jalali

NEXT_YEAR_RIALS = 60_000
FREE_DECILES = range(1, 6)
POOR = 5  # so many of the last trainees are in a decile that is free; the others known are not


def write(rows: Rows, crowd: Crowd, today: dt.date) -> None:
    """Add them."""
    fee = {"fee_kind": "enroll_credit", "unit_kind": "*", "delivery": "*", "target_group": "*", "version": 1}
    new_year = jalali.to_gregorian(jalali.parts(today)[0] + 1, 1, 1)
    rows.add(Tariff, **fee, decile=0, valid_from=new_year, amount_rials=NEXT_YEAR_RIALS)
    since = today - dt.timedelta(days=60)
    for decile in FREE_DECILES:
        rows.add(Tariff, **fee, decile=decile, valid_from=since, amount_rials=0)
    said = {"recorded_by_id": crowd.users["admin1"], "source": "sheet", "valid_from": since}
    known = people.everybody().trainees[20:]
    for at, trainee in enumerate(known, start=POOR - len(known)):
        decile = 1 + at % 5 if at >= 0 else 6 + at % 5
        rows.add(IncomeDecile, person_id=crowd.people[trainee.national_code], decile=decile, **said)
