"""Who answers for the children of a list: what speaks against them before the run, and their names in it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from models import Person, db
from services import codes, guardians, people
from services.access import Actor
from services.enrollment import numbers
from services.errors import DomainError
from services.guardians import Said
from services.mobiles import By


def barred(actor: Actor, units: Collection[int], rows: Sequence[Row[Any]], born: Mapping[str, Any]) -> dict[str, Any]:
    """Why those who are named cannot answer for somebody, by the key of the row; in three queries at most.

    Args:
        born: by code the birth date that a row says.
    """
    said = {row.form_key: each for row in rows if not (each := Said.of(row.fields)).is_empty}
    if not said:
        return {}
    named = {codes.national_code(each.code) for each in said.values()}
    asked = {code for code in {row.code for row in rows} | named if code}
    query = select(Person).where(or_(Person.national_code.in_(asked), Person.foreign_code.in_(asked)))
    known = {person.national_code or person.foreign_code: person for person in db.session.scalars(query)}
    found: dict[str, Any] = {}
    calls: dict[str, tuple[str, int]] = {}
    for row in rows:
        if row.form_key not in said:
            continue
        one, child = said[row.form_key], known.get(row.code)
        guardian = known.get(codes.national_code(one.code))
        birth_date = (child.birth_date if child else None) or born.get(row.code)
        if problem := guardians.why_not(one, row.code, birth_date, guardian):
            found[row.form_key] = DomainError(f"سرپرست: {problem}")
        elif mobile := codes.mobile(one.mobile):
            calls[row.form_key] = (mobile, guardian.id if guardian else 0)
    for key, sentence in numbers.of_staff_each(actor, units, calls).items():
        found[key] = DomainError(f"سرپرست: {sentence}")
    return found


def name_each(rows: Mapping[int, Row[Any]], locked: Sequence[Person], by: By) -> None:
    """Name the guardians of those who are in; inside the transaction that enrolls them. `rows` are by person."""
    for person in locked:
        said = Said.of(rows[person.id].fields)
        if not said.is_empty:
            guardians.fill(person, said, people.CLERK, by)
