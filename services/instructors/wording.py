"""What the rows of a file say, in words."""

from dataclasses import fields
from datetime import date
from typing import Any

from models import InstructorRecord, RecordKind, SkillStandard, TradeField, db
from services import jalali
from services.instructors.labels import DEGREE, EMPLOYMENT, EXPERIENCE, LABEL
from services.instructors.values import KINDS
from services.text import persian_digits

NOTHING = "ثبت نشده"
_WORDS = {"employment": EMPLOYMENT, "degree": DEGREE, "experience": EXPERIENCE}
_DAYS = ("hired_on", "ended_on", "graduated_on", "started_on", "issued_on", "expires_on", "ruled_on", "valid_until")


def show(field: str, raw: Any) -> str:
    """A stored value, as it is or as an event keeps it, for the screen."""
    if raw is None or raw == "":
        return NOTHING
    if field in _DAYS:
        return jalali.day_month_year(raw if isinstance(raw, date) else date.fromisoformat(raw))
    if field in ("field_id", "standard_id"):
        if field == "field_id":
            return str(db.session.get_one(TradeField, raw).title)
        return str(db.session.get_one(SkillStandard, raw).title)
    if field == "gpa_hundredths":
        return gpa(raw)
    return _WORDS[field][raw] if field in _WORDS else persian_digits(raw)


def gpa(hundredths: int) -> str:
    """1725 as «۱۷٫۲۵»."""
    whole, rest = divmod(hundredths, 100)
    return persian_digits(f"{whole}٫{rest:02d}".rstrip("0").rstrip("٫"))


def facts(record: InstructorRecord) -> list[tuple[str, str | None]]:
    """Every field of a row with its label; None is not written."""
    names = [each.name for each in fields(KINDS[record.kind][1])]
    pairs = ((name, getattr(record, name)) for name in names)
    return [(LABEL[name], None if value is None else show(name, value)) for name, value in pairs]


def title(record: Any) -> str:
    """What a list calls a row."""
    match record.kind:
        case RecordKind.EMPLOYMENT:
            return f"{EMPLOYMENT[record.employment]}، {record.employer}"
        case RecordKind.EDUCATION:
            return f"{DEGREE[record.degree]} {record.study_field}"
        case RecordKind.RETRAINING:
            return str(record.title)
        case RecordKind.EXPERIENCE:
            return f"{EXPERIENCE[record.experience]} {show('field_id', record.field_id)}، {record.workplace}"
        case RecordKind.CARD:
            return f"کارت مربیگری {persian_digits(record.number)}"
        case RecordKind.CERTIFICATE:
            return str(record.title)
        case _:
            return f"صلاحیت تدریس {show('standard_id', record.standard_id)}"


def sub(record: Any) -> str:
    """The line below it: the days, and what else tells two rows apart."""
    match record.kind:
        case RecordKind.EMPLOYMENT:
            return _span(record.hired_on, record.ended_on)
        case RecordKind.EDUCATION:
            return "، ".join(filter(None, (record.university, jalali.day_month_year(record.graduated_on))))
        case RecordKind.RETRAINING:
            hours = persian_digits(record.hours)
            return f"{record.provider}، {hours} ساعت، {_span(record.started_on, record.ended_on)}"
        case RecordKind.EXPERIENCE:
            return _span(record.started_on, record.ended_on)
        case RecordKind.CARD:
            return _span(record.issued_on, record.expires_on)
        case RecordKind.CERTIFICATE:
            return f"شمارهٔ {_number(record.number)}، {jalali.day_month_year(record.issued_on)}"
        case _:
            until = f" تا {jalali.day_month_year(record.valid_until)}" if record.valid_until else ""
            return f"رأی {_number(record.number)}، {jalali.day_month_year(record.ruled_on)}{until}"


def _number(written: str) -> str:
    """Isolated: digits and the Latin letters before them would draw the day behind it to their side."""
    return f"\u2068{persian_digits(written)}\u2069"


def _span(first: date, last: date | None) -> str:
    return f"{jalali.day_month_year(first)} تا {jalali.day_month_year(last) if last else 'اکنون'}"
