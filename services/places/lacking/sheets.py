"""Shortages as a workbook: the sums of a territory, and one by one what they are the sums of."""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from services import text
from services.imports import workbook
from services.places.lacking.rows import listing
from services.places.lacking.scope import Scope
from services.places.lacking.sums import by_item, by_province, by_standard, by_unit

MOST = 10_000  # lines of a sheet; a larger territory is read province by province
_TOO_MANY = "این برگه بیش از {most} ردیف نمی‌گیرد و بقیه در آن نیست. پروندهٔ یک استان یا یک مرکز را بگیرید."
_STANDARD = ("استاندارد", "کد", "کارگاه ناقص", "قلم کم", "عدد کم")
_ITEM = ("قلم", "در چند کارگاه", "عدد کم", "مازاد دیگران")
_LINE = ("واحد", "کارگاه", "قلم", "لازم", "سالم", "کم", "برای چند استاندارد")


def write(into: IO[bytes], scope: Scope) -> None:
    """Four sheets; a statement each, however long they are."""
    standards = [(row.title, row.key, row.workshops, row.items, row.missing) for row in _read(by_standard, scope)]
    items = [(row.title, row.workshops, row.missing, row.spare) for row in _read(by_item, scope)]
    lines = [
        (row.unit, row.workshop, row.item, row.needed, row.present, row.missing, row.standards)
        for row in _read(listing, scope)
    ]
    workbook.write(
        into,
        ("خلاصه", _parts(scope)),
        ("استانداردها", _lines(_STANDARD, standards)),
        ("قلم‌ها", _lines(_ITEM, items)),
        ("ریز", _lines(_LINE, lines)),
    )


# -- Support -----------------------------------------------------------------------


def _parts(scope: Scope) -> Iterator[workbook.Line]:
    if scope.is_country:
        yield "استان", "کارگاه دارای استاندارد", "کارگاه ناقص", "قلم کم", "عدد کم"
        yield from ((row.title, row.of, row.workshops, row.items, row.missing) for row in by_province(scope))
        return
    units = [(row.title, row.key, row.workshops, row.items, row.missing) for row in _read(by_unit, scope)]
    yield from _lines(("واحد", "کد", "کارگاه ناقص", "قلم کم", "عدد کم"), units)


def _read(report: Any, scope: Scope) -> Sequence[Any]:
    """One more than the sheet takes, so that it can say that there are more."""
    rows: Sequence[Any] = report(scope, most=MOST + 1)[0]
    return rows


def _lines(titles: workbook.Line, lines: Sequence[workbook.Line]) -> Iterator[workbook.Line]:
    yield titles
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield (_TOO_MANY.format(most=text.group_thousands(MOST)),)
