"""Guessing is slowed down, even a hundred guesses at once, and the time taken tells nothing."""

import threading
import time

import pytest

from models import SignInThrottle, db, utcnow
from services import passwords, throttle
from services.errors import DomainError, TooMany
from tests import make


def test_many_tries_at_the_same_moment_do_not_slip_through(app):
    passed, barrier = [], threading.Barrier(16)

    def guess():
        barrier.wait()
        with app.app_context():
            try:
                throttle.count(throttle.buckets("clerk9", "10.0.0.1"))
                passed.append(1)
            except TooMany:
                pass
            finally:
                db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(passed) == 5
    assert max(row.failures for row in db.session.query(SignInThrottle)) == 5


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", "not an address", True),
    ],
)
def test_an_address_counts_as_its_network(one, two, same):
    assert (throttle.network(one) == throttle.network(two)) is same


def test_one_address_for_many_names_is_slowed_down_too():
    for n in range(60):
        throttle.count(throttle.buckets(f"user{n}", "10.0.0.1"))
    with pytest.raises(TooMany) as caught:
        throttle.count(throttle.buckets("somebody", "10.0.0.1"))
    assert 0 < caught.value.seconds <= 61
    throttle.count(throttle.buckets("somebody", "10.0.0.2"))


def test_what_is_old_is_forgotten():
    throttle.count(throttle.buckets("clerk9", "10.0.0.1"))
    assert throttle.purge(utcnow()) == 0
    assert throttle.purge(utcnow() + throttle.FORGOTTEN * 2) == 3


def test_an_unknown_user_takes_as_long_as_a_wrong_password():
    known, spent = passwords.hashed("doreh-demo"), {True: [], False: []}
    passwords.is_right(None, "wrong-password")  # makes the dummy
    for is_known in (True, False) * 9:
        begin = time.thread_time()  # work done, so that a busy machine does not count
        passwords.is_right(known if is_known else None, "wrong-password")
        spent[is_known].append(time.thread_time() - begin)
    assert 0.4 < min(spent[True]) / min(spent[False]) < 2.5


def test_a_hash_is_argon2id_with_the_agreed_cost_and_never_the_password():
    password_hash = passwords.hashed("doreh-demo")
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(password_hash, "doreh-demo")
    assert not passwords.is_right(password_hash, "doreh-demO")
    assert not passwords.is_right("damaged", "doreh-demo")


def test_the_password_of_nobody_signs_nobody_in():
    assert not passwords.is_right(None, "a password of nobody")


@pytest.mark.parametrize(
    "bad", ["", "short", "clerk9clerk9x"[:9], "CLERK.NINE", "enin.krelc", "aaaaaaaaaaaa", "x" * 201]
)
def test_an_easy_password_is_refused_with_a_sentence(bad):
    with pytest.raises(DomainError) as caught:
        passwords.check(bad, "clerk.nine")
    assert caught.value.field == "password"


def test_a_phrase_is_a_good_password():
    passwords.check("چهار واژهٔ بی ربط", "clerk9")
    assert passwords.is_right(passwords.hashed("رمز ۱۲۳۴۵۶۷"), "رمز 1234567")
    assert make.user(username="clerk9").password_hash is None
