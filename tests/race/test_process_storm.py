"""Four processes of four clients each, over HTTP, go for seats, purses and the same forms at once."""

import os

import pytest

from bench import contention, ground, kills
from bench.installation import installed
from models import db
from tests.race.clients import storm

KIND = os.environ.get("TEST_DATABASE", "sqlite")
SEATS, PEOPLE = 30, 200


@pytest.fixture(scope="module")
def site():
    with installed(KIND) as site:
        ground.foundations(site.app)
        site.start()
        yield site


def nothing_is_broken(site) -> bool:
    contention.until_quiet(site)
    with site.app.app_context():
        broken = kills.broken_invariants()
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
