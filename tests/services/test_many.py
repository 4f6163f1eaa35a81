"""Lists of many people: read, looked through, run any number of times, paid for by one basket, forgotten."""

import datetime as dt
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import (
    Account,
    AuditEvent,
    Basket,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentList,
    EnrollmentListRow,
    ImportBatch,
    Outbox,
    OwnerKind,
    Person,
    Role,
    TargetGroup,
    UnitKind,
    db,
    utcnow,
)
from services import baskets, enrollment, ledger, many
from services.baskets import values
from services.enrollment import batch, drafts
from services.errors import DomainError, NotAllowed, OutsideTerritory
from services.imports.matching import Line
from services.many import keeping, running, sheet
from services.many.looking import State
from tests import course_cases, make

FEE = 50_000
USER, TRAINEE = DebitSource.PORTAL_USER, DebitSource.TRAINEE


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(FEE)


@pytest.fixture
def course():
    return make.course(capacity_max=60)


@pytest.fixture
def clerk(course):
    return course_cases.actor(make.user(unit_=course.unit))


def listed(clerk, course, *lines: str) -> str:
    return many.start(clerk, str(uuid.uuid4()), course.id, many.read("\n".join(lines)))


def codes_of(count: int, credit: int = FEE) -> list[str]:
    found = [make.person() for _ in range(count)]
    for each in found if credit else ():
        make.purse(each, credit)
    return [each.national_code for each in found]


def states(clerk, key: str) -> list[str]:
    return [line.state.value for line in many.look(clerk, key).lines]


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


# -- Reading -------------------------------------------------------------------------


@pytest.mark.once
def test_codes_are_read_however_they_are_pasted():
    one, two, three = (make.national_code(n) for n in (11, 12, 13))
    persian = one.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    grouped = f"{two[:3]}-{two[3:9]}-{two[9]}"
    table = f"{three}\tمریم\tنوروزی\t۰۹۱۲۱۲۳۴۵۶۷"
    read = many.read(f"{persian}\n\n{grouped}\n{table}\n{one}، {two} {three}\nنه کد\n123")
    assert [each.code for each in read] == [one, two, three, one, two, three, None, None]
    assert read[2].fields == {"first_name": "مریم", "last_name": "نوروزی", "mobile": "09121234567"}
    assert [bool(each.problem) for each in read[-2:]] == [True, True]
    for raw in ("", " \n ", "1\n" * 501):
        with pytest.raises(DomainError) as refusal:
            many.read(raw)
        assert refusal.value.field == "codes"


def test_a_code_that_comes_twice_or_is_none_stays_in_its_line_with_the_reason(clerk, course):
    code, other = codes_of(2)
    key = listed(clerk, course, code, "123", code)
    assert many.add(clerk, str(uuid.uuid4()), key, many.read(f"{other}\n{code}")) == 2
    lines = many.look(clerk, key).lines
    assert [line.state.value for line in lines] == ["ready", "unreadable", "unreadable", "ready", "unreadable"]
    assert ["ردیف ۱" in line.problem for line in lines] == [False, False, True, False, True]
    assert count(AuditEvent, AuditEvent.action == "person_looked_up") == 2


def test_the_same_form_makes_one_list_and_adds_once(clerk, course):
    key, more = str(uuid.uuid4()), str(uuid.uuid4())
    people = many.read("\n".join(codes_of(2)))
    first, second = (many.start(clerk, key, course.id, people) for _ in range(2))
    assert first == second
    assert [many.add(clerk, more, first, many.read(codes_of(1)[0])) for _ in range(2)] == [1, 0]
    assert (count(EnrollmentList), count(EnrollmentListRow)) == (1, 3)


@pytest.mark.once
def test_a_list_is_its_units_and_a_counters_own(clerk, course):
    key = listed(clerk, course, *codes_of(1))
    stranger = course_cases.actor(make.user(unit_=make.unit()))
    with pytest.raises(OutsideTerritory):
        many.look(stranger, key)
    with pytest.raises(OutsideTerritory):
        listed(stranger, course, *codes_of(1))
    with pytest.raises(NotAllowed):
        listed(course_cases.actor(make.user(unit_=course.unit, can_enroll_others=False)), course, *codes_of(1))
    counter = make.unit(UnitKind.COUNTER)
    one, two = (course_cases.actor(make.user(Role.COUNTER, counter)) for _ in range(2))
    own = listed(one, course, *codes_of(1))
    assert many.run(one, own, TRAINEE).enrolled == 1
    made = db.session.scalars(select(Enrollment)).one()
    assert (made.channel, made.unit_id) == ("counter", counter.id)
    with pytest.raises(OutsideTerritory):
        many.look(two, own)


# -- Running -------------------------------------------------------------------------


def test_one_press_enrolls_the_good_ones_and_keeps_the_rest_as_drafts(clerk, course):
    course.age_min = 18
    db.session.commit()
    good, poor = codes_of(2), codes_of(1, FEE - 10_000)
    child = make.person(birth_date=dt.date.today() - timedelta(days=3650))  # noqa: DTZ011 (any day near today)
    new = make.national_code()
    make.fill(make.save(Account(owner_kind="national", owner_code=new)), FEE)
    key = listed(clerk, course, *good, *poor, child.national_code, new, "123", "0123456789")
    assert states(clerk, key) == ["ready"] * 3 + ["barred", "ready", "unreadable", "barred"]
    ran = many.run(clerk, key, TRAINEE)
    assert (ran.enrolled, ran.before, ran.refused, ran.left) == (3, 0, 3, 0)
    assert states(clerk, key) == ["enrolled"] * 2 + ["short", "barred", "enrolled", "unreadable", "barred"]
    # A code that looks made up has none: at the desk it needs a reason first.
    kept = db.session.scalars(select(EnrollmentDraft).order_by(EnrollmentDraft.id)).all()
    assert [draft.national_code for draft in kept] == [
        *poor,
        child.national_code,
    ]
    person = db.session.scalars(select(Person).where(Person.national_code == new)).one()
    assert (person.full_name, person.identity_status) == (None, "pending")
    assert "۱۰٬۰۰۰" in many.look(clerk, key).lines[2].problem


def test_a_list_that_is_run_again_enrolls_whoever_has_become_good_and_nobody_twice(clerk, course):
    rich, poor = codes_of(1), codes_of(1, 0)
    key = listed(clerk, course, *rich, *poor)
    assert many.run(clerk, key, TRAINEE).enrolled == 1
    make.fill(make.save(Account(owner_kind="national", owner_code=poor[0])), FEE)
    again = many.run(clerk, key, TRAINEE)
    assert (again.enrolled, again.before, again.refused) == (1, 0, 0)
    assert many.run(clerk, key, TRAINEE) == running.Ran()
    db.session.refresh(course)
    assert (course.taken, count(Enrollment)) == (2, 2)
    used = db.session.scalars(select(EnrollmentDraft)).one()
    assert used.used_at is not None


def test_whoever_was_enrolled_at_the_desk_by_the_rows_draft_is_enrolled_in_the_list(clerk, course):
    poor = codes_of(1, 0)
    key = listed(clerk, course, *poor)
    many.run(clerk, key, TRAINEE)
    make.fill(make.save(Account(owner_kind="national", owner_code=clerk_code(clerk))), FEE)
    line = many.look(clerk, key).lines[0]
    draft = drafts.get(clerk, line.draft)
    draft = drafts.save(clerk, draft.key, draft.version, drafts.Entry(course_id=course.id, debit_source=USER))
    made = drafts.confirm(clerk, draft)
    line = many.look(clerk, key).lines[0]
    assert (line.state, line.tracking_code, line.draft) == (State.ENROLLED, made.tracking_code, None)
    assert many.run(clerk, key, TRAINEE).before == 1
    assert db.session.scalars(select(EnrollmentListRow.state)).one() == "enrolled"


def clerk_code(clerk) -> str:
    return db.session.get(Person, clerk.person_id).national_code


def test_the_portal_users_purse_pays_in_the_order_of_the_list(clerk, course):
    make.fill(make.save(Account(owner_kind="national", owner_code=clerk_code(clerk))), 2 * FEE)
    key = listed(clerk, course, *codes_of(3, 0))
    seen = many.look(clerk, key)
    assert (seen.by_portal, seen.by_trainee, seen.cost, seen.portal_lacks) == (2, 0, 3 * FEE, FEE)
    ran = many.run(clerk, key, USER)
    assert (ran.enrolled, ran.refused) == (2, 1)
    assert [line.state for line in many.look(clerk, key).lines] == [State.ENROLLED, State.ENROLLED, State.READY]


def test_a_full_or_closed_course_refuses_each_row_and_loses_none(clerk, course):
    course.capacity_max = 1
    db.session.commit()
    key = listed(clerk, course, *codes_of(2))
    assert (many.run(clerk, key, TRAINEE).refused, count(Enrollment)) == (1, 1)
    lines = many.look(clerk, key).lines
    assert "ظرفیت" in lines[1].problem
    assert lines[1].state is State.READY


def test_who_is_left_out_is_not_tried_until_put_back(clerk, course):
    key = listed(clerk, course, *codes_of(2))
    first, second = many.look(clerk, key).lines
    assert [many.leave_out(clerk, key, first.id) for _ in range(2)] == [True, False]
    assert many.run(clerk, key, TRAINEE).enrolled == 1
    assert not many.leave_out(clerk, key, second.id)  # is in the course
    assert many.leave_out(clerk, key, first.id, back=True)
    assert many.run(clerk, key, TRAINEE).enrolled == 1


@pytest.mark.once
def test_a_run_that_takes_too_long_says_how_many_are_left(clerk, course, monkeypatch):
    monkeypatch.setattr(batch, "MOST", 2)
    key = listed(clerk, course, *codes_of(3))
    monkeypatch.setattr(running, "LONGEST_S", -1)
    assert many.run(clerk, key, TRAINEE) == running.Ran(left=3)
    monkeypatch.setattr(running, "LONGEST_S", 60)
    assert many.run(clerk, key, TRAINEE).enrolled == 3


def test_without_saying_who_pays_nothing_happens(clerk, course):
    key = listed(clerk, course, *codes_of(1))
    with pytest.raises(DomainError) as refusal:
        many.run(clerk, key, None)
    assert (refusal.value.field, count(Enrollment)) == ("debit_source", 0)


# -- What a sheet says ---------------------------------------------------------------


def taken(clerk, course, *lines: dict) -> str:
    """The key of the list that a job has made of a sheet with these lines."""
    file = {"file_name": "a.xlsx", "file_key": uuid.uuid4().hex, "sha256": "0" * 64, "size_bytes": 9}
    who = {"unit_id": course.unit_id, "user_id": clerk.user_id, "level": "center", "form": "enrollments"}
    made = make.save(ImportBatch(**file, **who, options={"course": course.id}))
    sheet.take(made, [Line(n, {k: str(v) for k, v in each.items()}, each) for n, each in enumerate(lines, 2)])
    db.session.commit()
    return sheet.lands(made).rpartition("/")[2]


def test_what_a_sheet_says_fills_gaps_of_those_who_are_enrolled_and_counts_for_the_rules(clerk, course):
    course.age_min = 18
    db.session.commit()
    known, poor = codes_of(1)[0], codes_of(1, 0)[0]
    old, young = (make.person(first_name=None, last_name=None, identity_status="pending") for _ in range(2))
    for each in (old, young):
        make.purse(each, FEE)
    said = {"first_name": "زهرا", "last_name": "کریمی", "mobile": "09121112233", "birth_date": "1990-01-01"}
    lines = [{"national_code": code, **said} for code in (known, poor, old.national_code)]
    key = taken(clerk, course, *lines, {"national_code": young.national_code, "birth_date": "2020-01-01"})
    assert states(clerk, key) == ["ready", "ready", "ready", "barred"]
    assert many.run(clerk, key, TRAINEE).enrolled == 2
    people = {each.national_code: each for each in db.session.scalars(select(Person))}
    for each in (people[known], old):
        db.session.refresh(each)
    assert (people[known].full_name[:4], people[known].mobile) == ("مریم", "09121112233")
    assert (old.full_name, old.birth_date, old.mobile) == ("زهرا کریمی", dt.date(1990, 1, 1), "09121112233")
    assert people[poor].mobile is None
    assert (young.birth_date, young.mobile) == (None, None)
    owed = select(Outbox.ref_id).where(Outbox.topic == "registry", Outbox.actor_id == clerk.user_id)
    assert db.session.scalars(owed).all() == [old.id]


def test_a_clerks_own_mobile_in_a_sheet_is_refused_in_its_row(clerk, course):
    person = db.session.get(Person, clerk.person_id)
    person.mobile = "09120000001"
    db.session.commit()
    key = taken(clerk, course, {"national_code": codes_of(1)[0], "mobile": "09120000001"})
    assert many.run(clerk, key, TRAINEE).refused == 1
    assert "خود شماست" in many.look(clerk, key).lines[0].problem


@pytest.fixture
def disabled():
    group = TargetGroup(code="disabled", title="معلولان", is_fee_exempt=True, needs_evidence=True)
    return make.save(group)


def test_group_schooling_and_paper_count_before_the_run_as_in_it(clerk, course, disabled):
    make.save(TargetGroup(code="rural", title="روستاییان"))
    course.min_education, course.target_group_id = "دیپلم", disabled.id
    db.session.commit()
    free, other, low = codes_of(3, 0)
    group = {"target_group": "معلولان", "evidence": "کارت ۱۲"}
    lines = [
        {"national_code": free, **group, "schooling": "لیسانس"},
        {"national_code": other, "target_group": "روستاییان", "schooling": "دیپلم"},
        {"national_code": low, **group, "schooling": "سیکل"},
        {"national_code": make.national_code(), "target_group": "معلولان"},
        {"national_code": make.national_code(), "target_group": "معلولین"},
    ]
    key = taken(clerk, course, *lines)
    before = many.look(clerk, key).lines
    assert [line.state.value for line in before] == ["ready", "barred", "barred", "barred", "unreadable"]
    assert (before[0].said, before[0].fee) == (["معلولان (بدون هزینه)", "کارت ۱۲", "کارشناسی"], 0)
    assert ["مدرک" in before[3].problem, "معلولان، روستاییان" in before[4].problem] == [True, True]
    assert (many.run(clerk, key, TRAINEE).enrolled, states(clerk, key)[:4]) == (1, ["enrolled", *["barred"] * 3])
    made = db.session.scalars(select(Enrollment)).one()
    assert (made.target_group_id, made.group_evidence, made.fee_rials) == (disabled.id, "کارت ۱۲", 0)
    assert db.session.get(Person, made.person_id).schooling == "bachelor"
    drafted = drafts.get(clerk, many.look(clerk, key).lines[2].draft)
    kept = drafts.entry_of(drafted)
    assert (kept.target_group_id, kept.evidence, kept.schooling) == (disabled.id, "کارت ۱۲", "cycle")


def test_foreigners_are_looked_up_by_the_code_of_their_paper_and_pay_from_their_own_purse(clerk, course):
    known = make.person(national_code=None, foreign_code="123456789", identity_status="foreign_manual")
    for code in (known.foreign_code, "987654321"):
        make.fill(make.save(Account(owner_kind="foreign", owner_code=code)), FEE)
    paper, name = {"foreign_kind": "گذرنامه"}, {"first_name": "احمد", "last_name": "رحیمی"}
    lines = [
        {"national_code": "123456789", **paper},
        {"national_code": "987654321", **paper, **name},
        {"national_code": "55512345", **paper},
        {"national_code": "123456789", **paper},
        {"national_code": "12", **paper},
    ]
    key = taken(clerk, course, *lines)
    assert states(clerk, key) == ["ready", "ready", "barred", "unreadable", "unreadable"]
    assert [line.said for line in many.look(clerk, key).lines[:1]] == [["گذرنامه"]]
    ran = many.run(clerk, key, TRAINEE)
    assert (ran.enrolled, ran.refused) == (2, 1)
    new = db.session.scalars(select(Person).where(Person.foreign_code == "987654321")).one()
    assert (new.full_name, new.sources["foreign_code"]["kind"]) == ("احمد رحیمی", "passport")
    nameless = drafts.get(clerk, many.look(clerk, key).lines[2].draft)
    assert (nameless.foreign_code, nameless.fields) == ("55512345", {"foreign_kind": "passport"})


def test_a_foreigners_own_purse_is_what_a_basket_fills(clerk, course):
    said = {"national_code": "44412345", "foreign_kind": "گذرنامه", "last_name": "رحیمی"}
    payer = values.user(clerk.user_id, course.unit_id, sees_names=True)
    other = taken(clerk, course, said)
    basket, _ = many.to_the_bank(payer, many.look(clerk, other), TRAINEE, "/")
    row = db.session.scalars(select(Basket).where(Basket.key == basket)).one()
    assert [(line["kind"], line["code"]) for line in row.lines] == [("foreign", "44412345")]


def test_pasted_words_behind_the_names_are_groups_and_schooling_and_never_passed_over(disabled):
    code = make.national_code()
    rows = many.read(f"{code}\tمریم\tنوروزی\tمعلولان\tدیپلم\n{code}\tدیپلم\n123456789\tگذرنامه\n{code}\tالف\tب\tپ")
    group = {"target_group_id": disabled.id, "schooling": "diploma"}
    assert rows[0].fields == {"first_name": "مریم", "last_name": "نوروزی", **group}
    assert rows[1].fields == {"schooling": "diploma"}
    assert rows[2].fields == {"foreign_kind": "passport", "foreign_code": "123456789"}
    assert [row.code for row in rows] == [code, code, "123456789", None]
    assert "«پ»" in rows[3].problem
    assert "معلولان" in rows[3].problem


# -- Money, and forgetting -----------------------------------------------------------


def test_one_basket_fills_every_purse_that_is_short_and_leads_back(clerk, course):
    rich, one, two = codes_of(1), codes_of(1, FEE - 20_000), codes_of(1, 0)
    key = listed(clerk, course, *rich, *one, *two)
    payer = values.user(clerk.user_id, course.unit_id, sees_names=True)
    basket, waiting = many.to_the_bank(payer, many.look(clerk, key), TRAINEE, f"/center/lists/{key}")
    row = db.session.scalars(select(Basket).where(Basket.key == basket)).one()
    assert (waiting, row.return_path) == (0, f"/center/lists/{key}")
    least = values.limits().least
    assert [(line["code"], line["amount"]) for line in row.lines] == [
        (one[0], max(20_000, least)), (two[0], max(FEE, least)),
    ]  # fmt: skip
    alone, _ = many.to_the_bank(payer, many.look(clerk, key), USER, "/")
    row = db.session.scalars(select(Basket).where(Basket.key == alone)).one()
    assert [(line["code"], line["amount"]) for line in row.lines] == [(clerk_code(clerk), 3 * FEE)]


def test_more_purses_than_a_payment_holds_wait_for_the_next_one(clerk, course):
    owners = [(OwnerKind.NATIONAL, code) for code in codes_of(3, 0)]
    payer = values.user(clerk.user_id, course.unit_id, sees_names=True)
    most = values.limits().most_in_all // values.limits().most
    assert most >= 1
    many_owners = [(owner, values.limits().most) for owner in owners * (most + 1)]
    _, waiting = baskets.start_each(payer, many_owners)
    assert waiting == max(len(many_owners) - min(most, payer.most_lines), 0)


def test_a_list_is_forgotten_after_a_month_and_its_drafts_after_it(clerk, course):
    key = listed(clerk, course, *codes_of(1), *codes_of(1, 0))
    many.run(clerk, key, TRAINEE)
    old, now = utcnow() - timedelta(days=31), utcnow()
    for table in (EnrollmentList, EnrollmentDraft):
        for row in db.session.scalars(select(table)):
            row.updated_at = old
    db.session.commit()
    assert drafts.purge(now) == 0  # the list still leads to it
    assert (many.purge(now), count(EnrollmentListRow)) == (1, 0)
    assert (drafts.purge(now), count(Enrollment)) == (1, 1)
    assert keeping.by_import(key) is None


def test_the_look_asks_no_more_of_fifty_than_of_two(clerk, course, queries):
    asked = []
    for size in (2, 50):
        key = listed(clerk, course, *codes_of(size, 0))
        with queries() as seen:
            many.look(clerk, key)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 8


def test_a_person_in_the_course_by_another_form_stands_as_enrolled(clerk, course):
    code = codes_of(1)[0]
    person = db.session.scalars(select(Person).where(Person.national_code == code)).one()
    form = enrollment.Application(str(uuid.uuid4()), course.id, person.id, "clerk", TRAINEE, ledger.owner_of(person))
    made = enrollment.enroll(form)
    key = listed(clerk, course, code)
    line = many.look(clerk, key).lines[0]
    assert (line.state, line.tracking_code) == (State.ENROLLED, made.tracking_code)
    ran = many.run(clerk, key, TRAINEE)
    assert (ran.before, ran.refused, count(EnrollmentDraft)) == (1, 0, 0)
