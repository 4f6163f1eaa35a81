"""The books of the four banks: one row for each payment, and what a bank does by itself when time passes."""

import json
import secrets
import sqlite3
import time
from dataclasses import asdict, dataclass

from sandbox.store import store

MINUTE = 60.0
SAYS_UNPAID = ("cancel", "refused")


@dataclass(frozen=True)
class Windows:
    """Seconds: how long a payer may pay, after how long unverified money goes back, how long it can be taken back.

    `verify_s` None means that the money never goes back by itself, `undo_s` None that the bank has no such call.
    """

    visit_s: float
    verify_s: float | None
    undo_s: float | None


WINDOWS = {
    "sadad": Windows(15 * MINUTE, 15 * MINUTE, None),
    "mellat": Windows(15 * MINUTE, 20 * MINUTE, 180 * MINUTE),
    "sep": Windows(20 * MINUTE, 30 * MINUTE, 50 * MINUTE),
    "zarinpal": Windows(30 * MINUTE, None, 30 * MINUTE),
}


@dataclass(frozen=True)
class Asked:
    """What a merchant asks for; the amount is in rials."""

    bank: str
    order_id: str
    amount: int
    callback: str
    token: str
    note: str = ""


@dataclass(frozen=True)
class Paid:
    """What a payer has done: how much, and what the bank will do oddly with it."""

    outcome: str
    amount: int
    odd: str = ""


def windows(bank: str) -> Windows:
    kept = store().meta(f"option_bank_{bank}")
    return Windows(**json.loads(kept)) if kept else WINDOWS[bank]


def set_windows(bank: str, **changes: float | None) -> None:
    """Shorten or stretch a bank's times. Raises TypeError for a time that does not exist."""
    changed = Windows(**{**asdict(windows(bank)), **changes})
    store().set_meta(f"option_bank_{bank}", json.dumps(asdict(changed)))


def ask(asked: Asked, *, once: bool = False) -> bool:
    """Write a request down; False when `once` and this order number was there before."""
    row = (asked.bank, asked.order_id, asked.amount, asked.callback, asked.token, asked.note, time.time())
    with store().write() as connection:
        same = "SELECT 1 FROM bank_payment WHERE bank = ? AND order_id = ?"
        if once and connection.execute(same, (asked.bank, asked.order_id)).fetchone():
            return False
        connection.execute(
            "INSERT INTO bank_payment (bank, order_id, amount, callback, token, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    return True


def by_token(bank: str, token: object) -> sqlite3.Row | None:
    return _one(bank, "token", str(token))


def by_order(bank: str, order_id: object) -> sqlite3.Row | None:
    return _one(bank, "order_id", str(order_id))


def by_reference(bank: str, reference: object) -> sqlite3.Row | None:
    return _one(bank, "reference", str(reference))


def again(row: sqlite3.Row) -> sqlite3.Row:
    """The row as it is now."""
    with store().read() as connection:
        return connection.execute("SELECT * FROM bank_payment WHERE id = ?", (row["id"],)).fetchone()


def newest(most: int, bank: str = "") -> list[sqlite3.Row]:
    for code in WINDOWS:
        _give_back(code)
    with store().read() as connection:
        query = "SELECT * FROM bank_payment WHERE ? IN ('', bank) ORDER BY id DESC LIMIT ?"
        return connection.execute(query, (bank, most)).fetchall()


def count() -> int:
    with store().read() as connection:
        return int(connection.execute("SELECT count(*) AS n FROM bank_payment").fetchone()["n"])


def verified_before(row: sqlite3.Row) -> sqlite3.Row | None:
    """The last payment at this bank whose money has been taken, for who shows its reference a second time."""
    query = """
        SELECT * FROM bank_payment WHERE bank = ? AND id <> ? AND verified_at IS NOT NULL
        ORDER BY amount = ? DESC, id DESC"""
    with store().read() as connection:
        return connection.execute(query, (row["bank"], row["id"], row["amount"])).fetchone()


def is_open(row: sqlite3.Row) -> bool:
    """Whether the payer may still pay."""
    return row["state"] == "asked" and row["at"] + windows(row["bank"]).visit_s > time.time()


def can_undo(row: sqlite3.Row) -> bool:
    within = windows(row["bank"]).undo_s
    return within is not None and row["paid_at"] is not None and row["paid_at"] + within > time.time()


def says_paid(row: sqlite3.Row) -> bool:
    """Whether the payer's browser comes back with good news, true or not."""
    return row["outcome"] not in SAYS_UNPAID


def pay(row: sqlite3.Row, paid: Paid, reference: str) -> bool:
    """The payer's money leaves the card, once."""
    return _change(
        row, "asked",
        {
            "state": "paid", "outcome": paid.outcome, "odd": paid.odd, "paid_amount": paid.amount,
            "reference": reference, "told_reference": reference, "trace": digits(6), "rrn": digits(12),
            "paid_at": time.time(),
        },
    )  # fmt: skip


def give_up(row: sqlite3.Row, outcome: str, told_reference: str | None = None) -> bool:
    """No money moves; a forged return may tell another's reference or one that nobody has given out."""
    state = "canceled" if outcome == "cancel" else "refused"
    told = {"state": state, "outcome": outcome, "told_reference": told_reference, "trace": digits(6), "rrn": digits(12)}
    return _change(row, "asked", told)


def take(row: sqlite3.Row) -> bool:
    """The merchant confirms; False when that had been done."""
    return _change(row, "paid", {"state": "verified", "verified_at": time.time()})


def settle(row: sqlite3.Row) -> bool:
    return _change(row, "verified", {"state": "settled", "settled_at": time.time()})


def reverse(row: sqlite3.Row) -> bool:
    changes = {"state": "reversed", "reversed_at": time.time(), "reversed_by": "merchant"}
    return any(_change(row, state, changes) for state in ("paid", "verified", "settled"))


def set_odd(row: sqlite3.Row, odd: str) -> None:
    _change(row, row["state"], {"odd": odd})


def age(row: sqlite3.Row, seconds: float) -> None:
    """Let this payment be older than it is."""
    with store().write() as connection:
        query = "UPDATE bank_payment SET at = at - :s, paid_at = paid_at - :s WHERE id = :id"
        connection.execute(query, {"s": seconds, "id": row["id"]})


def digits(count: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


def _one(bank: str, column: str, value: str) -> sqlite3.Row | None:
    _give_back(bank)
    query = f"SELECT * FROM bank_payment WHERE bank = ? AND {column} = ? ORDER BY id DESC"  # noqa: S608 our own names
    with store().read() as connection:
        return connection.execute(query, (bank, value)).fetchone()


def _change(row: sqlite3.Row, state: str, changes: dict[str, object]) -> bool:
    marks = ", ".join(f"{name} = ?" for name in changes)
    with store().write() as connection:
        query = f"UPDATE bank_payment SET {marks} WHERE id = ? AND state = ?"  # noqa: S608 our own names
        return connection.execute(query, (*changes.values(), row["id"], state)).rowcount == 1


def _give_back(bank: str) -> None:
    """What nobody has verified in time goes back to the card."""
    within = windows(bank).verify_s
    if within is None:
        return
    now = time.time()
    late = "WHERE bank = ? AND state = 'paid' AND paid_at <= ?"
    with store().read() as connection:
        if not connection.execute(f"SELECT 1 FROM bank_payment {late}", (bank, now - within)).fetchone():  # noqa: S608
            return
    with store().write() as connection:
        query = f"UPDATE bank_payment SET state = 'reversed', reversed_at = ?, reversed_by = 'bank' {late}"  # noqa: S608
        connection.execute(query, (now, bank, now - within))
