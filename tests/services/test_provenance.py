"""Where each field of a person came from is written down, whatever way an answer came."""

import datetime as dt

import pytest
from sqlalchemy import select

from gateways.registry import RegistryPerson
from models import Enrollment, IdentityEvent, InquiryOutcome, MobileStatus, Person, Role, Unit, db
from services import codes, discrepancies, identity, lookups, mobiles, people
from services.attendance import sheets
from services.enrollment import drafts, roster, slips
from services.enrollment.drafts import Entry
from services.inquiries import Settled, Way
from services.transaction import atomic
from tests import course_cases, fakes, make, owed

BORN = dt.date(1991, 4, 15)
MOBILE = "09113701000"


def pending(**over) -> Person:
    person = make.person(**{"first_name": None, "last_name": None, "birth_date": BORN} | over)
    with atomic():
        identity.owe_checks(person)
    return person


def enrolled(person) -> Enrollment:
    course = make.course()
    place = {"unit_id": course.unit_id, "province_id": course.province_id, "tracking_code": codes.tracking_code()}
    values = {"debit_source": "none", "fee_rials": 0, "channel": "clerk", "form_hash": "0" * 64, "form_key": "k"}
    return make.save(Enrollment(person_id=person.id, course_id=course.id, **place, **values))


def history() -> list[tuple]:
    """Field, step, source and actor of every event, by field in the order they came."""
    rows = db.session.scalars(select(IdentityEvent).order_by(IdentityEvent.field, IdentityEvent.id))
    return [(row.field, row.step, row.source, row.actor_id) for row in rows]


def record(person, **over) -> RegistryPerson:
    said = {"first_name": "مریم", "last_name": "کریمی", "father_name": None, "gender": "female"}
    said |= {"birth_date": BORN, "shenasname_no": None, "alive": True}
    return RegistryPerson(national_code=person.national_code, **said | over)


def test_each_field_that_a_call_fills_or_confirms_is_in_the_history_with_the_place_of_the_last_enrollment(app):
    person = pending()
    enrollment = enrolled(person)
    system = fakes.Registry()
    system.add(person.national_code, BORN)
    with fakes.installed(app, registry=system):
        owed.run("registry")
    by_registry = [("birth_date", "confirmed"), ("father_name", "filled"), ("gender", "filled"), ("name", "filled")]
    assert history() == [(*each, "registry", None) for each in [*by_registry, ("shenasname_no", "filled")]]
    places = {(row.unit_id, row.province_id) for row in db.session.scalars(select(IdentityEvent))}
    assert places == {(enrollment.unit_id, enrollment.province_id)}


def test_an_answer_by_hand_fills_the_name_closes_what_was_owed_and_says_who_brought_it(app):
    person, clerk = pending(), make.user("operator")
    way = Way(people.REGISTRY, actor_id=clerk.id)
    assert lookups.settle(lookups.question_of(person, "row-1"), record(person), way) is Settled.TAKEN
    db.session.refresh(person)
    assert (person.full_name, person.identity_status) == ("مریم کریمی", "verified")
    assert owed.row("registry").state == "done"
    assert ("name", "filled", "registry", clerk.id) in history()
    assert lookups.settle(lookups.question_of(person, "row-2"), record(person), way) is Settled.NEEDLESS


def test_an_answer_about_a_birth_date_that_was_corrected_since_changes_nothing_and_leaves_it_owed(app):
    person = pending()
    question = lookups.question_of(person, "row-1")
    with atomic():
        people.set_birth_date(people.locked(person.id), BORN + dt.timedelta(days=1), people.CLERK)
    assert lookups.settle(question, record(person), Way(people.REGISTRY)) is Settled.STALE
    db.session.refresh(person)
    assert (person.full_name, owed.row("registry").state) == (None, "open")


@pytest.mark.parametrize(
    ("outcome", "status", "step"),
    [
        (InquiryOutcome.MATCH, MobileStatus.MATCHED, "confirmed"),
        (InquiryOutcome.NO_MATCH, MobileStatus.NOT_MATCHED, "disputed"),
    ],
)
def test_a_verdict_from_a_file_settles_the_mobile_and_closes_what_was_owed(app, outcome, status, step):
    person = pending(mobile=MOBILE, mobile_status=MobileStatus.UNCHECKED)
    assert mobiles.settle(mobiles.question_of(person, "row-1"), outcome, Way("shahkar")) is Settled.TAKEN
    db.session.refresh(person)
    assert (person.mobile_status, owed.row("shahkar").state) == (status, "done")
    assert history() == [("mobile", step, "shahkar", None)]


def test_an_unknown_verdict_settles_nothing(app):
    person = pending(mobile=MOBILE, mobile_status=MobileStatus.UNCHECKED)
    with pytest.raises(ValueError, match="unknown"):
        mobiles.settle(mobiles.question_of(person, "row-1"), InquiryOutcome.UNKNOWN, Way("shahkar"))


def test_what_a_clerk_types_is_theirs_in_the_history_until_an_official_source_confirms_it(app):
    make.tariff(0)
    unit = make.unit()
    clerk, course = course_cases.staff(Role.CLERK, unit), make.course(unit_=unit)
    key = drafts.start(clerk, make.national_code())
    typed = {"first_name": "مریم", "last_name": "کریمی", "birth_date": BORN, "debit_source": "trainee"}
    draft = drafts.save(clerk, key, 1, Entry(course_id=course.id, **typed))
    drafts.confirm(clerk, draft)
    by_clerk = [("birth_date", "filled", "clerk", clerk.user_id), ("name", "filled", "clerk", clerk.user_id)]
    assert history() == by_clerk
    assert {row.unit_id for row in db.session.scalars(select(IdentityEvent))} == {unit.id}
    person = people.by_national_code(draft.national_code)
    lookups.settle(lookups.question_of(person, "row-1"), record(person), Way(people.REGISTRY))
    new = [each for each in history() if each not in by_clerk]
    said = [("birth_date", "confirmed"), ("gender", "filled"), ("name", "confirmed")]
    assert new == [(*each, "registry", None) for each in said]


def test_what_an_official_source_has_told_is_changed_by_no_hand_whatever_door_it_comes_by():
    person = make.person(birth_date=BORN, sources={"name": {"source": "sso"}, "birth_date": {"source": "registry"}})
    name = person.full_name
    said = {"first_name": "نام", "last_name": "دیگر", "birth_date": "1980-01-01"}
    with atomic():
        locked = people.locked(person.id)
        people.fill_gaps(locked, said)
        for source in (people.CLERK, people.IMPORT, people.SELF):
            people.set_name(locked, "نام", "دیگر", source)
            people.set_birth_date(locked, dt.date(1980, 1, 1), source)
    db.session.refresh(person)
    assert (person.full_name, person.birth_date, history()) == (name, BORN, [])
    with atomic():
        people.set_name(people.locked(person.id), "مریم", "تازه", people.DECISION)
    assert people.locked(person.id).last_name == "تازه"


def test_a_settled_name_is_on_the_slip_and_in_the_lists_at_once_and_in_the_history_with_who_settled_it():
    typed = {"name": {"source": "clerk"}}
    person = pending(first_name="مریم", last_name="رضائی", sources=typed, identity_status="pending")
    enrollment = enrolled(person)
    lookups.settle(lookups.question_of(person, "row-1"), record(person, last_name="محمدی"), Way(people.REGISTRY))
    unit = db.session.get_one(Unit, enrollment.unit_id)
    manager = course_cases.staff(Role.MANAGER, unit)
    (task,) = discrepancies.listing(manager).rows
    assert roster.roster(manager, enrollment.course_id).lines[0].name == "مریم رضائی"
    assert task.theirs["last_name"] == "محمدی"
    discrepancies.settle(manager, task.id, discrepancies.OFFICIAL, "کارت ملی دیده شد")
    shown = [
        roster.roster(manager, enrollment.course_id).lines[0].name,
        slips.slip(enrollment.tracking_code, slips.Viewer((manager,))).name,
        sheets.whole(manager, enrollment.course_id).members[0].name,
    ]
    assert set(shown) == {"مریم محمدی"}
    said = [each for each in history() if each[0] == "name"]
    assert said == [("name", "disputed", "registry", None), ("name", "settled", "registry", manager.user_id)]
