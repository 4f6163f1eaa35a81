"""What the national window tells fills gaps, replaces nothing silently, and finds people by code alone."""

import dataclasses
import datetime as dt

import pytest

from gateways.errors import Temporary
from models import Discrepancy, Enrollment, Person, db, utcnow
from services import identity, messages, people, sso_people
from services.sso_people import sign_in
from services.transaction import atomic
from tests import fakes, make, owed
from tests.window import PERSON

CODE, TYPED = PERSON.national_code, "09120000001"
ENROLLED = {
    "form_key": "k",
    "form_hash": "h",
    "tracking_code": "1234567890123",
    "channel": "clerk",
    "debit_source": "none",
}


def facts(**over):
    return dataclasses.replace(PERSON, **over)


def pending(**over):
    return make.person(national_code=CODE, first_name=None, last_name=None, **over)


def discrepancies():
    return {row.field: row for row in db.session.query(Discrepancy)}


@pytest.mark.once
def test_an_unknown_code_becomes_a_verified_person():
    person = sign_in(facts())
    assert (person.full_name, person.father_name, person.gender) == ("مریم صادقی", "علی", "female")
    assert (person.birth_date, person.shenasname_no) == (dt.date(2002, 6, 17), "12")
    assert (person.mobile, person.mobile_status, person.identity_status) == ("09131234567", "matched", "verified")
    assert {source["source"] for source in person.sources.values()} == {"sso"}
    assert discrepancies() == {}


def test_a_pending_person_is_completed_and_stays_the_same_row():
    before = pending().id
    assert sign_in(facts()).id == before
    assert db.session.query(Person).one().version > 1


def test_signing_in_again_changes_nothing():
    sign_in(facts())
    version = db.session.query(Person).one().version
    assert sign_in(facts()).version == version


@pytest.mark.once
def test_names_are_stored_clean_with_their_keys():
    person = sign_in(facts(first_name=" علي ", last_name="كاظمي\u200f"))
    assert person.full_name == "علی کاظمی"
    assert person.name_key == "علیکاظمی"
    assert person.name_sort


@pytest.mark.once
def test_a_different_name_stays_and_becomes_one_task():
    make.person(national_code=CODE, first_name="زهرا", last_name="محمدی")
    for _ in range(3):
        person = sign_in(facts())
    assert person.full_name == "زهرا محمدی"
    assert person.identity_status == "discrepancy"
    row = discrepancies()["name"]
    assert db.session.query(Discrepancy).count() == 1
    assert row.ours == {"first_name": "زهرا", "last_name": "محمدی"}
    assert row.theirs["last_name"] == "صادقی"
    assert row.theirs["likeness"] == "different"


def test_another_spelling_of_the_same_letters_is_no_task():
    make.person(national_code=CODE, first_name="مريم", last_name="صادقي")
    person = sign_in(facts())
    assert person.full_name == "مریم صادقی"
    assert person.identity_status == "verified"
    assert discrepancies() == {}


@pytest.mark.once
def test_a_near_name_is_a_task_that_says_so():
    make.person(national_code=CODE, first_name="مریم", last_name="صادقی‌نژاد")
    assert sign_in(facts()).last_name == "صادقی‌نژاد"
    assert discrepancies()["name"].theirs["likeness"] == "near"


def test_a_missing_first_name_is_filled():
    make.person(national_code=CODE, first_name=None, last_name="صادقی", identity_status="pending")
    assert sign_in(facts()).full_name == "مریم صادقی"


@pytest.mark.parametrize(("field", "value"), [("birth_date", dt.date(2001, 1, 1)), ("gender", "male")])
def test_a_different_birth_date_or_gender_stays_and_becomes_a_task(field, value):
    pending(**{field: value})
    person = sign_in(facts())
    assert getattr(person, field) == value
    assert discrepancies().keys() == {field}
    assert person.identity_status == "discrepancy"


def test_what_a_reviewer_has_settled_is_not_asked_again():
    make.person(national_code=CODE, first_name="زهرا", last_name="محمدی")
    sign_in(facts())
    row = discrepancies()["name"]
    row.state = "settled"
    db.session.commit()
    sign_in(facts())
    assert db.session.query(Discrepancy).count() == 1


def test_the_task_goes_to_the_unit_of_the_last_enrollment():
    person = make.person(national_code=CODE, first_name="زهرا", last_name="محمدی")
    course = make.course()
    values = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id, "fee_rials": 0}
    make.save(Enrollment(person_id=person.id, **values, **ENROLLED))
    sign_in(facts())
    row = discrepancies()["name"]
    assert (row.unit_id, row.province_id) == (course.unit_id, course.province_id)


@pytest.mark.once
@pytest.mark.parametrize("first", [None, "", " "])
def test_a_window_without_names_leaves_the_person_pending(first):
    person = sign_in(facts(first_name=first, last_name=None))
    assert person.full_name is None
    assert person.identity_status == "pending"


# A number that nobody has checked yields: the wrong ones typed at enrollment are why SMS did not arrive (circular, 5).
@pytest.mark.once
@pytest.mark.parametrize(("status", "is_kept"), [("matched", True), ("unchecked", False), ("not_matched", False)])
def test_a_mobile_of_ours_stays_only_when_it_is_matched(status, is_kept):
    pending(mobile=TYPED, mobile_status=status)
    person = sign_in(facts())
    assert (person.mobile, person.mobile_status) == (TYPED if is_kept else PERSON.mobile, "matched")
    assert ("mobile" in person.sources) is not is_kept


@pytest.mark.once
def test_the_windows_mobile_in_the_place_of_an_unchecked_one_is_matched_and_dated():
    before = utcnow()
    pending(mobile=TYPED, mobile_status="unchecked")
    person = sign_in(facts())
    source = person.sources["mobile"]
    assert (person.mobile, person.mobile_status, source["source"]) == (PERSON.mobile, "matched", "sso")
    assert person.mobile_checked_at >= before
    assert dt.datetime.fromisoformat(source["at"]) >= before


@pytest.mark.once
def test_what_waited_for_a_wrong_mobile_goes_to_the_windows_without_a_question_to_shahkar(app):
    person = pending(mobile=TYPED, mobile_status="unchecked")
    phones, shahkar = fakes.Phones(), fakes.Shahkar(trouble=[Temporary("unreachable")])
    with fakes.installed(app, sms=phones, shahkar=shahkar):
        with atomic():
            identity.owe_checks(people.locked(person.id))
            messages.tell(person.id, "enrolled", "متن", cause_key="c1")
        owed.run()
        assert phones.texts == {}
        sign_in(facts())
        owed.again()
    assert [mobile for mobile, _ in phones.texts.values()] == [PERSON.mobile]
    assert len(shahkar.asked) == 1
    assert [row.state for row in owed.rows()] == ["done", "done"]


def test_the_same_mobile_becomes_matched():
    pending(mobile=PERSON.mobile, mobile_status="unchecked")
    assert sign_in(facts()).mobile_status == "matched"


@pytest.mark.once
def test_nobody_is_found_by_mobile_or_name():
    other = make.person(first_name="مریم", last_name="صادقی", mobile=PERSON.mobile, mobile_status="matched")
    assert sign_in(facts()).id != other.id


def test_a_wrong_code_is_refused():
    with pytest.raises(sso_people.DomainError):
        sign_in(facts(national_code="1234567890"))
    assert db.session.query(Person).count() == 0
