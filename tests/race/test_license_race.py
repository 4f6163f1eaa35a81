"""Many at once at the license of an academy: each act has one effect, and who was slower reads why."""

import uuid

import pytest

from models import CourseEvent, License, LicenseEvent, LicenseState, Message, Role, UnitKind, db, utcnow
from services import licenses
from services.courses import Action
from services.errors import Conflict
from tests import course_cases as cases
from tests import license_cases as held
from tests import make
from tests.race.crowd import storm

S = LicenseState
CROWD = 12


@pytest.fixture
def academy():
    return held.academy()


def counting(unit_id: int) -> list[License]:
    db.session.rollback()
    return db.session.query(License).filter(License.unit_id == unit_id, License.state.in_(("valid", "suspended"))).all()


def actions(license_id: int) -> list[str]:
    rows = db.session.query(LicenseEvent).filter_by(license_id=license_id).order_by(LicenseEvent.id)
    return [row.action for row in rows]


def test_of_many_reviewers_who_decide_a_license_one_does_and_the_others_read_who(app, academy):
    row = held.waiting(held.writer(academy))
    license_id, version, unit_id = row.id, row.version, academy.id
    reviewers = [held.reviewer() for _ in range(CROWD)]
    said = []

    def decide(turn) -> str:
        number, who = turn
        try:
            return held.decide(who, license_id, version, "reject" if number % 2 else "approve", "دلیل").state.value
        except Conflict as late:
            said.append(str(late))
            raise

    seen = storm(app, decide, list(enumerate(reviewers)))
    assert seen.pop("Conflict") == CROWD - 1
    assert sum(seen.values()) == 1
    assert actions(license_id)[3:] in (["approve"], ["reject"])
    assert len(counting(unit_id)) == ("valid" in seen)
    assert all("ساعت" in text and ("تأیید کرد" in text or "رد کرد" in text) for text in said)


def test_renewals_approved_at_once_leave_one_license_that_counts(app, academy):
    make.license_(academy, make.first(make.TradeField))
    rows = [make.license_(academy, state=S.WAITING, sent_at=utcnow()) for _ in range(2)]
    asked, unit_id = [(held.reviewer(), row.id, row.version) for row in rows], academy.id
    seen = storm(app, lambda one: held.decide(*one, "approve").state.value, asked)
    assert seen == {"valid": 2}
    assert [row.id in {each.id for each in rows} for row in counting(unit_id)] == [True]


def test_one_academy_begins_one_license_whatever_comes_at_once(app, academy):
    writers = [held.writer(academy) for _ in range(CROWD)]
    said, unit_id = [held.said() for _ in writers], academy.id

    def create(turn) -> str:
        number, who = turn
        return str(licenses.create(who, str(uuid.uuid4()), unit_id, said[number]).repeated)

    assert storm(app, create, list(enumerate(writers))) == {"False": 1, "Conflict": CROWD - 1}


def test_a_license_suspended_while_courses_are_sent_stops_all_that_come_after_it(app, academy):
    """Whatever the order: nothing was sent after the suspension, and what was sent is not approved any more."""
    row = make.license_(academy, make.first(make.TradeField))
    clerk, reviewer = cases.staff(Role.CLERK, academy), held.reviewer()
    drafts = [cases.draft(clerk).id for _ in range(CROWD)]
    license_id, version = row.id, row.version

    def act(what) -> str:
        if what == "suspend":
            return held.decide(reviewer, license_id, version, "suspend", "شکایت").state.value
        return cases.advance(clerk, what, Action.SEND).status.value

    seen = storm(app, act, [*drafts[:6], "suspend", *drafts[6:]])
    assert (seen["suspended"], seen["province_review"] + seen["Incomplete"]) == (1, CROWD)
    db.session.rollback()
    at = db.session.query(LicenseEvent).filter_by(license_id=license_id, action="suspend").one().at
    sent = db.session.query(CourseEvent).filter_by(action="send").all()
    assert len(sent) == seen["province_review"]
    assert all(event.at <= at for event in sent), "who sends holds the license, so none is later"
    if sent:
        late = storm(app, lambda id_: cases.advance(reviewer, id_, Action.APPROVE), [e.course_id for e in sent])
        assert late == {"DomainError": len(sent)}


def test_two_clocks_tell_the_manager_once(app, academy):
    row = make.license_(academy, expires_on=held.days(20))
    license_id = row.id
    seen = storm(app, lambda _: licenses.remind(utcnow()), range(8))
    assert seen == {"1": 1, "0": 7}
    assert (actions(license_id), db.session.query(Message).count()) == (["remind_30"], 1)


def test_two_academies_do_not_get_one_number(app):
    rows = [
        make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow(), number=f"17/{n}") for n in (1, 2)
    ]
    for row in rows:
        row.number = "17/5"
    db.session.commit()
    asked = [(held.reviewer(), row.id, row.version) for row in rows]
    seen = storm(app, lambda one: held.decide(*one, "approve").state.value, asked)
    assert seen in ({"DomainError": 2}, {"valid": 1, "DomainError": 1})
