"""The banks' files of a day beside our payments: read, matched, explained by people, closed by another one."""

import datetime as dt
import io
import random

import openpyxl
import pytest
from sqlalchemy import event, select

from models import (
    AuditEvent,
    DayClosing,
    ImportBatch,
    Outcome,
    Payment,
    PaymentState,
    Policy,
    ReconciliationFile,
    ReconciliationRow,
    Role,
    UnitKind,
    db,
)
from sandbox.systems.banks import files
from services import jalali, policy
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.payments import starting
from services.reconciliation import matching, reading, report, settling, sheets
from services.reconciliation.matching import Entry
from tests import make, owed
from tests import sheets as made
from tests.fakes import Bank, banking
from tests.services.test_import_engine import actor, folder, send  # noqa: F401 (a fixture)
from tests.web import payment_scenes

NOON, DAY = dt.time(12), dt.timedelta(days=1)
TITLES = sheets.TITLES["sep"][:4]
V, MISSING, UNKNOWN = PaymentState.VERIFIED, Outcome.MISSING_THERE, Outcome.UNKNOWN_HERE


@pytest.fixture
def yesterday():
    return policy.today() - DAY


@pytest.fixture
def hq():
    return make.unit(UnitKind.HQ)


@pytest.fixture
def accountant(hq):
    return actor(make.user(Role.ADMIN, hq))


@pytest.fixture
def colleague(hq):
    return actor(make.user(Role.REVIEWER, hq))


def payment(day, state=V, gateway="sep", **over) -> Payment:
    at = jalali.from_tehran(day, NOON)
    ended = {"settled_at": at} if state in payment_scenes.ENDS else {}
    return payment_scenes.payment(state, **{"gateway": gateway, **ended, **over})


def line(paid, day, **over) -> list[object]:
    """The bank's line of a payment."""
    said = {"order": paid.order_number, "reference": paid.reference, "amount": paid.amount} | over
    return [said["order"], said["reference"], said["amount"], f"{day} 12:00:00"]


def strange(day, number=1, amount=70_000) -> list[object]:
    return [999_000 + number, f"X{number}", amount, f"{day} 23:50:00"]


def bank_file(by, *lines, **more) -> ImportBatch:
    form = sheets.FORMS[more.pop("gateway", "sep")]
    return send(by, name="day.csv", data=made.text(*lines, titles=more.pop("titles", TITLES)), form=form, **more)


def seen(day, gateway="sep") -> reading.Day:
    db.session.rollback()
    return reading.one(gateway, day)


def kinds(day) -> dict[Outcome, int]:
    return {kind: len(some) for kind, some in seen(day).by_kind.items()}


def keys(day, *wanted) -> set[str]:
    return {each.key for each in seen(day).differences if not wanted or each.kind in wanted}


# -- The files of the banks --------------------------------------------------------


@pytest.mark.parametrize("shape", ["csv", "xlsx"])
@pytest.mark.parametrize("gateway", list(sheets.TITLES))
def test_the_file_of_each_bank_is_read_in_its_own_columns(gateway, shape, accountant, yesterday):
    paid = [payment(yesterday, gateway=gateway) for _ in range(2)]
    columns, at = files.COLUMNS[gateway].values(), dt.datetime.combine(yesterday, dt.time(9, 30))
    rows = [
        [column(files.Line(str(one.order_number), one.reference, "1", "2", "t", one.amount, at)) for column in columns]
        for one in paid
    ]
    write = made.text if shape == "csv" else made.xlsx
    data = write(*rows, titles=list(files.COLUMNS[gateway]))
    batch = send(accountant, name=f"day.{shape}", data=data, form=sheets.FORMS[gateway])
    assert (batch.state, batch.row_count, batch.note) == ("done", 2, "")
    found = seen(yesterday, gateway)
    assert (found.differences, found.theirs, found.ours) == ([], found.ours, reading.Sum(2, 1_000_000))
    kept = db.session.scalars(select(ReconciliationRow).order_by(ReconciliationRow.id)).first()
    assert (kept.outcome, kept.order_number, kept.reference) == ("matched", paid[0].order_number, paid[0].reference)
    assert jalali.tehran(kept.paid_at).time() == dt.time(9, 30)
    assert sheets.FORMS[gateway].lands(batch) == f"/hq/reconciliation/{gateway}/{yesterday}"


def test_the_same_file_is_taken_once_and_forgotten_afterwards(accountant, yesterday, folder):  # noqa: F811
    lines = [line(payment(yesterday), yesterday)]
    assert bank_file(accountant, *lines).state == "done"
    assert list(folder.rglob("*.sheet")) == []
    again = bank_file(accountant, *lines)
    assert (again.state, "پیش‌تر آمده" in again.note) == ("refused", True)
    assert len(db.session.scalars(select(ReconciliationFile)).all()) == 1


@pytest.mark.parametrize(("lines", "why"), [
    ([["1", "R1", "500", "پنجم مهر"]], "روز این پرونده روشن نیست"),
    ([["1", "R1", "500", "2100-01-01 10:00"]], "هنوز نرسیده"),
])  # fmt: skip
def test_a_file_of_no_day_or_of_one_to_come_is_refused(lines, why, accountant):
    batch = bank_file(accountant, *lines)
    assert (batch.state, why in batch.note) == ("refused", True)


def test_a_file_of_another_bank_is_refused_by_its_titles(accountant, yesterday):
    batch = bank_file(accountant, line(payment(yesterday), yesterday), gateway="zarinpal")
    assert (batch.state, "order_id" in batch.note) == ("refused", True)


# -- Matching ----------------------------------------------------------------------


def test_each_kind_of_difference_is_found_and_they_explain_the_difference_of_the_sums(accountant, yesterday):
    ours = [payment(yesterday) for _ in range(4)]
    late, early = payment(yesterday, PaymentState.RETURNED), payment(yesterday + DAY)
    payment(yesterday, gateway="sadad")  # another bank's
    lines = [line(one, yesterday) for one in ours[:2]]
    lines += [line(ours[2], yesterday, amount=499_000), line(ours[0], yesterday), strange(yesterday)]
    lines += [line(late, yesterday, reference="R7"), line(early, yesterday), ["", "", "3000000", "جمع"]]
    bank_file(accountant, *lines)
    assert kinds(yesterday) == dict.fromkeys(sheets.wording.KINDS, 1)
    found = seen(yesterday)
    assert (found.ours, found.theirs.count) == (reading.Sum(4, 2_000_000), 7)
    explained = sum(each.ours - each.theirs for each in found.differences)
    assert explained == (found.ours - found.theirs).rials != 0
    assert kinds(yesterday + DAY) == {Outcome.ANOTHER_DAY: 1}, "and the other day says so too"


def test_money_taken_again_for_an_order_under_another_reference_is_no_payment_of_ours(accountant, yesterday):
    paid = payment(yesterday)
    bank_file(accountant, line(paid, yesterday), line(paid, yesterday, reference="another"))
    assert kinds(yesterday) == {UNKNOWN: 1}
    bank_file(accountant, line(paid, yesterday, order=""))
    assert kinds(yesterday) == {UNKNOWN: 1, Outcome.TWICE: 1}, "by its reference alone, and in a second file"


def test_a_later_file_of_the_same_day_takes_away_what_the_first_lacked(accountant, yesterday):
    first, second = payment(yesterday), payment(yesterday)
    bank_file(accountant, line(first, yesterday))
    assert kinds(yesterday) == {MISSING: 1}
    bank_file(accountant, line(second, yesterday))
    assert (kinds(yesterday), seen(yesterday).theirs) == ({}, reading.Sum(2, 1_000_000))


def test_whatever_the_files_say_the_differences_explain_the_sums(accountant, yesterday):
    lot = random.Random(7)  # noqa: S311 (no secret)
    states = (V, V, V, PaymentState.RETURNED, PaymentState.FAILED)
    paid = [payment(yesterday + lot.choice((0, 0, -1)) * DAY, lot.choice(states)) for _ in range(25)]
    for _ in range(3):
        lines = [strange(yesterday, lot.randrange(99), lot.randrange(1, 10**6))]
        for one in lot.sample(paid, 12):
            amount, reference = lot.choice((one.amount, one.amount, 1)), lot.choice((one.reference, f"X{one.id}"))
            lines.append(line(one, yesterday, amount=amount, reference=reference))
        bank_file(accountant, *lines)
        found = seen(yesterday)
        assert sum(each.ours - each.theirs for each in found.differences) == (found.ours - found.theirs).rials


def test_a_file_is_matched_in_as_many_statements_whatever_its_length(yesterday):
    counts = []
    db.session.scalars(select(Payment)).all()  # the transaction has begun
    for size in (2, 60):
        entries = [Entry(n, 10**14 + n, f"R{n}", 5, jalali.from_tehran(yesterday, NOON)) for n in range(size)]
        asked: list[str] = []
        spy = lambda *told: asked.append(told[2])  # noqa: E731, B023
        event.listen(db.engine, "before_cursor_execute", spy)
        assert len(matching.match("sep", yesterday, entries)) == size
        event.remove(db.engine, "before_cursor_execute", spy)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 2


# -- Asking again, explaining, closing ---------------------------------------------


def test_a_payment_that_the_bank_has_and_we_have_not_credited_is_asked_about_and_credited(accountant):
    today = policy.today()
    with banking(bank := Bank("sep")):
        starting.start(starting.Order([starting.Line("national", make.national_code(84_000_000), 500_000)], "k"))
        open_one = make.first(Payment)
        reference = bank.pay(open_one.order_number).reference
        bank_file(accountant, line(open_one, today, reference=reference), strange(today))
        assert kinds(today) == {Outcome.NOT_CREDITED: 1, UNKNOWN: 1}
        with pytest.raises(DomainError, match="باز"):
            settling.ask(accountant, "sep", today, keys(today, UNKNOWN))
        assert settling.ask(accountant, "sep", today, keys(today)) == 1
        owed.run("sep")
    found = seen(today)
    assert (kinds(today), found.ours) == ({UNKNOWN: 1}, reading.Sum(1, 500_000))
    assert sum(each.ours - each.theirs for each in found.differences) == (found.ours - found.theirs).rials


TOLD = "بانک با نامه تأیید کرد"


def test_what_one_has_explained_another_does_not_and_who_explained_does_not_close(accountant, colleague, yesterday):
    payment(yesterday)
    bank_file(accountant, strange(yesterday))
    with pytest.raises(DomainError, match="۲ مغایرت"):
        settling.close(colleague, "sep", yesterday, seen(yesterday).seen, "")
    both = keys(yesterday)
    with pytest.raises(DomainError, match="بنویسید"):
        settling.settle(accountant, "sep", yesterday, both, " ")
    assert settling.settle(accountant, "sep", yesterday, both, TOLD) == 2
    assert settling.settle(accountant, "sep", yesterday, both, TOLD) == 0, "the same again"
    with pytest.raises(Conflict, match=accountant.name):
        settling.settle(colleague, "sep", yesterday, both, "من هم")
    with pytest.raises(NotAllowed):
        settling.close(accountant, "sep", yesterday, seen(yesterday).seen, "")
    assert {(each.note, each.by_id) for each in seen(yesterday).differences} == {(TOLD, accountant.user_id)}
    assert len(db.session.scalars(select(ReconciliationRow).where(ReconciliationRow.line == 0)).all()) == 1


def test_a_day_is_closed_with_the_figures_that_were_seen(accountant, colleague, yesterday):
    bank_file(accountant, line(payment(yesterday), yesterday), strange(yesterday))
    settling.settle(accountant, "sep", yesterday, keys(yesterday), TOLD)
    before = seen(yesterday).seen
    payment(yesterday)
    settling.settle(accountant, "sep", yesterday, keys(yesterday), "پروندهٔ دوم در راه است")
    with pytest.raises(Conflict, match="عوض شده"):
        settling.close(colleague, "sep", yesterday, before, "")
    assert settling.close(colleague, "sep", yesterday, seen(yesterday).seen, "درست است")
    assert not settling.close(colleague, "sep", yesterday, "", ""), "the same again"
    row = make.first(DayClosing)
    assert (row.our_count, row.our_rials, row.bank_count, row.bank_rials) == (2, 1_000_000, 2, 570_000)
    assert (row.explained, row.note, row.closed_by_id) == (2, "درست است", colleague.user_id)


def test_a_closed_day_stays_as_it_is(accountant, colleague, yesterday):
    bank_file(accountant, strange(yesterday))
    both = keys(yesterday)
    settling.settle(accountant, "sep", yesterday, both, TOLD)
    settling.close(colleague, "sep", yesterday, seen(yesterday).seen, "")
    with pytest.raises(Conflict):
        settling.settle(accountant, "sep", yesterday, both, "دیگر")
    with pytest.raises(Conflict, match=colleague.name):
        settling.close(accountant, "sep", yesterday, seen(yesterday).seen, "")
    assert "بسته شده" in bank_file(accountant, strange(yesterday, 2)).note
    did = set(db.session.scalars(select(AuditEvent.action)))
    assert did >= {"bank_file_taken", "differences_settled", "day_closed"}


def test_where_duties_are_not_separated_one_accountant_is_enough(accountant, yesterday):
    bank_file(accountant, strange(yesterday))
    settling.settle(accountant, "sep", yesterday, keys(yesterday), "برگشت خورد")
    make.save(Policy(name="separation_of_duties", scope="*", valid_from=yesterday, value=False))
    assert settling.close(accountant, "sep", yesterday, seen(yesterday).seen, "")


def test_a_day_without_a_file_or_not_over_is_not_closed_and_a_bank_without_transactions_is_noted(accountant, yesterday):
    payment(yesterday)
    today = policy.today()
    bank_file(accountant, line(payment(today), today))
    for day, why in ((yesterday, "پرونده"), (today, "تمام نشده")):
        with pytest.raises(DomainError, match=why):
            settling.close(accountant, "sep", day, seen(day).seen, "")
    settling.nothing(accountant, "sep", yesterday)
    assert (kinds(yesterday), seen(yesterday).theirs) == ({MISSING: 1}, reading.Sum(0, 0))
    with pytest.raises(Conflict):
        settling.nothing(accountant, "sep", yesterday)


def test_only_admin_and_reviewer_of_hq_do_any_of_this(hq, yesterday):
    planner = actor(make.user(Role.PLANNER, hq))
    for act in (settling.settle, settling.close):
        with pytest.raises(NotAllowed):
            act(planner, "sep", yesterday, {"row:1"}, "note")
    with pytest.raises(NotAllowed):
        bank_file(planner, strange(yesterday))


def test_an_address_of_no_bank_or_no_day_leads_nowhere(yesterday):
    assert reading.place("sep", yesterday.isoformat()) == ("sep", yesterday)
    for gateway, day in (("nobank", str(yesterday)), ("sep", "2026-13-01"), ("sep", "2999-01-01"), ("sep", "20260101")):
        with pytest.raises(NotFound):
            reading.place(gateway, day)


# -- What is shown -----------------------------------------------------------------


def test_the_list_has_both_sums_of_each_day_and_the_workbook_all_that_is_signed(accountant, colleague, yesterday):
    paid = [payment(yesterday), payment(yesterday, settled_at=matching.span(yesterday)[1] - dt.timedelta(seconds=1))]
    bank_file(accountant, line(paid[0], yesterday))
    payment(yesterday - 3 * DAY, gateway="sadad")
    shown = [(row.gateway, row.day, row.ours.count, row.theirs.count, row.has_file, row.is_closed)
             for row in reading.days(yesterday, ["sep"])]  # fmt: skip
    assert shown == [("sep", yesterday, 2, 1, True, False), ("sadad", yesterday - 3 * DAY, 1, 0, False, False)]
    settling.settle(accountant, "sep", yesterday, keys(yesterday), "با بانک روشن شد")
    settling.close(colleague, "sep", yesterday, seen(yesterday).seen, "")
    assert reading.days(yesterday, [])[0].is_closed
    into = io.BytesIO()
    report.write(into, seen(yesterday))
    book = openpyxl.load_workbook(io.BytesIO(into.getvalue()))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"1000000", "500000", "با بانک روشن شد", paid[0].reference, accountant.name, colleague.name} <= set(cells)
