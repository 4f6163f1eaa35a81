"""Names heal from the registry, and nothing that differs is overwritten in silence."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select

from gateways.errors import Refused, Temporary, Unanswered
from models import Discrepancy, Enrollment, Gender, IdentityStatus, Inquiry, Message, MobileStatus, Outbox, Person, db
from services import identity, mobiles, people, sso_people
from services.transaction import atomic
from tests import fakes, make, owed
from tests.window import PERSON

BORN, WRONG = dt.date(1991, 4, 15), dt.date(1991, 4, 16)
MOBILE = "09113701000"


@pytest.fixture
def registry(app):
    system = fakes.Registry()
    with fakes.installed(app, registry=system):
        yield system


@pytest.fixture
def shahkar(app):
    system = fakes.Shahkar()
    with fakes.installed(app, shahkar=system):
        yield system


def pending(**over) -> Person:
    empty = {"first_name": None, "last_name": None, "birth_date": BORN}
    person = make.person(**{**empty, **over})
    with atomic():
        identity.owe_checks(person)
    return person


def typed(first, last, **over) -> Person:
    person = pending(**over)
    with atomic():
        people.set_name(people.locked(person.id), first, last, people.CLERK)
    return person


def correct(person, birth_date) -> None:
    """Type another birth date, as the desk does."""
    with atomic():
        locked = people.locked(person.id)
        people.set_birth_date(locked, birth_date, people.CLERK)
        identity.owe_checks(locked)


def fresh(person) -> Person:
    db.session.refresh(person)
    return person


def enrolled(person, **course) -> Enrollment:
    row = make.course(**course)
    place = {"unit_id": row.unit_id, "province_id": row.province_id, "tracking_code": make.national_code() + "123"}
    values = {"debit_source": "none", "fee_rials": 0, "channel": "clerk", "form_hash": "0" * 64}
    return make.save(Enrollment(person_id=person.id, course_id=row.id, form_key=f"k{row.id}", **place, **values))


def opened() -> list[Discrepancy]:
    return list(db.session.scalars(select(Discrepancy).where(Discrepancy.state == "open").order_by(Discrepancy.id)))


def outcomes() -> list[str]:
    return list(db.session.scalars(select(Inquiry.outcome).order_by(Inquiry.id)))


# -- The registry ------------------------------------------------------------------


@pytest.mark.once
def test_a_nameless_person_gets_name_father_gender_and_number(registry):
    person = pending()
    registry.add(person.national_code, BORN, first_name="مريم", last_name="كريمي")
    owed.run()
    fresh(person)
    assert (person.first_name, person.last_name, person.father_name) == ("مریم", "کریمی", "علی")
    assert (person.gender, person.shenasname_no) == (Gender.FEMALE, "12")
    assert (person.identity_status, person.sources["name"]["source"]) == (IdentityStatus.VERIFIED, "registry")
    assert (outcomes(), owed.row("registry").state) == (["match"], "done")


def test_the_person_is_told_once_when_a_name_they_lacked_was_filled(registry):
    person = pending()
    enrolled(person)
    registry.add(person.national_code, BORN)
    owed.run()
    (message,) = db.session.scalars(select(Message))
    assert (message.template, message.person_id) == ("identity_completed", person.id)


def test_the_registrys_spelling_of_the_same_name_is_taken(registry):
    person = typed("علی رضا", "رضائی")
    registry.add(person.national_code, BORN, first_name="علیرضا", last_name="رضایی")
    owed.run()
    assert (fresh(person).first_name, person.last_name) == ("علیرضا", "رضایی")
    assert opened() == []


@pytest.mark.parametrize(("last", "likeness"), [("کریمی اصل", "near"), ("محمدی", "different")])
def test_another_name_stays_and_becomes_one_task_in_the_territory_of_the_enrollment(registry, last, likeness):
    person = typed("مریم", "کریمی")
    enrollment = enrolled(person)
    registry.add(person.national_code, BORN, last_name=last)
    owed.run()
    assert (fresh(person).last_name, person.identity_status) == ("کریمی", IdentityStatus.DISCREPANCY)
    (task,) = opened()
    assert (task.field, task.ours["last_name"], task.theirs["last_name"]) == ("name", "کریمی", last)
    assert (task.theirs["likeness"], task.source) == (likeness, "registry")
    assert (task.unit_id, task.province_id) == (enrollment.unit_id, enrollment.province_id)


@pytest.mark.once
def test_another_gender_stays_and_becomes_a_task(registry):
    person = pending(gender=Gender.MALE)
    registry.add(person.national_code, BORN, gender="female")
    owed.run()
    assert (fresh(person).gender, [task.field for task in opened()]) == (Gender.MALE, ["gender"])


def test_who_is_not_found_stays_pending_with_the_reason(registry):
    person = pending()
    owed.run()
    assert (fresh(person).identity_status, person.identity_note) == (IdentityStatus.PENDING, "not_found")
    assert (outcomes(), owed.row("registry").state) == (["no_match"], "done")


def test_a_corrected_birth_date_is_looked_up_anew_and_clears_the_note(registry):
    person = pending(birth_date=WRONG)
    owed.run()
    registry.add(person.national_code, BORN)
    correct(person, BORN)
    owed.run()
    assert (fresh(person).identity_status, person.identity_note) == (IdentityStatus.VERIFIED, None)


@pytest.mark.once
def test_a_birth_date_that_is_typed_again_after_another_one_is_asked_about_again(registry):
    person = pending(birth_date=BORN)
    owed.run()
    correct(person, WRONG)
    owed.run()
    registry.add(person.national_code, BORN)
    correct(person, BORN)
    owed.run()
    assert (fresh(person).identity_status, registry.asked) == (IdentityStatus.VERIFIED, 3)


def test_a_birth_date_that_is_corrected_while_the_registry_is_asked_is_asked_about_next(registry):
    person = pending(birth_date=WRONG)
    registry.add(person.national_code, BORN)
    registry.trouble.append(lambda: correct(person, BORN))
    owed.run()
    assert fresh(person).identity_note is None
    owed.again()
    assert (fresh(person).identity_status, len(owed.rows("registry"))) == (IdentityStatus.VERIFIED, 1)


def test_a_dead_letter_does_not_keep_a_later_saving_from_being_looked_up_and_is_closed_by_it(registry):
    person = pending()
    registry.add(person.national_code, BORN)
    registry.trouble.append(Refused("http_400"))
    owed.run()
    correct(person, BORN)
    owed.run()
    assert (fresh(person).identity_status, [row.state for row in owed.rows()]) == ("verified", ["done", "done"])


@pytest.mark.once
def test_a_birth_date_that_the_registry_did_not_know_is_not_asked_about_until_another_one_comes(registry):
    person = pending()
    for _ in range(3):
        owed.run()
        correct(person, BORN)
    assert (registry.asked, fresh(person).identity_note) == (1, "not_found")


@pytest.mark.once
def test_one_look_up_is_owed_however_often_the_person_is_saved_meanwhile(registry):
    person = pending()
    correct(person, WRONG)
    correct(person, BORN)
    registry.add(person.national_code, BORN)
    owed.run()
    assert (len(owed.rows("registry")), registry.asked) == (1, 1)


@pytest.mark.once
def test_a_death_is_stored_and_becomes_a_task(registry):
    person = pending()
    registry.add(person.national_code, BORN, alive=False)
    owed.run()
    assert (fresh(person).is_alive, [task.field for task in opened()]) == (False, ["deceased"])


@pytest.mark.once
def test_an_enrollment_that_the_official_gender_forbids_stands_and_becomes_a_task(registry):
    person = pending()
    enrollment = enrolled(person, gender=Gender.MALE)
    registry.add(person.national_code, BORN, gender="female")
    owed.run()
    db.session.refresh(enrollment)
    assert (enrollment.status, [task.field for task in opened()]) == ("active", ["eligibility"])
    assert fresh(person).identity_status is IdentityStatus.VERIFIED


@pytest.mark.once
@pytest.mark.parametrize("error", [Temporary("unreachable"), Unanswered("timeout"), Unanswered("other_person")])
def test_no_answer_is_no_judgment_and_is_tried_again(registry, error):
    person = pending()
    registry.add(person.national_code, BORN)
    registry.trouble.append(error)
    owed.run()
    assert (fresh(person).identity_status, person.identity_note) == (IdentityStatus.PENDING, None)
    owed.again()
    assert (fresh(person).identity_status, outcomes()) == (IdentityStatus.VERIFIED, ["unknown", "match"])


@pytest.mark.once
def test_a_refused_question_is_a_dead_letter(registry):
    pending()
    registry.trouble.append(Refused("http_400"))
    owed.run()
    assert (owed.row("registry").state, outcomes()) == ("dead", ["error"])


def test_who_was_verified_meanwhile_is_not_asked_about(registry):
    person = pending()
    person.identity_status, person.last_name = IdentityStatus.VERIFIED, "کریمی"
    db.session.commit()
    owed.run()
    assert (registry.asked, owed.row("registry").state) == (0, "done")


def test_a_look_up_that_was_given_up_is_closed_when_the_window_brings_the_name(registry):
    person = pending()
    registry.trouble.append(Refused("http_400"))
    owed.run()
    assert owed.row("registry").state == "dead"
    sso_people.sign_in(dataclasses.replace(PERSON, national_code=person.national_code, birth_date=BORN))
    assert (fresh(person).identity_status, owed.row("registry").state) == (IdentityStatus.VERIFIED, "done")


@pytest.mark.once
def test_while_the_registry_is_switched_off_the_look_up_waits(app):
    pending()
    owed.run()
    row = owed.row("registry")
    assert (row.state, row.failures, row.last_error) == ("open", 0, "switched_off")


# -- Shahkar -----------------------------------------------------------------------


def with_mobile() -> Person:
    person = make.person(mobile=MOBILE, mobile_status=MobileStatus.UNCHECKED)
    with atomic():
        identity.owe_checks(person)
    return person


def give(person, mobile):
    with atomic():
        locked = people.locked(person.id)
        mobiles.put(locked, mobile, people.CLERK)
        db.session.flush()
        identity.owe_checks(locked)


@pytest.mark.once
@pytest.mark.parametrize(("is_owner", "status"), [(True, "matched"), (False, "not_matched")])
def test_a_mobile_is_its_owners_or_not(shahkar, is_owner, status):
    person = with_mobile()
    shahkar.owners[MOBILE] = person.national_code if is_owner else "0010350829"
    owed.run()
    assert (fresh(person).mobile_status, owed.row("shahkar").state) == (status, "done")
    assert person.mobile_checked_at is not None


def test_no_answer_leaves_the_mobile_unchecked_until_there_is_one(shahkar):
    person = with_mobile()
    shahkar.owners[MOBILE] = person.national_code
    shahkar.trouble.append(Unanswered("311"))
    owed.run()
    assert fresh(person).mobile_status is MobileStatus.UNCHECKED
    owed.again()
    assert (fresh(person).mobile_status, outcomes()) == (MobileStatus.MATCHED, ["unknown", "match"])
    assert len(set(shahkar.asked)) == 2


def test_the_verdict_on_a_mobile_that_changed_meanwhile_is_dropped(shahkar):
    person = with_mobile()
    shahkar.owners.update({MOBILE: "0010350829", "09113702000": person.national_code})
    shahkar.trouble.append(lambda: give(person, "09113702000"))
    owed.run()
    assert fresh(person).mobile_status is MobileStatus.UNCHECKED
    owed.again()
    assert (fresh(person).mobile, person.mobile_status) == ("09113702000", MobileStatus.MATCHED)


@pytest.mark.once
def test_a_new_mobile_is_checked_even_after_the_old_one_was(shahkar):
    person = with_mobile()
    owed.run()
    give(person, "09113702000")
    owed.run()
    assert len(shahkar.asked) == 2


def test_the_same_question_within_a_day_is_remembered_and_not_asked(shahkar):
    person = with_mobile()
    shahkar.owners[MOBILE] = person.national_code
    owed.run()
    give(person, "09113702000")
    owed.run()
    give(person, MOBILE)
    owed.run()
    assert (fresh(person).mobile_status, len(shahkar.asked)) == (MobileStatus.MATCHED, 2)


def test_a_mobile_is_in_no_row_but_the_persons(shahkar):
    person = with_mobile()
    owed.run()
    kept = [*db.session.scalars(select(Inquiry.subject_hash)), *db.session.scalars(select(Inquiry.request_id))]
    kept += [row.dedup_key for row in db.session.scalars(select(Outbox))]
    assert not [text for text in kept if MOBILE in text or person.national_code in text]


# -- The sweep ---------------------------------------------------------------------


def test_people_who_came_by_an_import_are_looked_up_without_anybody_asking():
    make.person(first_name=None, last_name=None, birth_date=BORN)
    make.person(mobile=MOBILE, mobile_status=MobileStatus.UNCHECKED)
    make.person(first_name=None, last_name=None)
    assert (identity.sweep(), identity.sweep()) == (2, 0)
    assert sorted(row.topic for row in owed.rows()) == ["registry", "shahkar"]
