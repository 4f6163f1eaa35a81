"""A missing name is NULL whatever word somebody puts in its place, and the real one fills the gap later."""

import dataclasses

import pytest
from sqlalchemy import select

from models import Discrepancy, IdentityStatus, Person, Role, db
from services import identity, people, sso_people, staff
from services.enrollment import drafts
from services.enrollment.drafts import Entry
from services.transaction import atomic
from tests import course_cases, fakes, make, owed
from tests.services.test_identity import BORN
from tests.window import PERSON

PORTAL = ["خالی", "حالی", "-", "."]
VARIANTS = ["خالي", " خالی ", "«خالی»", "(خالی)", "خـالی", "خالی خالی", "- خالی -", "—", "...", "۰", "*", "\u200c"]
TYPED = ["ندارد", "نامشخص", "نامعلوم", "بدون نام", "فاقد نام", "NULL", "None"]
WORDS = [*PORTAL, *VARIANTS, *TYPED]
REAL = ["خالدی", "حالیان", "علی", "ا", "نام‌آور", "میرزا خالی‌زاده", "O'Neil", "خالی پور"]


@pytest.fixture
def registry(app):
    system = fakes.Registry()
    with fakes.installed(app, registry=system):
        yield system


def tasks() -> list[Discrepancy]:
    return list(db.session.scalars(select(Discrepancy)))


def typed_at_the_desk(first: str, last: str) -> Person:
    make.tariff(0)
    clerk = course_cases.staff(Role.CLERK, make.unit())
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    key = drafts.start(clerk, make.national_code())
    entry = Entry(course_id=course.id, first_name=first, last_name=last, birth_date=BORN, debit_source="trainee")
    draft = drafts.save(clerk, key, 1, entry)
    drafts.confirm(clerk, draft)
    return db.session.scalars(select(Person).where(Person.national_code == draft.national_code)).one()


@pytest.mark.parametrize("word", WORDS)
def test_a_word_in_the_place_of_a_name_is_stored_as_no_name(word):
    with atomic():
        person = people.find_or_create(make.national_code())
        people.set_name(person, word, word, people.CLERK)
    assert (person.first_name, person.last_name, person.name_key, person.name_sort) == (None, None, None, None)
    assert (person.identity_status, person.sources) == (IdentityStatus.PENDING, {})


@pytest.mark.parametrize("name", REAL)
def test_a_name_that_only_looks_like_such_a_word_is_kept(name):
    assert people.name_part(name) == name


@pytest.mark.parametrize("word", PORTAL)
def test_a_first_name_is_kept_beside_a_word_for_the_last(word):
    with atomic():
        person = people.find_or_create(make.national_code())
        people.set_name(person, "مریم", word, people.CLERK)
    assert (person.first_name, person.last_name, person.full_name) == ("مریم", None, "مریم")


@pytest.mark.parametrize("word", PORTAL)
def test_a_word_typed_at_the_desk_leaves_the_gap_that_the_registrys_name_fills(registry, word):
    person = typed_at_the_desk(word, word)
    assert (person.full_name, person.identity_status) == (None, IdentityStatus.PENDING)
    registry.add(person.national_code, BORN)
    owed.run()
    db.session.refresh(person)
    assert (person.full_name, person.identity_status, tasks()) == ("مریم کریمی", IdentityStatus.VERIFIED, [])


@pytest.mark.parametrize("word", PORTAL)
def test_a_word_from_the_registry_fills_nothing_and_disputes_nothing(registry, word):
    known = make.person(birth_date=BORN, identity_status="pending", last_name="کریمی", first_name="مریم")
    nameless = make.person(birth_date=BORN, first_name=None, last_name=None)
    for person in (known, nameless):
        registry.add(person.national_code, BORN, first_name=word, last_name=word, father_name=word)
        with atomic():
            identity.owe_checks(person)
    owed.run()
    for person in (known, nameless):
        db.session.refresh(person)
    assert (known.full_name, known.father_name, nameless.full_name, tasks()) == ("مریم کریمی", None, None, [])
    assert nameless.identity_status is IdentityStatus.PENDING


@pytest.mark.parametrize("word", PORTAL)
def test_a_word_from_the_window_leaves_the_person_pending(word):
    facts = dataclasses.replace(PERSON, first_name=word, last_name=word, father_name=word)
    person = sso_people.sign_in(facts)
    assert (person.full_name, person.father_name) == (None, None)
    assert (person.identity_status, tasks()) == (IdentityStatus.PENDING, [])
    assert sso_people.sign_in(PERSON).full_name == "مریم صادقی"
    assert tasks() == []


def test_a_word_typed_for_a_colleague_is_no_name_either():
    manager = course_cases.staff(Role.MANAGER, unit := make.unit())
    new = staff.NewUser(make.national_code(), "clerk77", "clerk", unit.code, "خالی", "خالی")
    assert staff.create(manager, new).person.full_name is None
