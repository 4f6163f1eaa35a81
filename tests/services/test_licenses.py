"""Licenses of academies: how they are written, sent, decided, renewed and told of before they end."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from models import (
    AuditEvent,
    FounderKind,
    IdentityStatus,
    License,
    LicenseEvent,
    LicenseState,
    LicenseVisit,
    Message,
    Outbox,
    Person,
    Policy,
    Role,
    UnitKind,
    UserRole,
    VisitKind,
    VisitOutcome,
    db,
    utcnow,
)
from services import jalali, licenses
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.late import LateSaving
from services.licenses import PersonSaid, Visit
from tests import course_cases as cases
from tests import fakes, make, owed
from tests import license_cases as held

S = LicenseState


@pytest.fixture
def academy():
    return held.academy()


@pytest.fixture
def writer(academy):
    return held.writer(academy)


@pytest.fixture
def reviewer():
    return held.reviewer()


def fresh(row: License) -> License:
    db.session.rollback()
    return db.session.get(License, row.id, populate_existing=True)


def actions(row: License) -> list[str]:
    query = db.session.query(LicenseEvent).filter_by(license_id=row.id).order_by(LicenseEvent.id)
    return [event.action for event in query]


def decide(actor, row, action, reason="بازدید نشده است"):
    return held.decide(actor, row.id, fresh(row).version, action, reason)


# -- Writing -----------------------------------------------------------------------


@pytest.mark.once
def test_a_license_is_written_sent_and_approved_with_one_event_per_step(writer, reviewer):
    row = held.draft(writer)
    assert (row.number, row.expires_on) == ("1404/17", licenses.last_day(row.issued_on)), "five Jalali years"
    licenses.send(writer, row.id, row.version)
    decide(reviewer, row, "approve")
    assert (fresh(row).state, actions(row)) == (S.VALID, ["create", "trade_added", "send", "approve"])


def test_its_people_are_known_by_code_and_owed_what_the_registry_can_tell(writer):
    founder = PersonSaid(make.national_code(), dt.date(1980, 5, 1), "09121234567")
    row = held.draft(writer, founder=founder)
    person = db.session.get(Person, row.founder_person_id)
    assert (person.full_name, person.identity_status) == (None, IdentityStatus.PENDING)
    assert (person.birth_date, person.mobile) == (founder.birth_date, founder.mobile)
    assert {o.topic for o in db.session.query(Outbox).filter_by(ref_id=person.id)} >= {"registry", "shahkar"}
    looked = db.session.query(AuditEvent).filter_by(action="person_looked_up", subject_id=person.id).one()
    assert founder.national_code not in str(looked.detail)


@pytest.mark.once
def test_what_is_known_of_its_people_is_not_overwritten(writer):
    known = make.person(mobile="09120000001", mobile_status="matched", birth_date=dt.date(1970, 1, 1))
    known.sources = {"mobile": {"source": "sso"}, "birth_date": {"source": "registry"}}
    make.save(known)
    held.draft(writer, manager=PersonSaid(known.national_code, dt.date(1999, 1, 1), "09129999999"))
    assert (known.mobile, known.birth_date) == ("09120000001", dt.date(1970, 1, 1))


LEGAL = {"founder_kind": FounderKind.LEGAL, "founder_legal_id": "10380284790", "founder_title": "شرکت دانش"}
WRONG = [
    ("number", {"number": " "}),
    ("issued_on", {"issued_on": None}),
    ("issued_on", {"issued_on": held.days(1)}),
    ("expires_on", {"expires_on": held.days(-366)}),
    ("expires_on", {"expires_on": held.days(5 * 366)}),
    ("capacity", {"capacity": 0}),
    ("address", {"address": None}),
    ("founder_code", {"founder": PersonSaid("0013542418")}),
    ("founder_code", {"founder": PersonSaid("0123456789")}),
    ("manager_code", {"manager": PersonSaid("")}),
    ("founder_legal_id", LEGAL | {"founder_legal_id": "10380284791"}),
    ("founder_title", LEGAL | {"founder_title": ""}),
]


@pytest.mark.parametrize(("field", "over"), WRONG)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_stored(writer, field, over):
    with pytest.raises(DomainError) as refused:
        held.draft(writer, **over)
    assert refused.value.field == field
    assert db.session.query(License).count() == 0


@pytest.mark.once
def test_a_legal_founder_has_an_id_and_a_name_and_no_person(writer):
    row = held.draft(writer, **LEGAL)
    assert (row.founder_legal_id, row.founder_person_id, row.manager_id is None) == ("10380284790", None, False)


@pytest.mark.once
def test_a_dead_person_founds_nothing(writer):
    code = make.person(is_alive=False).national_code
    with pytest.raises(DomainError, match="درگذشته"):
        held.draft(writer, founder=PersonSaid(code))


def test_one_form_makes_one_draft_and_an_academy_has_one_open_at_a_time(writer, academy):
    key, said = str(uuid.uuid4()), held.said()
    first = licenses.create(writer, key, academy.id, said)
    again = licenses.create(writer, key, academy.id, said)
    assert (first.license.id, again.repeated) == (again.license.id, True)
    with pytest.raises(Conflict):
        licenses.create(writer, str(uuid.uuid4()), academy.id, said)


def test_a_late_saving_is_refused_with_both_values(writer):
    row = held.draft(writer)
    said = held.said(founder=_same(row.founder_person_id), manager=_same(row.manager_id), note="یک")
    assert licenses.save(writer, row.id, row.version, said)
    assert not licenses.save(writer, row.id, row.version, said), "the same again"
    with pytest.raises(LateSaving) as late:
        licenses.save(writer, row.id, 1, held.said(founder=said.founder, manager=said.manager, capacity=12))
    assert {each.field for each in late.value.differences} == {"capacity", "note"}
    changes = db.session.query(AuditEvent).filter_by(action="license_edited").one().detail["changes"]
    assert changes == {"note": [None, "یک"]}


def _same(person_id: int) -> PersonSaid:
    return PersonSaid(db.session.get(Person, person_id).national_code)


@pytest.mark.once
def test_only_staff_of_the_academy_write_and_only_until_it_is_sent(writer, reviewer, academy):
    row = held.waiting(writer)
    for change in (
        lambda: licenses.save(writer, row.id, row.version, held.said()),
        lambda: licenses.add_trade(writer, row.id, field_id=1),
        lambda: licenses.remove_trade(writer, row.id, 1),
        lambda: licenses.recall(reviewer, row.id),
        lambda: licenses.recall(cases.staff(Role.COUNSELOR, academy), row.id),
        lambda: licenses.create(cases.staff(Role.CLERK, make.unit()), "k", academy.id, held.said()),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert licenses.recall(writer, row.id)
    assert (fresh(row).state, licenses.recall(writer, row.id)) == (S.DRAFT, False)


def test_a_license_is_sent_only_with_a_trade_and_a_paper_and_in_date(writer, academy):
    row = licenses.create(writer, "k", academy.id, held.said()).license
    with pytest.raises(DomainError, match="رشته"):
        licenses.send(writer, row.id, row.version)
    licenses.add_trade(writer, row.id, field_id=make.first(make.TradeField).id)
    with pytest.raises(DomainError, match="پیوست"):
        licenses.send(writer, row.id, row.version)
    held.paper(writer, row)
    with pytest.raises(Conflict):
        licenses.send(writer, row.id, row.version + 1)
    assert licenses.send(writer, row.id, row.version)
    assert not licenses.send(writer, row.id, row.version), "sent already"


@pytest.mark.once
def test_one_that_has_run_out_is_not_sent(writer):
    row = held.draft(writer, issued_on=held.days(-400), expires_on=held.days(-1))
    with pytest.raises(DomainError, match="تمام شده"):
        licenses.send(writer, row.id, row.version)


def test_a_trade_is_a_field_or_a_standard_once(writer):
    row, standard = held.draft(writer), make.standard()
    assert licenses.add_trade(writer, row.id, standard_id=standard.id)
    assert not licenses.add_trade(writer, row.id, standard_id=standard.id)
    trade = next(t for t in licenses.get(writer, row.id).trades if t.standard_id)
    assert licenses.remove_trade(writer, row.id, trade.id)
    assert not licenses.remove_trade(writer, row.id, trade.id)
    with pytest.raises(DomainError):
        licenses.add_trade(writer, row.id, standard_id=10**9)


# -- Deciding ----------------------------------------------------------------------

STATES = {
    "approve": (S.WAITING, S.VALID),
    "reject": (S.WAITING, S.REJECTED),
    "suspend": (S.VALID, S.SUSPENDED),
    "resume": (S.SUSPENDED, S.VALID),
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", ["approve", "reject", "suspend", "resume", "revoke"])
def test_only_listed_decisions_are_possible(academy, reviewer, state, action):
    row = make.license_(academy, state=state, decision="دلیل")
    steps = {(step.source, step.action): step.target for step in licenses.STEPS}
    if state is S.DRAFT:
        with pytest.raises(OutsideTerritory):
            decide(reviewer, row, action)
    elif (state, action) in steps:
        assert decide(reviewer, row, action).state is steps[state, action]
    else:
        with pytest.raises(Conflict):
            decide(reviewer, row, action)
        assert (fresh(row).state, actions(row)) == (state, [])


def test_what_takes_away_needs_a_reason_and_the_academy_reads_it(academy, reviewer, writer):
    row = make.license_(academy)
    with pytest.raises(DomainError) as refused:
        decide(reviewer, row, "suspend", " ")
    assert refused.value.field == "reason"
    decide(reviewer, row, "suspend", "شکایت کارآموزان")
    assert licenses.get(writer, row.id).decision == "شکایت کارآموزان"
    assert licenses.history(row)[0].note == "شکایت کارآموزان"


@pytest.mark.once
def test_who_decides_is_a_reviewer_of_that_province_and_not_who_wrote_it(writer, academy):
    row = held.waiting(writer)
    for role in (Role.PLANNER, Role.DIRECTOR):
        with pytest.raises(NotAllowed):
            decide(cases.staff(role, cases.office()), row, "approve")
    with pytest.raises(NotAllowed):
        decide(writer, row, "approve")
    with pytest.raises(OutsideTerritory):
        decide(cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province())), row, "approve")
    user = db.session.get(make.User, writer.user_id)
    make.save(UserRole(user_id=user.id, unit_id=cases.office().id, role=Role.REVIEWER))
    with pytest.raises(NotAllowed, match="خود شما"):
        decide(cases.actor(user, "province"), row, "approve")
    make.save(Policy(name="separation_of_duties", valid_from=dt.date(2020, 1, 1), value=False))
    assert decide(cases.actor(user, "province"), row, "approve").state is S.VALID, "where the policy allows it"


@pytest.mark.once
def test_a_decision_on_what_has_changed_since_is_refused_and_names_who_did(writer, reviewer):
    row = held.waiting(writer)
    seen = fresh(row).version
    licenses.recall(writer, row.id)
    licenses.send(writer, row.id, fresh(row).version)
    with pytest.raises(Conflict, match="برای استان فرستاد"):
        held.decide(reviewer, row.id, seen, "approve")


def test_a_renewal_waits_beside_the_license_that_counts_and_takes_its_place(writer, reviewer, academy):
    first = make.license_(academy, make.first(make.TradeField))
    renewal = held.draft(writer, number=first.number)
    assert [trade.field_id for trade in licenses.get(writer, renewal.id).trades] == [first.trades[0].field_id]
    licenses.send(writer, renewal.id, renewal.version)
    assert fresh(first).state is S.VALID
    decide(reviewer, renewal, "approve")
    assert (fresh(first).state, fresh(renewal).state, actions(first)) == (S.REPLACED, S.VALID, ["replaced"])


@pytest.mark.once
def test_a_renewal_is_no_way_around_a_suspension(writer, reviewer, academy):
    make.license_(academy, state=S.SUSPENDED, decision="شکایت")
    renewal = held.waiting(writer)
    with pytest.raises(DomainError, match="تعلیق"):
        decide(reviewer, renewal, "approve")
    assert fresh(renewal).state is S.WAITING


def test_a_number_belongs_to_one_academy(writer, reviewer):
    other = make.license_(make.unit(UnitKind.ACADEMY), number="1404/17")
    row = held.draft(writer)
    with pytest.raises(DomainError) as refused:
        licenses.send(writer, row.id, row.version)
    assert refused.value.field == "number"
    db.session.delete(fresh(other))
    db.session.commit()
    licenses.send(writer, row.id, fresh(row).version)
    make.license_(make.unit(UnitKind.ACADEMY), number="1404/17")
    with pytest.raises(DomainError):
        decide(reviewer, row, "approve")


def test_what_ran_out_while_it_waited_or_is_of_a_closed_academy_is_not_approved(writer, reviewer, academy):
    row = held.waiting(writer)
    row.issued_on, row.expires_on = held.days(-400), held.days(-1)
    make.save(row)
    with pytest.raises(DomainError, match="تمام شده"):
        decide(reviewer, row, "approve")
    row.expires_on = held.days(9)
    academy.is_active = False
    make.save(academy)
    with pytest.raises(DomainError, match="غیرفعال"):
        decide(reviewer, row, "approve")


# -- Visits and lists --------------------------------------------------------------


VISIT = Visit(VisitKind.EQUIPMENT, VisitOutcome.PASSED, held.days(-1), "ن. قره", "دستگاه‌ها کامل است")


def test_a_visit_is_written_once_by_a_reviewer_and_told_to_the_academy(academy, reviewer, writer):
    row = make.license_(academy)
    first, again = (licenses.record(reviewer, "a form", row.id, VISIT) for _ in range(2))
    assert (first[0].id, first[1], again[1]) == (again[0].id, False, True)
    assert [each.visit.id for each in licenses.visits(row)] == [first[0].id]
    for field, value in (("visitor", " "), ("visited_on", held.days(1)), ("visited_on", None)):
        with pytest.raises(DomainError) as refused:
            licenses.record(reviewer, str(uuid.uuid4()), row.id, replace(VISIT, **{field: value}))
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        licenses.record(writer, "other", row.id, VISIT)
    assert db.session.query(LicenseVisit).count() == 1


def test_each_license_stands_in_the_tab_of_its_day_and_academies_without_one_are_found(reviewer, writer, academy):
    for over in ({"expires_on": held.days(90)}, {"expires_on": held.days(-1)}, {"state": S.SUSPENDED, "decision": "-"}):
        make.license_(make.unit(UnitKind.ACADEMY), **over)
    make.license_(make.unit(UnitKind.ACADEMY), expires_on=held.days(91))
    held.waiting(writer)
    make.license_(make.unit(UnitKind.ACADEMY, make.province()), state=S.WAITING)
    wanted = {"waiting": 1, "ending": 1, "ended": 1, "suspended": 1, "valid": 2, "missing": 1}
    assert {tab: len(licenses.listing(reviewer, tab).rows) for tab in wanted} == wanted
    assert licenses.listing(reviewer, "valid").counts == wanted
    country = licenses.listing(cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ)), "missing").counts
    assert country == wanted | {"waiting": 2, "missing": 2}
    assert [unit.id for unit in licenses.listing(reviewer, "missing").rows] == [academy.id]
    assert licenses.listing(reviewer, "valid", "نامی که نیست").rows == []


def test_a_long_tab_goes_on_where_the_page_ended(reviewer):
    for number in range(30):
        make.license_(make.unit(UnitKind.ACADEMY), expires_on=held.days(100 + number % 3))
    first = licenses.listing(reviewer, "valid")
    second = licenses.listing(reviewer, "valid", after=first.after)
    rows = [*first.rows, *second.rows]
    assert (len(first.rows), len(second.rows), second.after) == (25, 5, None)
    assert [row.id for row in rows] == [row.id for row in sorted(rows, key=lambda row: (row.expires_on, row.id))]


def test_what_was_decided_is_listed_newest_first_and_goes_on_where_the_page_ended(reviewer):
    rows = [make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow()) for _ in range(27)]
    for row in rows:
        decide(reviewer, row, "reject")
    first = licenses.listing(reviewer, "decided")
    second = licenses.listing(reviewer, "decided", after=first.after)
    assert [row.id for row in (*first.rows, *second.rows)] == [row.id for row in rows[::-1]]


# -- Several -----------------------------------------------------------------------


def waiting(**over) -> licenses.Key:
    over = {"state": S.WAITING, "sent_at": utcnow()} | over
    row = make.license_(make.unit(UnitKind.ACADEMY), **over)
    return licenses.Key(row.id, row.version)


def test_each_of_several_is_decided_by_itself_and_what_could_not_be_says_why(writer, reviewer, academy):
    make.license_(academy, state=S.SUSPENDED, decision="شکایت")
    renewal, good, over, last = held.waiting(writer), waiting(), waiting(expires_on=held.days(-1)), waiting()
    gone = held.waiting(held.writer(held.academy()), number="1404/77")
    mine, lost = (licenses.Key(row.id, fresh(row).version) for row in (renewal, gone))
    keys = [good, mine, over, lost, last]
    licenses.recall(cases.actor(db.session.get(make.User, gone.entered_by_id)), gone.id)
    seen = licenses.decide_all(reviewer, "a form", keys, approve=True, reason="")
    assert [each.key for each in seen] == keys
    told = [str(each.why or each.repeated) for each in seen]
    assert (told[0], told[4]) == ("False", "False")
    assert ["تعلیق" in told[1], "تمام شده" in told[2], "پس گرفت" in told[3]] == [True] * 3
    again = licenses.decide_all(reviewer, "a form", keys, approve=True, reason="")
    assert [each.repeated for each in again] == [True, False, False, False, True]
    with pytest.raises(DomainError, match="دلیل"):
        licenses.decide_all(reviewer, "b", [over], approve=False, reason=" ")
    licenses.decide_all(reviewer, "b", [over], approve=False, reason="مدت گذشته")
    assert db.session.get(License, over.license_id, populate_existing=True).decision == "مدت گذشته"


def test_a_license_of_another_province_among_several_or_too_many_of_them_stop_all(reviewer):
    mine, strange = waiting(), waiting()
    other = db.session.get(License, strange.license_id)
    other.province_id = make.province().id
    make.save(other)
    for chosen, error in (
        ([mine, strange], OutsideTerritory),
        ([mine, licenses.Key(10**6, 1)], NotFound),
        ([mine, *(licenses.Key(10**6 + n, 1) for n in range(25))], DomainError),
    ):
        with pytest.raises(error):
            licenses.decide_all(reviewer, "a form", chosen, approve=True, reason="")
    assert db.session.get(License, mine.license_id, populate_existing=True).state is S.WAITING


# -- Before it ends ----------------------------------------------------------------


def remind_in(days_left: int, row: License) -> int:
    """What the clock does so many days before the last one."""
    morning = jalali.from_tehran(row.expires_on - dt.timedelta(days=days_left), dt.time(3))
    return licenses.remind(morning)


def test_the_manager_is_told_at_ninety_thirty_and_seven_days_once_each(academy):
    row = make.license_(academy)
    said = [remind_in(left, row) for left in (91, 90, 89, 31, 30, 30, 8, 7, 1, 0, -1)]
    assert said == [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0]
    told = db.session.query(Message).order_by(Message.id).all()
    assert [(m.person_id, m.template) for m in told] == [(row.manager_id, "license_ends")] * 3
    manager = db.session.get(Person, row.manager_id)
    assert not any(word in m.body for m in told for word in (manager.last_name, manager.national_code))
    assert academy.title in told[0].body
    assert actions(row) == ["remind_90", "remind_30", "remind_7"]


@pytest.mark.once
def test_a_day_on_which_no_clock_ran_is_made_up_for_by_the_step_that_holds_now(academy):
    row = make.license_(academy)
    assert [remind_in(left, row) for left in (12, 5)] == [1, 1]
    assert actions(row) == ["remind_30", "remind_7"]


def test_nobody_is_told_of_a_license_that_does_not_hold_or_whose_renewal_waits(academy, writer):
    row = make.license_(academy, expires_on=held.days(10), state=S.SUSPENDED, decision="شکایت")
    assert licenses.remind(utcnow()) == 0
    row.state = S.VALID
    make.save(row)
    held.waiting(writer)
    assert licenses.remind(utcnow()) == 0


GATE = [
    ("matched", "sent", None),
    ("not_matched", "suppressed", "mobile_not_matched"),
    ("none", "suppressed", "no_mobile"),
]


@pytest.mark.parametrize(("status", "state", "reason"), GATE)
def test_the_reminder_goes_to_a_matched_mobile_only_and_else_its_reason_is_kept(app, academy, status, state, reason):
    row, phones = make.license_(academy, expires_on=held.days(10)), fakes.Phones()
    manager = db.session.get(Person, row.manager_id)
    manager.mobile, manager.mobile_status = (None if status == "none" else "09113701000"), status
    make.save(manager)
    with fakes.installed(app, sms=phones, shahkar=fakes.Shahkar(owners={})):
        licenses.remind(utcnow())
        owed.run()
    message = db.session.query(Message).populate_existing().one()
    assert (message.state, message.suppressed_reason, len(phones.texts)) == (state, reason, int(status == "matched"))
