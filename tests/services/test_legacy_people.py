"""Old lists of people: cleaned, merged by the rule, reported, undone, and the same the second time."""

import contextlib
import datetime as dt
import random
from collections import Counter

import pytest
from sqlalchemy import event, func, select

import gateways
from models import Discrepancy, IdentityStatus, ImportBatch, ImportRow, MobileStatus, Outbox, Person, Role, UnitKind, db
from services import access, codes, imports, outbox, people, policy, submissions
from services.access import Level
from services.imports.matching import Line
from services.legacy import FORM, cleaning, merging
from tests import make, owed, sheets
from tests.web import pages

TITLES = [column.title for column in FORM.columns]
NAMES = [column.name for column in FORM.columns]
BORN = dt.date(1981, 3, 21)  # 1360/01/01


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))


@pytest.fixture
def hq():
    user = make.user(Role.ADMIN, make.unit(UnitKind.HQ))
    return access.actor(user, Level.HQ, access.roles_of(user.id))


def line(**over) -> list[object]:
    return [over.get(name, "") for name in NAMES]


def work() -> None:
    while rows := [row.id for row in owed.rows("import") if row.state == "open"]:
        for row in rows:
            outbox.handle(row)


def sent(hq, *lines) -> ImportBatch:
    data = sheets.xlsx(*lines, titles=TITLES)
    done = imports.send(hq, FORM, submissions.new_key(), (f"{len(data)}.xlsx", data), {})
    work()
    return imports.get(hq, done.batch_id)


def applied(hq, *lines) -> ImportBatch:
    batch = sent(hq, *lines)
    imports.apply(hq, batch.id)
    work()
    return imports.get(hq, batch.id)


def person(code: str) -> Person:
    db.session.rollback()
    query = select(Person).where(Person.national_code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def kinds(batch: ImportBatch) -> list[str]:
    query = select(ImportRow.kind).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    return [kind.value for kind in db.session.scalars(query)]


# -- Cells -----------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0010350829", "0010350829"), ("10350829", "0010350829"), ("10350829.0", "0010350829"),
        ("۱۰۳۵۰۸۲۹", "0010350829"), ("001-035082-9", "0010350829"), ("1.0350829E+7", "0010350829"),
        ("1.035E+7", None), ("1.2345E+9", None), ("خالی", None), ("-", None), (".", None), ("", None),
        ("0123456789", None), ("12345", None),
    ],
)  # fmt: skip
def test_a_code_is_read_where_no_digit_of_it_is_lost(raw, expected):
    values, errors = cleaning.prepare({"national_code": raw})
    assert (values["national_code"], bool(errors)) == (expected, expected is None)


@pytest.mark.once
def test_cells_that_only_fill_their_place_are_empty_and_odd_ones_are_put_aside_with_a_note():
    raw = {"national_code": "10350829", "first_name": "علي", "last_name": "حالی", "father_name": "-", "gender": "مذكر"}
    raw |= {"birth_date": "13600101.0", "shenasname_no": "12.0", "mobile": "9123456789", "said_on": "دیروز ۱"}
    values, errors = cleaning.prepare(raw)
    assert errors == {}
    read_ = {name: values[name] for name in ("first_name", "last_name", "father_name", "gender", "birth_date")}
    expected = {"first_name": "علی", "last_name": None, "father_name": None, "gender": "male"}
    assert read_ == expected | {"birth_date": BORN.isoformat()}
    assert (values["shenasname_no"], values["mobile"], values["said_on"]) == ("12", "09123456789", None)
    for word in ("صفر گم‌شده", "حالی", "تاریخ ثبت"):
        assert word in values["note"]


@pytest.mark.once
def test_whatever_stands_in_a_cell_what_is_kept_of_it_is_right_or_nothing():
    rng = random.Random(8)
    signs = "0123456789۰۱۲۳٤٥.-eE+ خالیحلعيك/,؛\u200c\u202eabc'=@\t\n"
    for _ in range(3000):
        raw = {name: "".join(rng.choices(signs, k=rng.randint(0, 14))) for name in NAMES}
        if rng.random() < 0.5:
            raw["national_code"] = make.national_code(rng.randint(1_000_000, 10**8)).lstrip("0")
        values, errors = cleaning.prepare(raw)
        assert bool(errors) == (values["national_code"] is None)
        assert values["national_code"] in (None, codes.national_code(str(values["national_code"])))
        assert values["mobile"] in (None, codes.mobile(str(values["mobile"])))
        for name in cleaning.NAMES:
            kept = values[name]
            assert kept is None or (kept == people.name_part(kept) and any(map(str.isalpha, kept)))
        assert values["birth_date"] is None or dt.date.fromisoformat(values["birth_date"]) <= policy.today()


# -- Merging ---------------------------------------------------------------------------


def read(*rows: dict) -> list[Line]:
    found = []
    for number, raw in enumerate(rows, 2):
        values, errors = cleaning.prepare(raw)
        found.append(Line(number, {}, values, errors))
    return found


def test_the_newest_value_that_is_no_gap_stands_whatever_the_order_of_the_lines():
    code = make.national_code()
    rows = [
        {"first_name": "مریم", "last_name": "کریمی", "mobile": "09120000001", "said_on": "1395/01/01"},
        {"first_name": "مريم", "last_name": "كريمي", "father_name": "علی", "said_on": "1390/01/01"},
        {"last_name": "خالی", "mobile": "-", "birth_date": "1360/01/01", "said_on": "1399/01/01"},
    ]
    for seed in range(6):
        random.Random(seed).shuffle(rows)
        [one], report = merging.gather(read(*({"national_code": code} | row for row in rows)))
        found = [one.values[name] for name in ("first_name", "last_name", "father_name", "mobile", "birth_date")]
        assert found == ["مریم", "کریمی", "علی", "09120000001", BORN.isoformat()]
        assert (one.values["other_last"], "۲ ردیف تکراری" in report) == (None, True)


# -- The import ------------------------------------------------------------------------


def test_people_come_in_with_mobiles_that_nobody_has_matched_and_two_names_become_a_task(hq):
    new, twice = make.national_code(1_000_007), make.national_code()
    odd = {"first_name": "علي", "last_name": "خالی", "mobile": "9123456789", "birth_date": "1360/01/01"}
    batch = applied(
        hq,
        line(national_code=new.lstrip("0"), **odd),
        line(national_code=twice, first_name="مریم", last_name="کریمی"),
        line(national_code=twice, first_name="زهرا", last_name="موسوی"),
        line(national_code="123", first_name="رضا"),
    )
    assert (batch.state, batch.done_count, batch.bad_count) == ("done", 2, 1)
    one = person(new)
    assert (one.first_name, one.last_name, one.mobile, one.mobile_status) == ("علی", None, "09123456789", "unchecked")
    assert (one.birth_date, one.sources["name"]["source"], one.name_key is not None) == (BORN, people.IMPORT, True)
    task = db.session.query(Discrepancy).one()
    assert (task.ours["last_name"], task.theirs["last_name"], task.source) == ("موسوی", "کریمی", people.IMPORT)
    assert person(twice).identity_status is IdentityStatus.DISCREPANCY
    assert sorted(row.topic for row in owed.rows() if row.ref_id == one.id) == ["registry", "shahkar"]


def test_the_second_time_nothing_is_left_to_do(hq):
    code, typed = make.national_code(), make.person(identity_status="pending", sources={})
    lines = [
        line(national_code=code, first_name="مریم", last_name="کریمی", mobile="09121112222"),
        line(national_code=typed.national_code, first_name="نامی", last_name="دیگر", father_name="علی"),
    ]
    first, second = applied(hq, *lines), sent(hq, *lines)
    assert (kinds(first), kinds(second)) == (["new", "changed"], ["same", "same"])
    assert db.session.query(Discrepancy).count() == 1
    known = person(typed.national_code)
    assert (known.father_name, known.last_name) == ("علی", typed.last_name)


def test_what_is_official_or_matched_stands_whatever_the_sheet_says(hq):
    sources = {"name": {"source": people.SSO}}
    known = make.person(mobile="09121110000", mobile_status="matched", sources=sources, father_name="حسن")
    said = {"first_name": "نامی", "last_name": "دیگر", "father_name": "علی", "mobile": "09129999999"}
    assert kinds(sent(hq, line(national_code=known.national_code, **said))) == ["same"]
    after = person(known.national_code)
    assert (after.last_name, after.father_name, after.mobile) == (known.last_name, "حسن", "09121110000")
    assert (after.mobile_status, db.session.query(Discrepancy).count()) == (MobileStatus.MATCHED, 0)


def test_the_same_name_and_birth_date_with_another_code_is_reported_and_never_one_person(hq):
    there = make.person(first_name="مریم", last_name="کریمی", birth_date=BORN)
    said = {"first_name": "مريم", "last_name": "كريمي", "birth_date": "1360/01/01"}
    batch = applied(hq, *(line(national_code=make.national_code(), **said) for _ in range(2)))
    assert (kinds(batch), "۲ ردیف هم‌نام" in batch.note) == (["new", "new"], True)
    assert db.session.scalar(select(func.count()).where(Person.name_key == there.name_key)) == 3


def test_an_import_is_taken_back_but_for_who_has_been_enrolled_since(hq):
    code, seen = make.national_code(), make.national_code()
    gaps = make.person(identity_status="pending", sources={}, father_name=None)
    said = {"first_name": "مریم", "last_name": "کریمی", "mobile": "09121112222"}
    lines = [line(national_code=each, **said) for each in (code, seen)]
    batch = applied(hq, *lines, line(national_code=gaps.national_code, father_name="علی"))
    pages.enroll(make.course(), person(seen))
    imports.undo(hq, batch.id)
    work()
    batch = imports.get(hq, batch.id)
    assert (batch.state, batch.undone_count, batch.kept_count) == ("undone", 2, 1)
    one = person(code)
    assert (one.full_name, one.mobile, one.mobile_status) == (None, None, MobileStatus.NONE)
    assert (person(seen).last_name, person(gaps.national_code).father_name) == ("کریمی", None)


@contextlib.contextmanager
def counted():
    seen: list[str] = []

    def note(conn, cursor, statement, *_):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_chunk_costs_the_same_whether_it_has_ten_people_or_fifty(hq):
    def cost(first: int, count: int) -> list[str]:
        said = [{"last_name": f"کریمی {n}", "mobile": f"0912{n:07d}"} for n in range(first, first + count)]
        batch = sent(hq, *(line(national_code=make.national_code(), first_name="مریم", **each) for each in said))
        imports.apply(hq, batch.id)
        with counted() as seen:
            work()
        assert imports.get(hq, batch.id).done_count == count
        return seen

    few, many = cost(0, 10), cost(100, 50)
    assert len(many) <= len(few) + 2, Counter(each[:60] for each in many)
    assert db.session.scalar(select(func.count()).where(Outbox.topic == "shahkar")) == 60
