"""Workbooks about instructors: a report with its sums, and for the training center everybody with what they owe."""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from models import EducationRecord, Instructor, Person, Unit, db
from services import audit, jalali, policy, text
from services.access import Actor
from services.imports import workbook
from services.instructors import engaging, fit, reports, workload
from services.instructors.labels import DEGREE, EMPLOYMENT
from services.inventory_reports import Scope

MOST, AT_ONCE = 10_000, 500
_TOO_MANY = "این پرونده بیش از {most} ردیف نمی‌گیرد و بقیه در آن نیست. فهرست یک استان یا یک مرکز را بگیرید."
_TITLES = (
    "نام خانوادگی", "نام", "کد ملی", "تلفن همراه", "استان", "واحد", "رشته‌ها", "آغاز همکاری", "بالاترین مدرک",
    "نوع استخدام", "بازآموزی تأییدشده (ساعت)", "موظف (ساعت)", "در چند سال", "مانده (ساعت)", "مهلت", "گذشته",
)  # fmt: skip


def write(into: IO[bytes], actor: Actor, here: Scope) -> None:
    """Everybody who teaches here, and once more those who owe retraining; who took it is noted down."""
    lines = list(_lines(here))
    audit.record("instructors_exported", "unit", here.unit.id if here.unit else None, actor_id=actor.user_id)
    workbook.write(
        into,
        ("مربیان", [_TITLES, *lines, *_rest(lines)]),
        ("بازآموزی مانده", [_TITLES, *(line for line in lines if line[-1])]),
    )


# -- Support -----------------------------------------------------------------------


def _rest(lines: Sequence[Any]) -> list[tuple[str]]:
    return [(_TOO_MANY.format(most=text.group_thousands(MOST)),)] if len(lines) >= MOST else []


def _lines(here: Scope) -> Iterator[tuple[str | int, ...]]:
    """By name, a part at a time: five queries for each 500."""
    query = select(Instructor.id).join(Instructor.person).where(*reports.teaching(here))
    ids = db.session.scalars(query.order_by(Person.name_sort, Instructor.id).limit(MOST)).all()
    for start in range(0, len(ids), AT_ONCE):
        yield from _some(ids[start : start + AT_ONCE])


def _some(ids: Sequence[int]) -> Iterator[tuple[str | int, ...]]:
    query = (
        select(Instructor, *(policy.column(name, Instructor.unit_id) for name in workload.RETRAINING))
        .join(Instructor.person)
        .join(Instructor.unit)
        .options(contains_eager(Instructor.person), contains_eager(Instructor.unit).joinedload(Unit.province))
        .where(Instructor.id.in_(ids))
        .order_by(Person.name_sort, Instructor.id)
    )
    found = db.session.execute(query).all()
    records = fit.verified_of([row.person_id for row, *_ in found])
    titles = engaging.titles_of(ids)
    for row, *stored in found:
        hours, years = (policy.found(name, value) for name, value in zip(workload.RETRAINING, stored, strict=True))
        yield _line(row, records.get(row.person_id, []), titles.get(row.id, ""), (hours, years))


def _line(row: Instructor, records: Sequence[Any], fields: str, rule: tuple[int, int]) -> tuple[str | int, ...]:
    today, person = policy.today(), row.person
    job, owed = workload.duty(records, today), workload.owed(records, row.started_on, today, rule)
    degrees = [fit.ORDER.index(each.degree) for each in records if isinstance(each, EducationRecord)]
    return (
        person.last_name or "", person.first_name or "", person.national_code or person.foreign_code or "",
        person.mobile or "", row.unit.province.title if row.unit.province else "", row.unit.title, fields,
        _day(row.started_on), DEGREE[fit.ORDER[max(degrees)]] if degrees else "", EMPLOYMENT[job.kind] if job else "",
        owed.has, owed.needed, owed.years, max(owed.needed - owed.has, 0), _day(owed.due) if owed.needed else "",
        "بله" if owed.is_late(today) else "",
    )  # fmt: skip


def _day(day: Any) -> str:
    """In plain digits, so that a spreadsheet sorts it."""
    return text.digits(jalali.short(day)) if day else ""
