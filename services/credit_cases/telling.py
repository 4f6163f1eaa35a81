"""What the owners of both purses, and a trainee who has asked, are told; no message names anybody."""

from collections.abc import Mapping

from models import CreditCase, CreditCaseKind, Province, db
from services import messages, text
from services.credit_cases.owners import Owner

MOVED, CORRECTED, REFUSED = "credit_moved", "credit_corrected", "credit_case_refused"


def done(row: CreditCase, seen: Mapping[int, Owner]) -> None:
    """Owe both owners a message; a purse without a person has nobody to tell.

    Source: docs/rules.md R-486.
    """
    source, target = seen[row.from_account_id], seen[row.to_account_id]
    is_move = row.kind is CreditCaseKind.MOVE
    template, rials, who = (MOVED if is_move else CORRECTED), text.rial(row.amount), _decider(row)
    if source.person_id:
        came = "که شخص دیگری به اشتباه به کد شما پرداخته بود" if is_move else "که به اشتباه به حساب شما آمده بود"
        body = f"{rials} {came}، با تأیید دو نفر در {who} از اعتبار شما برداشته شد. {_number(row)}"
        messages.tell(source.person_id, template, body, cause_key=f"credit_case:{row.id}:from")
    if target.person_id:
        came = "که به اشتباه به کد دیگری پرداخته شده بود" if is_move else "برای اصلاح حساب"
        body = f"{rials} {came}، با تأیید دو نفر در {who} به اعتبار شما افزوده شد. {_number(row)}"
        messages.tell(target.person_id, template, body, cause_key=f"credit_case:{row.id}:to")


def refused(row: CreditCase, _seen: Mapping[int, Owner]) -> None:
    """Owe a trainee who has asked the answer; staff see theirs in the list."""
    if row.asked_by_person_id:
        which = f"درخواست جابه‌جایی {text.rial(row.amount)}"
        body = f"{which} در {_decider(row)} پذیرفته نشد. دلیل آن در صفحهٔ اعتبار شما نوشته شده است."
        messages.tell(row.asked_by_person_id, REFUSED, body, cause_key=f"credit_case:{row.id}:refused")


def _decider(row: CreditCase) -> str:
    return f"اداره کل استان {db.session.get_one(Province, row.province_id).title}"


def _number(row: CreditCase) -> str:
    return f"شمارهٔ سند: {text.persian_digits(row.done_transfer_id)}"
