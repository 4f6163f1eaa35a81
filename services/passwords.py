"""Passwords: argon2id, with the memory it takes bounded, and the same time spent on users that do not exist."""

import functools
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services import text
from services.errors import DomainError

SHORTEST = 10
LONGEST = 200  # argon2 takes any length; nobody needs more

# OWASP's smallest setting: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_places = threading.BoundedSemaphore(2)  # a rush of sign-ins must not take 19 MiB for each thread at once


def hashed(password: str) -> str:
    with _places:
        return _hasher.hash(_spelled(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; without a hash a dummy is tried, so that the time taken tells nothing."""
    try:
        with _places:
            _hasher.verify(password_hash or _dummy(), _spelled(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def check(password: str, username: str) -> None:
    """Raise a DomainError when a new password is too easy."""
    plain = _spelled(password)
    if len(plain) < SHORTEST:
        length = text.persian_digits(SHORTEST)
        raise DomainError(f"گذرواژه باید دست‌کم {length} نویسه باشد. سه یا چهار واژهٔ بی‌ربط خوب است", field="password")
    if len(plain) > LONGEST:
        raise DomainError(f"گذرواژه باید حداکثر {text.persian_digits(LONGEST)} نویسه باشد", field="password")
    if username and username.casefold() in (plain.casefold(), plain.casefold()[::-1]):
        raise DomainError("گذرواژه همان نام کاربری است. گذرواژهٔ دیگری بنویسید", field="password")
    if len(set(plain)) < 4:
        raise DomainError("گذرواژه از تکرار چند نویسه ساخته شده است. گذرواژهٔ دیگری بنویسید", field="password")


@functools.cache
def _dummy() -> str:
    return _hasher.hash("a password of nobody")


def _spelled(password: str) -> str:
    """Digits in one form: the same person has a Persian keyboard at work and a Latin one at home."""
    return text.digits(password)
