"""Sign-ins under way at the national window: requests, codes, tokens and the window's own sessions."""

import secrets
import sqlite3
import time

from sandbox.store import store

REQUEST_S = 600
CODE_S = 120
TOKEN_S = 300
SESSION_S = 3600


def keep_request(redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
    name = secrets.token_urlsafe(16)
    with store().write() as connection:
        connection.execute("DELETE FROM sso_request WHERE at < ?", (time.time() - REQUEST_S,))
        row = (name, redirect_uri, state, nonce, challenge, time.time())
        connection.execute("INSERT INTO sso_request VALUES (?, ?, ?, ?, ?, ?)", row)
    return name


def request_by_id(name: str) -> sqlite3.Row | None:
    with store().read() as connection:
        since = time.time() - REQUEST_S
        return connection.execute("SELECT * FROM sso_request WHERE id = ? AND at > ?", (name, since)).fetchone()


def issue_code(asked: sqlite3.Row, national_code: str) -> str:
    code = secrets.token_urlsafe(24)
    row = (code, asked["redirect_uri"], asked["nonce"], asked["challenge"], national_code, time.time())
    with store().write() as connection:
        connection.execute("INSERT INTO sso_code VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
    return code


def use_code(code: str) -> sqlite3.Row | None:
    """The code's row for the first who comes in time; a second use also takes back what the first one got."""
    with store().write() as connection:
        found = connection.execute(
            "UPDATE sso_code SET used_at = ? WHERE code = ? AND used_at IS NULL AND at > ? RETURNING *",
            (time.time(), code, time.time() - CODE_S),
        ).fetchall()
        if not found:
            connection.execute("DELETE FROM sso_token WHERE code = ?", (code,))
    return found[0] if found else None


def keep_token(code: str, national_code: str) -> str:
    token = secrets.token_urlsafe(32)
    with store().write() as connection:
        connection.execute("INSERT INTO sso_token VALUES (?, ?, ?, ?)", (token, code, national_code, time.time()))
    return token


def token_person(token: str) -> str | None:
    return _owner("SELECT national_code FROM sso_token WHERE token = ? AND at > ?", token, TOKEN_S)


def keep_session(national_code: str) -> str:
    token = secrets.token_urlsafe(32)
    with store().write() as connection:
        connection.execute("INSERT INTO sso_session VALUES (?, ?, ?)", (token, national_code, time.time()))
    return token


def session_person(token: str) -> str | None:
    return _owner("SELECT national_code FROM sso_session WHERE token = ? AND at > ?", token, SESSION_S)


def end_session(token: str) -> None:
    with store().write() as connection:
        connection.execute("DELETE FROM sso_session WHERE token = ?", (token,))


def _owner(query: str, token: str, seconds: int) -> str | None:
    with store().read() as connection:
        row = connection.execute(query, (token, time.time() - seconds)).fetchone()
    return row["national_code"] if row else None
