"""People who fill their own purse at the sandbox's banks while every process is killed now and then.

Every third one never comes back from the bank, and every third one comes back twice.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import text

from bench.browser_like import Visitor
from bench.ground import Trainee
from bench.installation import Installation
from models import db
from services.transaction import atomic

BANKS = ("sadad", "sep", "zarinpal")
TOKEN = re.compile(r"(?:token=|StartPay/)([^&?]+)$", re.IGNORECASE)
Again = Callable[[Callable[[], Any]], Any]


@dataclass
class Payers:
    """`again` repeats what the line or a killed server has cut off; `paid` are (bank, token) of what was paid there."""

    site: Installation
    people: list[Trainee]
    again: Again
    paid: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> None:
        visitor = Visitor(self.site.port, timeout_s=20)
        for number, person in enumerate(self.people):
            visitor.cookies = {"doreh_trainee": person.token}
            bank = BANKS[number % len(BANKS)]
            token = self._to_the_bank(visitor, bank)
            if token:
                self._pay(visitor, bank, token, times=number % 3)
        visitor.close()

    def _to_the_bank(self, visitor: Visitor, bank: str) -> str:
        """The token of a visit: the page, the basket, the button; each form again with its key until it is answered."""
        own = self.again(lambda: visitor.get("/pay").form("/pay/own"))
        basket = own and self.again(lambda: _led(visitor, "/pay/own", own))
        form = basket and self.again(lambda: visitor.get(basket).form(f"{basket}/go"))
        return str(form and self.again(lambda: _token(visitor, f"{basket}/go", form | {"bank": bank})) or "")

    def _pay(self, visitor: Visitor, bank: str, token: str, times: int) -> None:
        chosen = {"bank": bank, "token": token, "outcome": "pay"}
        back = requests.post(f"{self.site.sandbox}/control/bank/pay", json=chosen, timeout=60).json()["back"]
        self.paid.append((bank, token))
        where = urlsplit(back["url"])
        for _ in range(times):
            if back["method"] == "GET":
                self.again(lambda: visitor.get(f"{where.path}?{where.query}").status == 303)
            else:
                self.again(lambda: visitor.post(where.path, back["fields"]).status == 303)

    def hurry(self) -> None:
        """Nobody waits here for the minutes after which banks are asked again."""
        banks = ", ".join(f"'{bank}'" for bank in BANKS)
        with self.site.app.app_context(), atomic():
            db.session.execute(text("UPDATE payment SET ask_until = created_at WHERE settled_at IS NULL"))
            due = f"UPDATE outbox SET next_try_at = created_at, lease_until = NULL WHERE topic IN ({banks})"  # noqa: S608
            db.session.execute(text(f"{due} AND state = 'open' AND lease_until = next_try_at"))

    def wrong(self) -> list[str]:
        """Who did not get to a bank, and what was paid there and filled no purse."""
        stranded = len(self.people) - len(self.paid)
        known = {(row.gateway, row.token): row.state for row in db.session.execute(text(STATES))}
        lost = [f"{bank} was paid, and the payment is {known.get((bank, token))}" for bank, token in self.paid
                if known.get((bank, token)) != "verified"]  # fmt: skip
        return [*lost, *([f"{stranded} did not get to a bank"] if stranded else [])]


STATES = "SELECT gateway, token, state FROM payment WHERE token IS NOT NULL"


def _led(visitor: Visitor, path: str, form: dict[str, str]) -> str:
    answer = visitor.post(path, form)
    return answer.location if answer.status == 303 else ""


def _token(visitor: Visitor, path: str, form: dict[str, str]) -> str:
    """The token in the address of the bank; a form that another process had begun leads to its receipt at first."""
    answer = visitor.post(path, form)
    found = TOKEN.search(answer.headers.get("location", ""))
    time.sleep(0 if found else 1)
    return found.group(1) if found else ""
