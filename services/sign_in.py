"""Staff sign-in: by password, and by a one-time code that sets one."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from models import OneTimeCode, User, db, utcnow
from services import audit, passwords, seals, sessions, text, throttle
from services.errors import DomainError
from services.sessions import Owner
from services.transaction import atomic

CODE_DIGITS = 8
CODE_VALID = timedelta(hours=24)
CODE_TRIES = 5

WRONG = "نام کاربری یا گذرواژه درست نیست. هر دو را بررسی کنید و دوباره بنویسید."
WRONG_CODE = "نام کاربری و کد با هم درست نیستند. هر کد ۵ بار قابل امتحان است؛ پس از آن کد تازه بگیرید."
EXPIRED_CODE = "زمان این کد تمام شده است. از مدیر خود کد تازه بگیرید."
DISABLED = "این حساب غیرفعال شده است. از مدیر خود بخواهید آن را فعال کند."


def by_password(username: str, password: str, *, browser: str = "", address: str = "") -> str:
    """Sign in and answer the token of the new session.

    Raises:
        TooMany: too many wrong tries.
        DomainError: unknown user or wrong password (the same words), or an account that is switched off.
    """
    tried = throttle.buckets(username, address)
    throttle.count(tried)
    user = find(username)
    known = user.password_hash if user else None
    if not passwords.is_right(known, password) or user is None:
        _note_refusal(user)
        raise DomainError(WRONG)
    if user.disabled_at is not None:
        raise DomainError(DISABLED)
    throttle.forgive(tried)
    with atomic():
        # Comparing takes a while: the account may have got another password, or been switched off, meanwhile.
        same = select(User.id).where(User.id == user.id, User.password_hash == known, User.disabled_at.is_(None))
        if db.session.scalar(same.with_for_update(key_share=True)) is None:
            raise DomainError(WRONG)
        audit.record("signed_in", "user", user.id, actor_id=user.id)
        return sessions.open_staff(user.id, browser, address)


def by_code(username: str, code: str, password: str, *, browser: str = "", address: str = "") -> str:
    """Set a new password by a one-time code, end all other sessions, sign in, and answer the new session's token.

    Raises:
        DomainError: the password is too easy (the code is not used up then), or the code is not right.
        TooMany: too many wrong tries.
    """
    passwords.check(password, username.strip())
    tried = throttle.buckets(username, address)
    throttle.count(tried)
    user = find(username)
    new_hash = passwords.hashed(password)  # made for unknown users too, so that the time taken tells nothing
    _use_code(user, code)
    assert user is not None  # noqa: S101 (an unknown user has no code)
    throttle.forgive(tried)
    with atomic():
        values = {"password_hash": new_hash, "password_epoch": User.password_epoch + 1}
        db.session.execute(update(User).where(User.id == user.id).values(**values))
        sessions.close_others(Owner(user.id, None))
        audit.record("password_set", "user", user.id, actor_id=user.id)
        return sessions.open_staff(user.id, browser, address)


def new_code(user_id: int, issued_by_id: int) -> str:
    """A fresh code for a user; the ones before it stop working. Call inside `atomic()`."""
    code, now = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS)), utcnow()
    void_codes(user_id)
    row = OneTimeCode(user_id=user_id, issued_by_id=issued_by_id, code_hash=_hash(user_id, code))
    row.created_at, row.expires_at = now, now + CODE_VALID
    db.session.add(row)
    return code


def void_codes(user_id: int) -> None:
    """No code of this user works from now on. Call inside `atomic()`."""
    now = utcnow()
    open_ones = update(OneTimeCode).where(OneTimeCode.user_id == user_id, OneTimeCode.expires_at > now)
    db.session.execute(open_ones.values(expires_at=now))


def find(username: str) -> User | None:
    return db.session.scalar(select(User).where(User.username == tidy(username)))


def tidy(username: str) -> str:
    """A user name as it is stored: small letters, ASCII digits, no control characters, no spaces around."""
    return text.plain(text.digits(username)).strip().casefold()


def _use_code(user: User | None, code: str) -> None:
    """Use up the user's newest code; every try counts, before it is compared."""
    typed = "".join(char for char in text.digits(code) if char.isdecimal())
    with atomic():
        row = _newest_code(user.id) if user else None
        if row is not None:
            row.attempts += 1
    # The try above is stored by now, whatever is raised below.
    if user is None or row is None or row.attempts > CODE_TRIES or row.code_hash != _hash(user.id, typed):
        _note_refusal(user)
        raise DomainError(WRONG_CODE, field="code")
    if row.expires_at <= utcnow():
        raise DomainError(EXPIRED_CODE, field="code")
    if user.disabled_at is not None:
        raise DomainError(DISABLED)
    with atomic():
        unused = update(OneTimeCode).where(OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
        if not db.session.execute(unused.values(used_at=utcnow())).rowcount:  # type: ignore[attr-defined]
            raise DomainError(WRONG_CODE, field="code")


def _newest_code(user_id: int) -> OneTimeCode | None:
    query = select(OneTimeCode).where(OneTimeCode.user_id == user_id, OneTimeCode.used_at.is_(None))
    query = query.order_by(OneTimeCode.id.desc()).limit(1).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def _hash(user_id: int, code: str) -> str:
    return seals.mark("one-time code", f"{user_id}:{code}")


def _note_refusal(user: User | None) -> None:
    """A failed try is written down for accounts that exist; what was typed is not."""
    if user is not None:
        audit.record("sign_in_refused", "user", user.id)
