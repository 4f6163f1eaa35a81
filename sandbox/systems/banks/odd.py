"""What a bank answers when it does not answer as it should: for one payment, or for the next call of a kind."""

import sqlite3
from collections.abc import Callable
from typing import Any

from flask import render_template

from sandbox import switches
from sandbox.store import store
from sandbox.systems.banks import book

CALLS = ("request", "verify", "settle", "inquire", "reverse")


def answer(row: sqlite3.Row | None, make: Callable[[], Any]) -> Any:
    """The bank's answer about a payment, unless its payer has chosen another: silence, or a page in its place."""
    if row is None:
        return make()
    if row["odd"] == "silent":
        return switches.never_answer(lambda: book.again(row)["odd"] == "silent")
    if row["odd"] == "html":
        book.set_odd(row, "")
        return render_template("fault.html", title="سامانه در دست به‌روزرسانی است")
    if row["odd"] == "unheard":
        book.set_odd(row, "")
        make()  # the bank has done it, and its answer is lost
        return switches.hang_up()
    return make()


def order(bank: str, call: str, codes: list[str]) -> None:
    """The next calls of this kind are answered with these codes, one each, and nothing is done."""
    with store().write() as connection:
        rows = [(bank, call, code) for code in codes]
        connection.executemany("INSERT INTO bank_answer (bank, call, code) VALUES (?, ?, ?)", rows)


def ordered(bank: str, call: str) -> str | None:
    """The code ordered for this call, taken out of the list."""
    query = """
        DELETE FROM bank_answer WHERE id = (SELECT min(id) FROM bank_answer WHERE bank = ? AND call = ?)
        RETURNING code"""
    with store().write() as connection:
        found = connection.execute(query, (bank, call)).fetchall()
    return found[0]["code"] if found else None
