"""Outside systems are asked so often and no more; what is beyond waits for its time and blocks nobody."""

import datetime as dt

import pytest
from sqlalchemy import select

from gateways.errors import Temporary
from models import (
    Enrollment,
    IdentityStatus,
    InquiryCount,
    MobileStatus,
    Outbox,
    Person,
    Policy,
    Role,
    User,
    db,
    utcnow,
)
from services import allowances, clock, identity, people
from services.enrollment import drafts
from services.enrollment.drafts import Entry
from services.transaction import atomic
from tests import course_cases, fakes, make, owed
from tests.race.crowd import storm
from tests.services.test_identity import BORN

NOON = dt.datetime(2026, 11, 22, 8, 30, tzinfo=dt.UTC)  # twelve o'clock in Tehran


@pytest.fixture
def outside(app):
    systems = {"registry": fakes.Registry(), "shahkar": fakes.Shahkar(), "sms": fakes.Phones()}
    with fakes.installed(app, **systems):
        yield systems


@pytest.fixture
def at(monkeypatch):
    """Sets the clock by which questions are counted."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(allowances, "utcnow", lambda: moment)

    set_to(NOON)
    return set_to


def rule(name: str, value: int) -> None:
    make.save(Policy(name=name, scope="*", valid_from=dt.date(2020, 1, 1), value=value))


def typed_mobiles(outside, actor: User | None, count: int) -> list[Person]:
    """People who have been checked before and whose own mobiles this user has just typed."""
    made = []
    for _ in range(count):
        code = make.national_code()
        mobile = f"09{code[:9]}"
        person = make.person(national_code=code, mobile=mobile, mobile_status="unchecked")
        outside["shahkar"].owners[mobile] = code
        earlier = {"topic": "shahkar", "ref_id": person.id, "dedup_key": f"shahkar:{person.id}:0"}
        make.save(Outbox(**earlier, state="done", next_try_at=utcnow()))
        with atomic():
            identity.owe_checks(people.locked(person.id), actor and actor.id)
        made.append(person)
    return made


def nameless(outside, count: int) -> list[Person]:
    made = [make.person(first_name=None, last_name=None, birth_date=BORN) for _ in range(count)]
    for person in made:
        outside["registry"].add(person.national_code, BORN)
        with atomic():
            identity.owe_checks(people.locked(person.id))
    return made


def matched(persons: list[Person]) -> int:
    for person in persons:
        db.session.refresh(person)
    return sum(person.mobile_status is MobileStatus.MATCHED for person in persons)


def verified(persons: list[Person]) -> int:
    for person in persons:
        db.session.refresh(person)
    return sum(person.identity_status is IdentityStatus.VERIFIED for person in persons)


# -- Shahkar: ten an hour for each user --------------------------------------------


def test_the_eleventh_mobile_that_a_user_types_in_an_hour_waits_for_the_next(outside, at):
    persons = typed_mobiles(outside, make.user(), 12)
    owed.run()
    assert (matched(persons), len(outside["shahkar"].asked)) == (10, 10)
    waiting = [row for row in owed.rows() if row.state == "open"]
    assert [(row.last_error, row.failures) for row in waiting] == [("hour_full", 0)] * 2
    assert all(3590 <= (row.next_try_at - utcnow()).total_seconds() - row.id % 60 <= 3600 for row in waiting)
    owed.again()
    assert matched(persons) == 10
    at(NOON + dt.timedelta(hours=1))
    owed.again()
    assert matched(persons) == 12


@pytest.mark.once
def test_each_user_has_an_hour_of_their_own_and_what_nobody_typed_has_none(outside, at):
    first, second = make.user(), make.user()
    persons = [*typed_mobiles(outside, first, 10), *typed_mobiles(outside, second, 10)]
    persons += typed_mobiles(outside, None, 15)
    owed.run()
    assert matched(persons) == 35


@pytest.mark.parametrize(("limit", "asked"), [(3, 3), (0, 12)])
def test_the_limit_is_a_policy_and_zero_is_none(outside, at, limit, asked):
    rule("shahkar_per_hour", limit)
    assert matched([*typed_mobiles(outside, make.user(), 12)]) == 0
    owed.run()
    assert len(outside["shahkar"].asked) == asked


def test_a_question_that_was_not_put_because_the_system_rests_is_not_counted(outside, at):
    outside["shahkar"].trouble.extend([Temporary("unreachable")] * 5)
    user = make.user()
    typed_mobiles(outside, user, 8)
    owed.run()
    assert db.session.scalars(select(InquiryCount.used)).all() == [5]


def test_the_first_mobile_of_each_person_a_clerk_enrolls_is_checked_at_once_however_many_there_are(outside, at):
    make.tariff(0)
    rule("shahkar_per_hour", 2)
    unit = make.unit()
    clerk, course = course_cases.staff(Role.CLERK, unit), make.course(unit_=unit)
    for number in range(5):
        key = drafts.start(clerk, make.national_code())
        entry = Entry(course_id=course.id, mobile=f"0911370010{number}", debit_source="trainee")
        drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    assert db.session.query(Enrollment).count() == 5
    owed.again("shahkar")
    assert len(outside["shahkar"].asked) == 5


def test_workers_at_the_same_moment_ask_no_more_often_together(app, at):
    actor = make.user().id

    def ask(_) -> None:
        with atomic():
            allowances.take("shahkar", actor)

    assert storm(app, ask, range(24)) == {"None": 10, "Full": 14}
    assert db.session.scalars(select(InquiryCount.used)).all() == [10]


# -- The registry: a quota a day ---------------------------------------------------


def test_beyond_the_days_quota_names_wait_until_the_next_day_and_then_come(outside, at):
    rule("registry_per_day", 2)
    persons = nameless(outside, 3)
    owed.run()
    assert (verified(persons), outside["registry"].asked) == (2, 2)
    row = owed.row("registry")
    assert (row.state, row.last_error, row.failures) == ("open", "day_full", 0)
    assert 12 * 3600 - 10 <= (row.next_try_at - utcnow()).total_seconds() - row.id % 3600 <= 12 * 3600
    at(NOON + dt.timedelta(hours=11, minutes=59))
    owed.again()
    assert verified(persons) == 2
    at(NOON + dt.timedelta(hours=12))
    owed.again()
    assert (verified(persons), owed.row("registry").state) == (3, "done")


def test_usage_tells_how_much_is_used_and_how_many_wait(outside, at):
    rule("registry_per_day", 2)
    nameless(outside, 5)
    typed_mobiles(outside, make.user(), 11)
    owed.run()
    usage = allowances.usage()
    assert (usage["registry"].used, usage["registry"].limit, usage["registry"].waiting) == (2, 2, 3)
    assert (usage["shahkar"].used, usage["shahkar"].limit, usage["shahkar"].waiting) == (10, 10, 1)


def test_old_counts_are_forgotten_and_those_of_today_are_not(outside, at):
    nameless(outside, 1)
    owed.run()
    make.save(InquiryCount(system="registry", actor_id=0, slot="2020-01-01", used=9, at=NOON - dt.timedelta(days=9)))
    allowances.purge(NOON)
    assert db.session.scalars(select(InquiryCount.used)).all() == [1]
    assert "counts of inquiries" in {task.name for task in clock.TASKS}
