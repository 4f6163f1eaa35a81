"""Days of a bank in the small country of the walkers of pages and forms: open with differences, explained, closed."""

import datetime as dt
import itertools

from models import (
    DayClosing,
    Outcome,
    Payment,
    PaymentState,
    ReconciliationFile,
    ReconciliationRow,
    Role,
    UnitKind,
    User,
)
from services import policy
from services.reconciliation import matching, reading, sheets
from tests import make
from tests.web import payment_scenes

Scene = tuple[str, dict, dict] | tuple[str, dict, dict, str]
_n = itertools.count(1)


def day(ago: int = 1) -> dt.date:
    return policy.today() - dt.timedelta(days=ago)


def payment(on: dt.date, state: PaymentState = PaymentState.VERIFIED) -> Payment:
    at = matching.span(on)[0] + dt.timedelta(hours=9)
    over = {"settled_at": at} if state is PaymentState.VERIFIED else {}
    return payment_scenes.payment(state, gateway="sep", **over)


def file(world, on: dt.date, **counted) -> ReconciliationFile:
    return sent(world.staff["hq"], on, **counted)


def sent(by: User, on: dt.date, **counted) -> ReconciliationFile:
    known = {"rows": 0, "total_rials": 0} | counted
    about = {"gateway": "sep", "day": on, "name": f"sep-{on}.xlsx", "sha256": f"{next(_n):064}"}
    return make.save(ReconciliationFile(uploaded_by_id=by.id, **about, **known))


def row(of: ReconciliationFile, outcome: Outcome, paid: Payment | None = None, **over) -> ReconciliationRow:
    n = next(_n)
    said = {"order_number": paid.order_number if paid else n, "reference": f"R{n}", "amount": 500_000}
    about = {"file_id": of.id, "line": n + 1, "outcome": outcome, "payment_id": paid.id if paid else None}
    return make.save(ReconciliationRow(**about, **{**said, "paid_at": of.created_at, **over}))


def standing(world) -> dt.date:
    """Yesterday, with a file in which every kind of difference occurs."""
    on = day()
    if make.first(ReconciliationFile, day=on) is None:
        of = file(world, on, rows=4, total_rials=2_000_000)
        row(of, Outcome.NOT_CREDITED, payment(on, PaymentState.RETURNED))
        row(of, Outcome.MATCHED, payment(on))
        row(of, Outcome.AMOUNT_DIFFERS, payment(on), amount=499_000)
        row(of, Outcome.UNKNOWN_HERE)
        payment(on)
    return on


def grown(world, n: int) -> None:
    on = standing(world)
    of = file(world, on, rows=2)
    row(of, Outcome.NOT_CREDITED, payment(on, PaymentState.RETURNED))
    row(of, Outcome.UNKNOWN_HERE)
    payment(day(n + 2))


def place(on: dt.date) -> dict[str, str]:
    return {"gateway": "sep", "day": on.isoformat()}


def explained(world) -> Scene:
    on = standing(world)
    new = row(file(world, on, rows=1), Outcome.UNKNOWN_HERE)
    url = f"{sheets.address('sep', on)}?kind=unknown_here"
    found = next(each for each in reading.one("sep", on).differences if each.reference == new.reference)
    return url, place(on), {"+difference": found.key, "note": "با بانک روشن شد"}, "do=settle"


def asked(world) -> Scene:
    on = standing(world)
    found = next(each for each in reading.one("sep", on).differences if each.may_ask)
    return f"{sheets.address('sep', on)}?kind=not_credited", place(on), {"+difference": found.key}, "do=ask"


def nothing(world) -> Scene:
    on = day(400 + next(_n))
    return sheets.address("sep", on), place(on), {}


def closed(world) -> Scene:
    """A day that a colleague has explained."""
    on = day(400 + next(_n))
    colleague = make.user(Role.REVIEWER, make.unit(UnitKind.HQ))
    of = file(world, on, rows=1, total_rials=500_000)
    said = {"note": "برگشت خورد", "settled_by_id": colleague.id, "settled_at": of.created_at}
    row(of, Outcome.UNKNOWN_HERE, **said)
    return sheets.address("sep", on), place(on), {"note": "درست است"}


def done(world) -> str:
    """A closed day."""
    on = day(20)
    if make.first(DayClosing, day=on) is None:
        file(world, on)
        sums = dict.fromkeys(("our_count", "our_rials", "bank_count", "bank_rials"), 0)
        key = sheets.closing_key("sep", on)
        make.save(DayClosing(closing_key=key, gateway="sep", day=on, closed_by_id=world.staff["hq"].id, **sums))
    return on.isoformat()


SCENES = {
    "hq.reconciliation_settle explain": explained,
    "hq.reconciliation_settle ask": asked,
    "hq.reconciliation_nothing": nothing,
    "hq.reconciliation_close": closed,
}
