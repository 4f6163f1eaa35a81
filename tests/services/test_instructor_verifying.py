"""Rows of files: passed on by the center, verified by the province, or rejected with a reason; not by their author."""

import datetime as dt

import pytest

from models import (
    CompetenceRuling,
    Degree,
    InstructorRecord,
    Policy,
    RecordEvent,
    RecordKind,
    RecordState,
    Role,
    StoredFile,
    Unit,
    UnitKind,
    UserRole,
    db,
    utcnow,
)
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.instructors import cases as lists
from services.instructors import records, verifying
from services.instructors.values import EducationValues
from services.instructors.verifying import Key
from tests import course_cases as cases
from tests import make
from tests.instructor_cases import AT_CENTER, AT_PROVINCE, key, paper, staff, waiting

S = RecordState
DEGREE = EducationValues(Degree.BACHELOR, "مهندسی برق", dt.date(2010, 7, 1))


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def teacher(center):
    return make.instructor(center, make.field("برق"))


@pytest.fixture
def people(center):
    return staff(center)


def say(who, row, *, approve=True, reason="", form="a form"):
    return verifying.decide(who, form, row if isinstance(row, Key) else key(row), approve=approve, reason=reason)


def now(row) -> InstructorRecord:
    return db.session.get_one(InstructorRecord, row.id, populate_existing=True)


def steps(row) -> list[tuple[str, str]]:
    events = db.session.query(RecordEvent).filter_by(record_id=row.id).order_by(RecordEvent.id)
    return [(event.level, event.action) for event in events]


# -- One row -----------------------------------------------------------------------


def test_a_row_goes_from_the_center_to_the_province_and_is_verified_and_locked(teacher, people):
    clerk, manager, reviewer = people
    made = records.enter(clerk, "row", teacher.id, RecordKind.EDUCATION, DEGREE)
    row = db.session.get_one(InstructorRecord, made.id)
    paper(row, clerk)
    records.send(clerk, row.id)
    with pytest.raises(Conflict):
        say(reviewer, row)
    assert say(manager, row).what == "passed"
    assert (now(row).state, now(row).center_by_id, now(row).decided_at) == (S.AT_PROVINCE, manager.user_id, None)
    assert say(reviewer, row, reason=" مدرک دیده شد ").what == "verified"
    assert (now(row).state, now(row).decided_by_id, now(row).decision) == (
        S.VERIFIED,
        reviewer.user_id,
        "مدرک دیده شد",
    )
    assert steps(row) == [("center", "entered"), ("center", "sent"), ("center", "passed"), ("province", "verified")]
    with pytest.raises(Conflict, match="دیگر پیش‌نویس نیست"):
        records.save(clerk, row.id, now(row).version, DEGREE)


@pytest.mark.once
def test_a_row_is_rejected_at_either_level_only_with_a_reason_and_comes_again_corrected(teacher, people):
    clerk, manager, reviewer = people
    for state, who in ((AT_CENTER, manager), (AT_PROVINCE, reviewer)):
        row = waiting(teacher, clerk, state)
        for empty in ("", "  "):
            with pytest.raises(DomainError, match="دلیل را بنویسید"):
                say(who, row, approve=False, reason=empty)
        assert now(row).state == state
        say(who, row, approve=False, reason="تصویر خوانا نیست")
        assert (now(row).state, now(row).decision) == (S.REJECTED, "تصویر خوانا نیست")
        assert records.save(clerk, row.id, now(row).version, DEGREE)
        assert records.send(clerk, row.id)
        assert (now(row).state, now(row).decision, now(row).decided_at) == (S.AT_CENTER, None, None)
        say(manager, row, form="the next form")


def test_a_verified_change_takes_the_place_of_the_row_of_before(teacher, people):
    clerk, manager, reviewer = people
    former = make.education(teacher, degree=Degree.DIPLOMA)
    made = records.change(clerk, "change", former.id, DEGREE)
    row = db.session.get_one(InstructorRecord, made.id)
    paper(row, clerk)
    records.send(clerk, row.id)
    assert ("مدرک", "دیپلم", "کارشناسی") in lists.case(manager, row.id).differences()
    say(manager, row)
    assert now(former).state is S.VERIFIED
    say(reviewer, row)
    assert (now(former).state, now(row).state) == (S.REPLACED, S.VERIFIED)
    assert steps(former)[-1] == ("province", "replaced")


def test_a_change_whose_former_row_is_not_verified_any_more_and_a_row_without_paper_are_only_rejected(teacher, people):
    clerk, manager, reviewer = people
    former = make.education(teacher)
    row = waiting(teacher, clerk, AT_PROVINCE, replaces_id=former.id)
    former.state = S.WITHDRAWN
    make.save(former)
    bare = make.education(teacher, AT_CENTER)
    paper(bare, clerk, state="refused", refused_reason="empty")
    paper(bare, clerk, removed_at=utcnow())
    for who, each, words in ((reviewer, row, "دیگر تأییدشده نیست"), (manager, bare, "سند خوانایی ندارد")):
        with pytest.raises(DomainError, match=words):
            say(who, each)
        say(who, each, approve=False, reason="نمی‌شود")
        assert now(each).state is S.REJECTED


def test_nobody_decides_on_what_they_wrote_passed_or_is_about_themselves_unless_the_policy_is_off(center, teacher):
    office = make.unit(UnitKind.DIRECTORATE, center.province)
    both = make.user(Role.MANAGER, center, person=teacher.person)
    make.save(UserRole(user_id=both.id, unit_id=office.id, role=Role.REVIEWER))
    other = cases.staff(Role.CLERK, center)
    wrote = cases.staff(Role.MANAGER, center)
    mine = waiting(teacher, other)
    typed = db.session.get_one(
        InstructorRecord, records.enter(wrote, "row", teacher.id, RecordKind.EDUCATION, DEGREE).id
    )
    paper(typed, wrote)
    records.send(wrote, typed.id)
    passed = waiting(make.instructor(center), other, AT_PROVINCE, center_by_id=both.id)
    as_manager, as_reviewer = cases.actor(both, "center"), cases.actor(both, "province")
    barred = ((as_manager, mine), (wrote, typed), (as_reviewer, passed))
    for who, row in barred:
        assert not lists.case(who, row.id).decides
        for approve in (True, False):
            with pytest.raises(NotAllowed, match="همکار دیگری"):
                say(who, row, approve=approve, reason="نه")
    assert lists.case(wrote, mine.id).decides
    make.save(Policy(name="separation_of_duties", scope="center", valid_from=dt.date(2020, 1, 1), value=False))
    for who, row in barred:
        say(who, row)


def test_who_works_alone_in_an_academy_passes_on_what_they_wrote_and_the_province_decides(center):
    academy, office = make.unit(UnitKind.ACADEMY), make.unit(UnitKind.DIRECTORATE, center.province)
    user = make.user(Role.MANAGER, academy)
    make.save(UserRole(user_id=user.id, unit_id=academy.id, role=Role.CLERK))
    make.save(UserRole(user_id=user.id, unit_id=office.id, role=Role.REVIEWER))
    alone, both = cases.actor(user, "center"), cases.actor(user, "province")
    mine, later = (waiting(make.instructor(academy), alone) for _ in range(2))
    for row in (mine, later):
        make.save(RecordEvent(record_id=row.id, actor_id=user.id, action="sent", level="center"))
    assert say(alone, mine).what == "passed"
    with pytest.raises(NotAllowed, match="همکار دیگری"):
        say(both, mine)
    colleague = make.user(Role.CLERK, academy)
    with pytest.raises(NotAllowed, match="همکار دیگری"):
        say(alone, later)
    colleague.disabled_at = utcnow()
    make.save(colleague)
    assert say(alone, later).what == "passed"


@pytest.mark.once
def test_only_managers_and_reviewers_decide(center, teacher, people):
    clerk, *_ = people
    at_center, at_province = waiting(teacher, clerk), waiting(teacher, clerk, AT_PROVINCE)
    for who, row in (
        (cases.staff(Role.CLERK, center), at_center),
        (cases.staff(Role.PLANNER, make.unit(UnitKind.DIRECTORATE, center.province)), at_province),
        (cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, center.province)), at_province),
    ):
        assert not lists.case(who, row.id).decides
        assert isinstance(lists.case(who, row.id).denial, NotAllowed)
        with pytest.raises(NotAllowed):
            say(who, row)
        with pytest.raises(NotAllowed):
            lists.require_verifier(who)


def test_a_row_of_another_territory_or_one_that_nobody_sent_is_not_there(center, teacher, people):
    clerk, manager, _ = people
    at_center, at_province = waiting(teacher, clerk), waiting(teacher, clerk, AT_PROVINCE)
    elsewhere, far = make.unit(province_=center.province), make.unit(province_=make.province())
    counselor = cases.staff(Role.COUNSELOR, center)
    made = records.enter(clerk, "draft", teacher.id, RecordKind.EDUCATION, DEGREE)
    draft = db.session.get_one(InstructorRecord, made.id)
    for who, row in (
        (cases.staff(Role.MANAGER, elsewhere), at_center),
        (counselor, at_center),
        (cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, far.province)), at_province),
        (cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ, None)), at_province),
        (manager, draft),
    ):
        with pytest.raises(OutsideTerritory):
            say(who, row)
        with pytest.raises(OutsideTerritory):
            lists.case(who, row.id)
    with pytest.raises(NotFound):
        say(manager, Key(10**6, 1))


# -- Late and twice ----------------------------------------------------------------


def test_a_form_sent_twice_counts_once_and_the_second_of_two_reviewers_is_told_who_was_faster(teacher, people):
    clerk, _, reviewer = people
    other = cases.actor(make.user(Role.REVIEWER, _office(reviewer)))
    row = waiting(teacher, clerk, AT_PROVINCE)
    seen = key(row)
    assert [say(reviewer, seen).repeated for _ in range(2)] == [False, True]
    with pytest.raises(Conflict, match=f"^{reviewer.name} .* این ردیف را تأیید کرد. تصمیم شما ثبت نشد"):
        say(other, seen, approve=False, reason="نه", form="another")
    with pytest.raises(Conflict, match="^خود شما .* تأیید کردید"):
        say(reviewer, seen, approve=False, reason="نه")
    assert steps(row) == [("province", "verified")]


def _office(actor):
    return db.session.get_one(Unit, actor.units[0])


def test_what_was_corrected_or_taken_back_while_the_page_was_open_is_not_decided_unseen(teacher, people):
    clerk, manager, _ = people
    row = waiting(teacher, clerk)
    seen = key(row)
    records.withdraw(clerk, row.id)
    with pytest.raises(Conflict, match="این ردیف را پس گرفت"):
        say(manager, seen)
    records.save(clerk, row.id, now(row).version, DEGREE)
    assert lists.case(manager, row.id).is_hidden
    with pytest.raises(Conflict, match="برای اصلاح باز کرد"):
        say(manager, seen)
    records.send(clerk, row.id)
    with pytest.raises(Conflict, match="دوباره ببینید"):
        say(manager, seen)
    assert now(row).state is S.AT_CENTER
    say(manager, row)


# -- Several -----------------------------------------------------------------------


def test_each_of_several_is_decided_by_itself_and_what_could_not_be_says_why(teacher, people):
    clerk, manager, _ = people
    good, bare, gone, own, last = rows = [waiting(teacher, clerk) for _ in range(5)]
    db.session.query(StoredFile).filter_by(owner_id=bare.id).update({"removed_at": utcnow()})
    make.save(RecordEvent(record_id=own.id, actor_id=manager.user_id, action="corrected", level="center"))
    keys = [key(each) for each in rows]
    records.withdraw(clerk, gone.id)
    seen = verifying.decide_all(manager, "a form", keys, approve=True, reason="")
    told = [str(each.why or each.repeated) for each in seen]
    assert (told[0], told[4]) == ("False", "False")
    assert ["سند" in told[1], "پس گرفت" in told[2], "همکار دیگری" in told[3]] == [True] * 3
    assert [now(each).state for each in (good, last)] == [S.AT_PROVINCE] * 2
    again = verifying.decide_all(manager, "a form", keys, approve=True, reason="")
    assert [each.repeated for each in again] == [True, False, False, False, True]
    with pytest.raises(DomainError, match="دلیل"):
        verifying.decide_all(manager, "b", [keys[1]], approve=False, reason="")
    verifying.decide_all(manager, "b", [keys[1]], approve=False, reason="سند ندارد")
    assert now(bare).decision == "سند ندارد"


@pytest.mark.once
def test_a_row_of_another_center_among_several_or_too_many_of_them_stop_all(center, teacher, people):
    clerk, manager, _ = people
    mine = key(waiting(teacher, clerk))
    elsewhere = make.unit(province_=center.province)
    strange = key(waiting(make.instructor(elsewhere), cases.staff(Role.CLERK, elsewhere)))
    for chosen, error in (
        ([mine, strange], OutsideTerritory),
        ([mine, Key(10**6, 1)], NotFound),
        ([mine, *(Key(10**6 + n, 1) for n in range(25))], DomainError),
    ):
        with pytest.raises(error):
            verifying.decide_all(manager, "a form", chosen, approve=True, reason="")
    assert db.session.get_one(InstructorRecord, mine.record_id, populate_existing=True).state is S.AT_CENTER


# -- Lists -------------------------------------------------------------------------


def test_what_waits_stands_oldest_first_page_by_page_in_few_queries(teacher, people, queries):
    clerk, manager, reviewer = people
    start = utcnow() - dt.timedelta(days=9)
    rows = []
    for n in range(27):
        row = waiting(teacher, clerk)
        row.sent_at = start + dt.timedelta(hours=n)
        rows.append(make.save(row))
    standard = make.standard()
    said = {"standard_id": standard.id, "number": "۱۲", "ruled_on": dt.date(2026, 1, 1), "sent_at": start}
    whose = {"person_id": teacher.person_id, "unit_id": teacher.unit_id, "province_id": teacher.province_id}
    ruling = make.save(CompetenceRuling(**whose, **said, state=AT_CENTER))
    db.session.expire_all()
    with queries() as statements:
        page = lists.waiting(manager)
    assert len(statements) <= 3
    rest = lists.waiting(manager, page.after)
    assert [each.record.id for each in (*page.rows, *rest.rows)] == [rows[0].id, ruling.id, *(r.id for r in rows[1:])]
    assert (rest.after, db.session.scalar(db.select(lists.waiting_count(manager)))) == (None, 28)
    assert lists.waiting(reviewer).rows == lists.decided(manager).rows == []


def test_what_was_decided_stands_newest_first_where_it_was_decided(teacher, people):
    clerk, manager, reviewer = people
    rows = [waiting(teacher, clerk) for _ in range(4)]
    for row in rows[:3]:
        say(manager, row, approve=row is not rows[1], reason="خوانا نیست")
    say(reviewer, rows[0])
    records.withdraw(clerk, rows[3].id)
    make.education(teacher)  # came with the first data
    db.session.expire_all()
    decided = {who: [each.record.id for each in lists.decided(who).rows] for who in (manager, reviewer)}
    assert decided == {manager: [rows[2].id, rows[1].id, rows[0].id], reviewer: [rows[0].id]}
    assert [each.record.id for each in lists.waiting(reviewer).rows] == [rows[2].id]
