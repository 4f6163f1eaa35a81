"""What came of those whom an organization has named, as a workbook for that organization alone.

Source: docs/rules.md R-420.
"""

from typing import IO

from models import Agreement, Nominee
from services import audit, jalali, labels
from services.access import Actor
from services.errors import NotAllowed
from services.imports import workbook
from services.organizations import keeping
from services.organizations.nominees import Line, lines

_TITLES = (
    "دوره", "کد دوره", "مرکز", "شروع", "پایان", "وضعیت دوره", "کد ملی", "نام (نوشتهٔ سازمان)", "ثبت‌نام", "کد رهگیری",
    "جلسهٔ ثبت‌شده", "غیبت", "درصد غیبت",
)  # fmt: skip


def agreement_of(actor: Actor, agreement_id: int) -> Agreement:
    """The contract whose results this person may hand out.

    Raises:
        NotFound, OutsideTerritory: as `keeping.get_agreement`. NotAllowed: they keep no organizations.
    """
    row = keeping.get_agreement(actor, agreement_id)
    if not keeping.may_keep(actor):
        raise NotAllowed("نتیجهٔ معرفی‌شدگان را کارشناس برنامه‌ریزی یا بررس استان برای سازمان می‌گیرد.")
    return row


def write(into: IO[bytes], actor: Actor, agreement: Agreement) -> None:
    """Everybody named under this contract and nobody else; who took it is noted down."""
    found = lines(Nominee.agreement_id == agreement.id)
    audit.record("nominees_exported", "agreement", agreement.id, actor_id=actor.user_id, rows=len(found))
    workbook.write(into, ("نتیجهٔ معرفی‌شدگان", [_TITLES, *(_line(row) for row in found)]))


def _line(row: Line) -> tuple[str | int, ...]:
    days = [jalali.short(day) if day else "" for day in (row.start_on, row.end_on)]
    enrolled = "ثبت‌نام شده" if row.tracking_code else "ثبت‌نام نشده"
    share = round(100 * row.absent / row.marks) if row.marks else ""
    return (
        row.course_title, row.course_code, row.unit_title, *days, labels.STATUS[row.course_status], row.national_code,
        row.name or "", enrolled, row.tracking_code or "", row.marks, row.absent, share,
    )  # fmt: skip
