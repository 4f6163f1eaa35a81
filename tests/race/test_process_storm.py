"""Four processes, over HTTP, go for seats, purses and the same forms at once, and crowd the clerk's desk."""

import os
import uuid
from collections import Counter
from multiprocessing.pool import ThreadPool

import pytest
from sqlalchemy import select

from bench import contention, desk, ground, reckoning
from bench.installation import installed
from models import Account, Channel, Enrollment, LedgerTransfer, Person, TransferKind, User, db
from services import books
from services.enrollment import reversal
from services.waiting import joining
from services.waiting.joining import Asking
from tests.race.clients import Tab, at_the_desk, storm

KIND = os.environ.get("TEST_DATABASE", "sqlite")
SEATS, PEOPLE = 30, 400


@pytest.fixture(scope="module")
def laid_out():
    with installed(KIND) as site:
        ground.foundations(site.app)
        yield site


@pytest.fixture(scope="module")
def clerks(laid_out):
    """One with credit enough for twenty, and one with credit for five."""
    return [ground.clerk(laid_out.app, credit=count * ground.FEE) for count in (20, 5)]


@pytest.fixture(scope="module")
def site(laid_out, clerks):
    laid_out.start()
    return laid_out


def nothing_is_broken(site) -> bool:
    contention.until_quiet(site)
    with site.app.app_context():
        broken = reckoning.broken_invariants()
        db.session.rollback()
    assert broken == []
    return True


def test_processes_sell_every_seat_once(site):
    course_id, code = ground.course(site.app, SEATS)
    people = ground.trainees(site.app, PEOPLE, first=1_000)
    seen = storm([(site.port, person.token, code, 1) for person in people])
    assert seen == {"enrolled": SEATS, "refused": PEOPLE - SEATS}
    assert contention.taken(site, course_id) == SEATS
    assert nothing_is_broken(site)


def test_one_person_in_many_browsers_of_several_machines_is_enrolled_once(site):
    course_id, code = ground.course(site.app, SEATS)
    person = ground.trainees(site.app, 1, first=2_000)[0]
    seen = storm([(site.port, person.token, code, 1)] * 16)
    assert seen["enrolled"] == 1
    assert contention.taken(site, course_id) == 1
    assert nothing_is_broken(site)


def test_forms_sent_again_and_again_by_everybody_count_once(site):
    course_id, code = ground.course(site.app, PEOPLE)
    people = ground.trainees(site.app, 40, first=3_000)
    assert storm([(site.port, person.token, code, 5) for person in people]) == {"enrolled": 40}
    assert contention.taken(site, course_id) == 40
    assert nothing_is_broken(site)


# -- The clerk's desk --------------------------------------------------------------


@pytest.fixture
def forty(site):
    """Twenty who come to pay themselves and twenty of whom nobody knows anything, one after the other."""
    rich, unknown = ground.trainees(site.app, 20, first=4_000), ground.newcomers(site, 20)
    return [one for pair in zip(rich, unknown, strict=True) for one in pair]


def test_one_clerk_in_four_browsers_enrolls_forty_people_at_once_and_mixes_nothing(site, clerks, forty):
    clerk, courses = clerks[0], [ground.course(site.app, 20)[0] for _ in range(4)]
    jars = [desk.signed_in(site.port, clerk.username, ground.PASSWORD) for _ in range(4)]
    tabs, wanted = [], Counter()
    for n, person in enumerate(forty):
        is_new, course_id = isinstance(person, ground.Newcomer), courses[n // 4 % 4]
        payer = clerk.national_code if is_new else person.national_code
        typed = desk.written(
            course_id, "portal_user" if is_new else "trainee", person.mobile, getattr(person, "born", {})
        )
        tabs.append(Tab(site.port, jars[n % 4], person.national_code, typed))
        wanted[person.national_code, person.mobile, course_id, clerk.username, payer, ground.FEE] += 1
    assert at_the_desk(tabs) == {"enrolled": 40}
    assert nothing_is_broken(site)
    assert debits(site, clerk) == wanted
    assert balance(site, clerk) == 0


def debits(site, clerk):
    """Whose code and mobile, which course, by whom, from whose purse and how much, of each debit of a clerk."""
    columns = (Person.national_code, Person.mobile, Enrollment.course_id, User.username, Account.owner_code)
    query = select(*columns, LedgerTransfer.amount).select_from(LedgerTransfer).join(Enrollment).join(Person)
    query = query.join(User, User.id == Enrollment.created_by_id)
    query = query.join(Account, Account.id == LedgerTransfer.from_account_id)
    with site.app.app_context():
        where = (LedgerTransfer.kind == TransferKind.DEBIT, User.username == clerk.username)
        return Counter(tuple(row) for row in db.session.execute(query.where(*where)))


def balance(site, clerk):
    with site.app.app_context():
        return db.session.scalar(select(Account.balance).where(Account.owner_code == clerk.national_code))


def test_of_sixteen_debits_by_processes_on_a_purse_that_holds_five_five_pass(site, clerks):
    clerk, course_id = clerks[1], ground.course(site.app, SEATS)[0]
    people = ground.trainees(site.app, 16, first=5_000)
    jar, typed = desk.signed_in(site.port, clerk.username, ground.PASSWORD), desk.written(course_id, "portal_user")
    tabs = [Tab(site.port, jar, person.national_code, typed) for person in people]
    assert at_the_desk(tabs) == {"enrolled": 5, "refused": 11}
    assert (contention.taken(site, course_id), balance(site, clerk)) == (5, 0)
    assert nothing_is_broken(site)


# -- The waiting list; last, because whoever withdraws is told a second time ---------


def test_seats_freed_during_a_rush_go_to_the_line_alone_and_in_its_order(site):
    course_id, code = ground.course(site.app, 5)
    holders, line = (ground.trainees(site.app, count, first=first) for count, first in ((5, 6_000), (10, 6_100)))
    assert storm([(site.port, person.token, code, 1) for person in holders]) == {"enrolled": 5}
    with site.app.app_context():
        numbers = {row.national_code: row.id for row in db.session.execute(select(Person.id, Person.national_code))}
    for person in line:
        inside(site, joining.join, Asking(str(uuid.uuid4()), course_id, numbers[person.national_code], Channel.SELF))
    strangers = ground.trainees(site.app, 60, first=6_200)
    with ThreadPool(5) as threads:
        leaving = threads.map_async(lambda each: give_up(site, course_id, numbers[each.national_code]), holders)
        assert storm([(site.port, person.token, code, 1) for person in strangers]) == {"refused": 60}
        leaving.get(60)
    seen = [storm([(site.port, person.token, code, 2) for person in some]) for some in (line[5:], line[:5])]
    assert seen == [{"refused": 5}, {"enrolled": 5}]
    assert contention.taken(site, course_id) == 5
    assert inside(site, books.differences).count == 0


def give_up(site, course_id: int, person_id: int) -> None:
    with site.app.app_context():
        row = db.session.scalars(select(Enrollment).filter_by(course_id=course_id, person_id=person_id)).one()
        reversal.withdraw(row.person, row.id)


def inside(site, act, *given):
    with site.app.app_context():
        return act(*given)
