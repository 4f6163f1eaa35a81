"""The receipt of a payment as it stands on paper."""

from services import jalali, text
from services.papers.slip import SlipPaper
from services.payments import wording
from services.payments.reading import Receipt

MOST_PEOPLE = 9  # as many as have room beside the rest
_CHECK = "این رسید را با رمزینه دوباره ببینید: {host}"


def paper(receipt: Receipt, address: str) -> SlipPaper:
    paid = receipt.payment
    return SlipPaper(
        title="رسید پرداخت",
        number="شمارهٔ سفارش",
        tracking=text.left_to_right(text.persian_digits(paid.order_number)),
        address=address,
        host=address.split("//")[-1].split("/")[0],
        state=wording.STATES[paid.state][0],
        copy=1,
        rows=_rows(receipt),
        notes=[wording.next_step(paid)],
        check=_CHECK,
    )


def _rows(receipt: Receipt) -> list[tuple[str, str]]:
    paid = receipt.payment
    numbers = [("مرجع بانک", paid.reference), ("شمارهٔ پیگیری", paid.trace), ("کارت", paid.card)]
    rows = [("مبلغ", text.rial_toman(paid.amount)), ("درگاه", receipt.gateway_title)]
    rows += [(name, text.left_to_right(text.as_printed(value))) for name, value in numbers if value]
    rows.append(("زمان", jalali.at(paid.settled_at or paid.created_at)))
    people = [f"{each.name}، {text.rial(each.amount_rials)}" for each in receipt.lines]
    more = len(people) - MOST_PEOPLE
    shown = people[:MOST_PEOPLE] + ([f"و {text.persian_digits(more)} نفر دیگر"] if more > 0 else [])
    return rows + [("برای" if not at else " ", one) for at, one in enumerate(shown)]
