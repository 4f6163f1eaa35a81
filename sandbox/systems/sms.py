"""Magfa's text message interface, version 2, and the phones that get the messages."""

import re
import sqlite3
from typing import Any

from flask import current_app, request

from sandbox import switches
from sandbox.store import now, store
from sandbox.switches import System, is_wrong

blueprint = switches.blueprint("sms", "/sms/api/http/sms/v2")
SYSTEM = System(
    code="sms",
    title="سامانهٔ پیامک",
    does="پیامک را می‌گیرد و به تلفن همراه می‌رساند.",
    wrong="پیامک را می‌رساند ولی در پاسخ، شناسهٔ آن را نمی‌گوید.",
    blueprint=blueprint,
)
RECIPIENT = re.compile(r"(?:\+?98|0)?(9[0-9]{9})")
BAD_RECIPIENT, EMPTY, BAD_LOGIN, BAD_JSON, LENGTHS_DIFFER = 1, 13, 18, 31, 101
FIRST_ID = 4_000_000_000
NOT_HERE, DELIVERED = -1, 1


@blueprint.before_request
def require_login() -> Any:
    given = request.authorization
    login = (given.username, given.password) if given and given.type == "basic" else None
    return None if login == current_app.extensions["settings"].sms_login else {"status": BAD_LOGIN}


@blueprint.post("/send")
def send() -> Any:
    body = request.get_json(silent=True)
    columns = _columns(body)
    if columns is None:
        return {"status": BAD_JSON, "messages": []}
    senders, recipients, texts, uids = columns
    if not recipients or not len(senders) == len(recipients) == len(texts) == len(uids):
        return {"status": LENGTHS_DIFFER, "messages": []}
    answers = [_take(*one) for one in zip(senders, recipients, texts, uids, strict=True)]
    return {"status": 0, "messages": [] if is_wrong() else answers}


@blueprint.get("/mid/<uid>")
def mid(uid: str) -> Any:
    if is_wrong():
        return {"status": 0}
    with store().read() as connection:
        row = connection.execute("SELECT id FROM message WHERE uid = ?", (uid,)).fetchone()
    return {"status": 0, "mid": row["id"] if row else NOT_HERE}


@blueprint.get("/statuses/<ids>")
def statuses(ids: str) -> Any:
    asked = [int(one) for one in ids.split(",") if one.isascii() and one.isdigit() and len(one) < 19]
    if is_wrong():
        return {"status": 0, "dlrs": None}
    marks = ",".join("?" * len(asked))
    with store().read() as connection:
        rows = connection.execute(f"SELECT id, at FROM message WHERE id IN ({marks})", asked)  # noqa: S608 marks only
        times = {row["id"]: row["at"] for row in rows}
    return {
        "status": 0,
        "dlrs": [
            {"mid": one, "status": DELIVERED if one in times else NOT_HERE, "date": times.get(one)} for one in asked
        ],
    }


@blueprint.get("/balance")
def balance() -> Any:
    return {"status": 0, "balance": 1_000_000}


def phones() -> list[sqlite3.Row]:
    """Every phone that got something: mobile, how many, and the last text, which SQLite takes from the row of max."""
    query = """
        SELECT mobile, text, max(id) AS last_id, count(*) AS n FROM message GROUP BY mobile ORDER BY last_id DESC"""
    with store().read() as connection:
        return connection.execute(query).fetchall()


def messages(mobile: str | None = None) -> list[sqlite3.Row]:
    """The messages of one phone, or of all, oldest first, with how often each was handed over."""
    query = """
        SELECT message.*, coalesce(uid_count.n, 1) AS n FROM message LEFT JOIN uid_count USING (uid)
        WHERE ? IS NULL OR mobile = ? ORDER BY id"""
    with store().read() as connection:
        return connection.execute(query, (mobile, mobile)).fetchall()


def _columns(body: Any) -> tuple[list[Any], list[Any], list[Any], list[Any]] | None:
    if not isinstance(body, dict):
        return None
    senders, recipients, texts, uids = (body.get(name) for name in ("senders", "recipients", "messages", "uids"))
    if not (isinstance(senders, list) and isinstance(recipients, list) and isinstance(texts, list)):
        return None
    return senders, recipients, texts, uids if isinstance(uids, list) else [None] * len(recipients)


def _take(sender: object, recipient: object, text: object, uid: object) -> dict[str, Any]:
    found = RECIPIENT.fullmatch(str(recipient))
    if found is None:
        return {"status": BAD_RECIPIENT, "recipient": recipient, "userId": uid}
    if not isinstance(text, str) or not text.strip():
        return {"status": EMPTY, "recipient": recipient, "userId": uid}
    parts, alphabet = _measure(text)
    number = _deliver(None if uid is None else str(uid), "0" + found.group(1), (str(sender), text, parts, now()))
    return {
        "status": 0,
        "id": number,
        "userId": uid,
        "parts": parts,
        "tariff": 1800.0 * parts,
        "alphabet": alphabet,
        "recipient": recipient,
    }


def _deliver(uid: str | None, mobile: str, rest: tuple[str, str, int, str]) -> int:
    """Put the message on the phone, unless one with this key is there; each attempt is counted."""
    with store().write() as connection:
        if uid is not None:
            connection.execute("INSERT INTO uid_count VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (uid,))
            row = connection.execute("SELECT id FROM message WHERE uid = ?", (uid,)).fetchone()
            if row:
                return int(row["id"])
        query = """
            INSERT INTO message (id, uid, mobile, sender, text, parts, at)
            VALUES ((SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0), ?) + 1),
                    ?, ?, ?, ?, ?, ?)"""
        return int(connection.execute(query, (FIRST_ID, uid, mobile, *rest)).lastrowid or 0)


def _measure(text: str) -> tuple[int, str]:
    latin = text.isascii()
    single, split = (160, 153) if latin else (70, 67)
    units = len(text) if latin else len(text.encode("utf-16-le")) // 2
    return (1 if units <= single else -(-units // split)), "DEFAULT" if latin else "UCS2"
