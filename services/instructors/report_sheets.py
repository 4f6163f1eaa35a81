"""The reports about instructors as workbooks: the same numbers as their pages, and of gaps all that there are."""

from typing import IO

from models import Gender
from services.imports import workbook
from services.imports.workbook import Line
from services.instructors import coverage, reports, tallies
from services.inventory_reports import Parts, Scope

MOST = 10_000  # gaps; a larger territory is read province by province
_TOO_MANY = "کمبودها بیش از ده هزار ردیف است و بقیه در این پرونده نیست. گزارش یک استان را بگیرید."
_CHOOSE = "برای استانداردها گزارش یک استان را بگیرید."


def write_staff(into: IO[bytes], here: Scope) -> None:
    """Who teaches: by part of the territory, degree, employment, age and gender, retraining."""
    found = reports.staff(here)
    part = "استان" if here.parts is Parts.PROVINCES else "واحد"
    genders = (Gender.FEMALE, Gender.MALE, None)
    ages: list[Line] = [(age, *(counts.get(gender, 0) for gender in genders)) for age, counts in tallies.ages(found)]
    workbook.write(
        into,
        ("بخش‌ها", [(part, "مربی"), *((one.title, one.count) for one in found.parts)]),
        ("مدرک", [("بالاترین مدرک تأییدشده", "نفر"), *tallies.degrees(found)]),
        ("استخدام", [("نوع استخدام", "نفر"), *tallies.employments(found)]),
        ("سن و جنسیت", [("سن", "زن", "مرد", tallies.NOT_SAID), *ages]),
        ("بازآموزی", [(f"ساعت تأییدشده در {found.rule[1]} سال گذشته", "نفر"), *tallies.retraining(found)]),
    )


def write_coverage(into: IO[bytes], here: Scope) -> None:
    """Fields and standards that workshops can host, with who teaches them, and what no county teaches."""
    fields = [(one.title, one.standards, one.instructors) for one in reports.coverage(here)]
    gaps: list[Line] = [(one.county, one.field, one.standards) for one in reports.gaps(here, MOST)]
    gaps += [(_TOO_MANY,)] if len(gaps) > MOST else []
    standards, lacking = _standards(here)
    workbook.write(
        into,
        ("رشته‌ها", [("رشته", "استاندارد در کارگاه‌ها", "مربی"), *fields]),
        ("رشته‌های بی‌مربی", [("شهرستان", "رشته", "استاندارد"), *gaps]),
        ("استانداردها", [("کد", "استاندارد", "رشته", "کارگاه", "مربی رشته", "واجد شرایط"), *standards]),
        ("استانداردهای بی‌مربی", [("شهرستان", "کد", "استاندارد", "کارگاه", "مربی رشته"), *lacking]),
    )


def _standards(here: Scope) -> tuple[list[Line], list[Line]]:
    if not coverage.is_readable(here):
        return [(_CHOOSE,)], [(_CHOOSE,)]
    found = coverage.of(here)
    return (
        [(one.code, one.title, one.field, one.workshops, one.teaching, one.fitting) for one in found.standards],
        [(one.county, one.code, one.title, one.workshops, one.teaching) for one in found.gaps],
    )
