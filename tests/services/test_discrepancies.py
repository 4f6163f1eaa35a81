"""A discrepancy is settled once, by those who may, in their own territory."""

import pytest
from sqlalchemy import select

from models import AuditEvent, Discrepancy, Enrollment, Gender, IdentityStatus, Outbox, Role, UnitKind, db
from services import access, discrepancies
from services.access import Level
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import make
from tests.race.crowd import storm


def actor(role=Role.REVIEWER, level=Level.PROVINCE, unit=None):
    kind = {Level.PROVINCE: UnitKind.DIRECTORATE, Level.CENTER: UnitKind.CENTER}[level]
    user = make.user(role, unit or make.unit(kind))
    return access.actor(user, level, access.roles_of(user.id))


def disputed(unit=None, field="name", **over) -> Discrepancy:
    unit = unit or make.unit()
    person = make.person(first_name="مریم", last_name="کریمی", identity_status="discrepancy", gender=Gender.MALE)
    first = {"first_name": "مریم"}
    names = {"ours": {**first, "last_name": "کریمی"}, "theirs": {**first, "last_name": "محمدی"}}
    values = {"source": "registry", "unit_id": unit.id, "province_id": unit.province_id, **names, **over}
    return make.save(Discrepancy(person_id=person.id, field=field, **values))


REASON = "کارت ملی دیده شد"


def settle(who, row, chosen="official", reason=REASON):
    return discrepancies.settle(who, row.id, chosen, reason)


@pytest.mark.once
def test_the_official_name_is_taken_with_its_source_and_the_person_is_verified():
    row = disputed()
    settle(actor(), row)
    db.session.refresh(row.person)
    assert (row.person.last_name, row.person.sources["name"]["source"]) == ("محمدی", "registry")
    assert (row.person.identity_status, row.state, row.reason) == (IdentityStatus.VERIFIED, "settled", REASON)


@pytest.mark.once
def test_the_name_of_ours_is_kept_as_a_decision_and_the_person_is_verified():
    row = disputed()
    settle(actor(), row, "ours")
    db.session.refresh(row.person)
    assert (row.person.last_name, row.person.sources["name"]["source"]) == ("کریمی", "decision")
    assert row.person.identity_status is IdentityStatus.VERIFIED


@pytest.mark.once
def test_a_person_stays_in_dispute_while_another_field_is_open():
    row = disputed()
    values = {"ours": {"gender": "male"}, "theirs": {"gender": "female"}, "source": "registry"}
    make.save(Discrepancy(person_id=row.person_id, field="gender", **values))
    settle(actor(), row)
    db.session.refresh(row.person)
    assert row.person.identity_status is IdentityStatus.DISCREPANCY


def test_gender_and_life_follow_the_decision():
    gender = disputed(field="gender", ours={"gender": "male"}, theirs={"gender": "female"})
    life = disputed(field="deceased", ours={"alive": True}, theirs={"alive": False})
    life.person.is_alive = False
    db.session.commit()
    settle(actor(), gender)
    settle(actor(), life, "ours")
    for row in (gender, life):
        db.session.refresh(row.person)
    assert (gender.person.gender, life.person.is_alive) == (Gender.FEMALE, True)


@pytest.mark.once
def test_the_decision_is_in_the_audit_trail_without_names():
    row, who = disputed(), actor()
    settle(who, row)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "discrepancy_settled")).one()
    assert (event.subject_id, event.actor_id) == (row.id, who.user_id)
    assert event.detail == {"field": "name", "chosen": "official"}


@pytest.mark.once
@pytest.mark.parametrize(("chosen", "reason"), [("", "دلیل"), ("theirs", "دلیل"), ("official", " ")])
def test_without_a_choice_or_a_reason_nothing_happens(chosen, reason):
    row = disputed()
    with pytest.raises(DomainError):
        settle(actor(), row, chosen, reason)
    db.session.refresh(row)
    assert row.state == "open"


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "level", "may"),
    [
        (Role.MANAGER, Level.CENTER, True),
        (Role.CLERK, Level.CENTER, False),
        (Role.REVIEWER, Level.PROVINCE, True),
        (Role.DIRECTOR, Level.PROVINCE, False),
    ],
)
def test_managers_and_reviewers_alone_decide(role, level, may):
    unit = make.unit()
    row = disputed(unit)
    who = actor(role, level, unit if level is Level.CENTER else None)
    assert discrepancies.case(who, row.id).can_settle is may
    if may:
        settle(who, row)
    else:
        with pytest.raises(NotAllowed):
            settle(who, row)
    db.session.refresh(row)
    assert (row.state == "settled") is may


def test_the_manager_who_typed_the_name_does_not_decide_on_it():
    unit = make.unit()
    row, who = disputed(unit), actor(Role.MANAGER, Level.CENTER, unit)
    row.person.sources = {"name": {"source": "clerk"}}
    course = make.course(unit_=unit)
    place = {"unit_id": unit.id, "province_id": unit.province_id, "tracking_code": "1" * 13, "form_key": "k"}
    values = {"debit_source": "none", "fee_rials": 0, "channel": "clerk", "form_hash": "0" * 64}
    own = {"person_id": row.person_id, "course_id": course.id, "created_by_id": who.user_id}
    make.save(Enrollment(**place, **values, **own))
    assert discrepancies.case(who, row.id).can_settle is False
    with pytest.raises(NotAllowed):
        settle(who, row)
    settle(actor(Role.MANAGER, Level.CENTER, unit), row)


@pytest.mark.parametrize("level", [Level.CENTER, Level.PROVINCE])
def test_another_territory_neither_sees_nor_settles_it(level):
    row = disputed()
    elsewhere = make.unit(
        UnitKind.CENTER if level is Level.CENTER else UnitKind.DIRECTORATE,
        make.province() if level is Level.PROVINCE else None,
    )
    stranger = actor(Role.MANAGER if level is Level.CENTER else Role.REVIEWER, level, elsewhere)
    assert (discrepancies.listing(stranger).rows, discrepancies.count(stranger)) == ([], 0)
    with pytest.raises(OutsideTerritory):
        settle(stranger, row)


def test_of_sixteen_at_once_one_decides_and_the_others_hear_who_was_faster(app):
    row_id, who = disputed().id, actor()
    seen = storm(app, lambda _: discrepancies.settle(who, row_id, "ours", REASON).state, range(16))
    assert seen == {"settled": 1, "Conflict": 15}
    with pytest.raises(Conflict, match=who.name):
        discrepancies.settle(who, row_id, "ours", REASON)


def test_what_forbids_an_enrollment_for_another_reason_by_now_becomes_a_new_task():
    row = disputed(field="eligibility", ours={"enrollments": [1]}, theirs={"reasons": {"1": ["یک دلیل کهنه"]}})
    course = make.course(gender="female")
    place = {"unit_id": course.unit_id, "province_id": course.province_id, "tracking_code": "1" * 13, "form_key": "k"}
    values = {"debit_source": "none", "fee_rials": 0, "channel": "clerk", "form_hash": "0" * 64}
    make.save(Enrollment(**place, **values, person_id=row.person_id, course_id=course.id))
    settle(actor(), row)
    newest = db.session.scalars(select(Discrepancy).order_by(Discrepancy.id.desc())).first()
    assert (newest.id != row.id, newest.field, newest.state) == (True, "eligibility", "open")


def test_a_birth_date_that_was_decided_is_asked_of_the_registry():
    dates = {"ours": {"birth_date": "1990-01-01"}, "theirs": {"birth_date": "1991-04-16"}}
    row = disputed(field="birth_date", **dates, source="sso")
    settle(actor(), row)
    assert db.session.scalars(select(Outbox.topic)).all() == ["registry"]


def test_pages_are_walked_from_the_oldest_without_a_gap():
    rows, who = [disputed().id for _ in range(27)], actor()
    first = discrepancies.listing(who)
    second = discrepancies.listing(who, first.after)
    assert [row.id for row in (*first.rows, *second.rows)] == rows
    assert (second.after, discrepancies.count(who)) == (None, 27)
