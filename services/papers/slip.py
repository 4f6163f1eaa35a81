"""A slip as it stands on paper: the same words for the page that is printed and for the document."""

from dataclasses import asdict, dataclass
from typing import Any

from models import EnrollmentStatus, IdentityStatus
from services import codes, jalali, text
from services.enrollment.slips import Slip

MISSING = "ثبت نشده"
CHECK = "اصالت این رسید را با رمزینه یا با کد رهگیری در {host} ببینید."
_NAMELESS = (
    "نام هنوز ثبت نشده است. یک بار از پیوند «پنجره ملی دولت هوشمند» در صفحهٔ نخست {host} وارد شوید؛ نام شما خودکار "
    "کامل می‌شود."
)
_UNSURE = "این نام هنوز با منبع رسمی تطبیق داده نشده است. یک بار ورود از پنجرهٔ ملی در {host} آن را قطعی می‌کند."


@dataclass(frozen=True)
class SlipPaper:
    """One slip, or the receipt of a payment. `copy` is which print of it this is; `address` is what the code says."""

    tracking: str
    address: str
    host: str
    state: str
    copy: int
    rows: list[tuple[str, str]]
    notes: list[str]
    title: str = "رسید ثبت‌نام"
    number: str = "کد رهگیری"
    check: str = CHECK

    @property
    def mark(self) -> str:
        """What stands on every print but the first."""
        return f"المثنی (چاپ {text.persian_digits(self.copy)})" if self.copy > 1 else ""

    def asked(self) -> dict[str, Any]:
        return {**asdict(self), "mark": self.mark, "check": self.check.format(host=text.left_to_right(self.host))}


def paper(slip: Slip, base_url: str, copy: int) -> SlipPaper:
    """A slip in the words of its paper; the code says the address in capitals, which make it small."""
    made = slip.enrollment
    is_active = made.status is EnrollmentStatus.ACTIVE
    return SlipPaper(
        tracking=text.left_to_right(text.persian_digits(codes.group_tracking(made.tracking_code))),
        address=f"{base_url}/slip/{made.tracking_code}".upper(),
        host=f"{base_url.split('//')[-1]}/slip",
        state="ثبت‌نام قطعی" if is_active else "لغوشده",
        copy=copy,
        rows=[(name, value or MISSING) for name, value in _rows(slip)],
        notes=_notes(slip, base_url) if is_active else [],
    )


def _rows(slip: Slip) -> list[tuple[str, str | None]]:
    made, course = slip.enrollment, slip.enrollment.course
    start = jalali.long(course.start_on) if course.start_on else None
    found = [
        ("کارآموز", slip.name),
        (slip.code_word, text.left_to_right(text.persian_digits(slip.code))),
        ("دوره", course.title),
        ("کد دوره", text.persian_digits(course.code)),
        ("شروع", start),
        ("روزها و ساعت", slip.schedule),
        ("محل", slip.where),
        ("برگزارکننده", course.unit.title),
        ("تلفن", text.left_to_right(text.persian_digits(course.unit.phone)) if course.unit.phone else None),
        ("هزینه", text.rial_toman(made.fee_rials) if made.fee_rials else "بدون هزینه"),
        ("نحوهٔ کسر", slip.paid_by),
        ("زمان ثبت", jalali.at(made.created_at)),
    ]
    return [*found, ("مدرک گروه هدف", made.group_evidence)] if made.group_evidence else found


def _notes(slip: Slip, base_url: str) -> list[str]:
    person, host = slip.enrollment.person, text.left_to_right(base_url.split("//")[-1])
    notes = [slip.next_step]
    if not person.full_name:
        notes.append(_NAMELESS.format(host=host))
    elif person.identity_status is IdentityStatus.PENDING:
        notes.append(_UNSURE.format(host=host))
    return notes
