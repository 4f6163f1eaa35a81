"""Sessions: tokens, idle and longest time, last-seen at most once a minute, and any number side by side."""

import datetime as dt

import pytest
import time_machine

from models import UserSession, db, utcnow
from services import sessions
from services.errors import NotFound
from services.sessions import Owner
from tests import make


def later(**delta):
    return time_machine.travel(utcnow() + dt.timedelta(**delta), tick=False)


@pytest.fixture
def user():
    return make.user()


def test_a_token_is_random_and_only_its_hash_is_stored(user):
    tokens = {sessions.open_staff(user.id) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)
    stored = {row.token_hash for row in db.session.query(UserSession)}
    assert stored == {sessions.token_hash(token) for token in tokens}
    assert not stored & tokens


def test_a_session_is_found_with_user_and_person_in_one_query(user, queries):
    token = sessions.open_staff(user.id)
    db.session.expunge_all()
    with queries() as seen:
        assert sessions.staff(token).user.person.full_name
    assert len(seen) == 1


def test_a_staff_token_is_no_trainee_token_and_the_other_way_round(user):
    assert sessions.trainee(sessions.open_staff(user.id)) is None
    assert sessions.staff(sessions.open_trainee(user.person_id)) is None


def test_an_hour_without_a_click_ends_it_and_a_click_keeps_it(user):
    token = sessions.open_staff(user.id)
    with later(minutes=59):
        assert sessions.staff(token)
    with later(minutes=118):
        assert sessions.staff(token)
    with later(minutes=179):
        assert sessions.staff(token) is None


def test_twelve_hours_end_it_whatever_was_clicked(user):
    token, start = sessions.open_staff(user.id), utcnow()
    for minutes in range(30, 12 * 60, 30):
        with time_machine.travel(start + dt.timedelta(minutes=minutes), tick=False):
            assert sessions.staff(token)
    with time_machine.travel(start + dt.timedelta(hours=12, minutes=1), tick=False):
        assert sessions.staff(token) is None


def test_the_last_visit_is_written_at_most_once_a_minute(user, queries):
    token = sessions.open_staff(user.id)
    for seconds, writes in ((0, 0), (59, 0), (61, 1), (90, 0)):
        with later(seconds=seconds), queries() as seen:
            sessions.staff(token)
        assert sum(statement.startswith("UPDATE") for statement in seen) == writes


def test_an_ended_session_still_tells_whose_it_was(user):
    token = sessions.open_staff(user.id)
    sessions.end(token)
    assert sessions.staff(token) is None
    assert sessions.owner(token) == Owner(user.id, None)
    assert sessions.owner("unknown") is None


def test_a_disabled_user_has_no_session(user):
    token = sessions.open_staff(user.id)
    user.disabled_at = utcnow()
    db.session.commit()
    assert sessions.staff(token) is None


def test_one_sees_and_closes_own_sessions_only(user):
    mine = Owner(user.id, None)
    for _ in range(3):
        sessions.open_staff(user.id, "Firefox، ویندوز", "10.0.0.1")
    sessions.open_staff(make.user().id)
    listed = sessions.mine(mine)
    assert len(listed) == 3
    sessions.close(mine, listed[0].id)
    with pytest.raises(NotFound):
        sessions.close(mine, listed[0].id)
    assert sessions.close_others(mine, keep=listed[1].id) == 1
    assert [row.id for row in sessions.mine(mine)] == [listed[1].id]


def test_what_the_list_shows_is_what_can_still_be_used(user):
    sessions.open_staff(user.id)
    with later(minutes=61):
        assert sessions.mine(Owner(user.id, None)) == []


def test_old_rows_are_purged(user):
    sessions.open_staff(user.id)
    assert sessions.purge(utcnow()) == 0
    assert sessions.purge(utcnow() + dt.timedelta(days=31)) == 1
