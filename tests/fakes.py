"""Outside systems that keep their promises in memory and fail on request."""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Flask

from gateways import Gateways
from gateways.banks.base import Bank
from gateways.registry import RegistryPerson

Trouble = list[Exception | Callable[[], object]]


def stumble(trouble: Trouble) -> None:
    """Raise or run the next thing that is to go wrong, if any."""
    if trouble:
        wrong = trouble.pop(0)
        if isinstance(wrong, Exception):
            raise wrong
        wrong()


@dataclass
class Phones:
    """A provider that keeps one message for each key; `lost` failures come after the message was taken."""

    trouble: Trouble = field(default_factory=list)
    lost: Trouble = field(default_factory=list)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    handed_over: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def send(self, uid: str, mobile: str, text: str) -> str:
        stumble(self.trouble)
        self.handed_over[uid] += 1
        self.texts.setdefault(uid, (mobile, text))
        stumble(self.lost)
        return uid

    def find(self, uid: str) -> str | None:
        self.asked[uid] += 1
        return uid if uid in self.texts else None


@dataclass
class Registry:
    """Knows people by code and birth date."""

    people: dict[tuple[str, dt.date], RegistryPerson] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=list)
    asked: int = 0

    def add(self, code: str, birth_date: dt.date, **fields: object) -> None:
        values = {"first_name": "مریم", "last_name": "کریمی", "father_name": "علی", "gender": "female"}
        values |= {"shenasname_no": "12", "alive": True, **fields}
        self.people[code, birth_date] = RegistryPerson(national_code=code, birth_date=birth_date, **values)

    def person(self, national_code: str, birth_date: dt.date) -> RegistryPerson | None:
        self.asked += 1
        stumble(self.trouble)
        return self.people.get((national_code, birth_date))


@dataclass
class Shahkar:
    """Knows who owns which mobile."""

    owners: dict[str, str] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=list)
    provider_code: str = "0785"
    asked: list[str] = field(default_factory=list)

    def matches(self, national_code: str, mobile: str, request_id: str) -> bool:
        self.asked.append(request_id)
        stumble(self.trouble)
        return self.owners.get(mobile) == national_code


@contextlib.contextmanager
def installed(app: Flask, *, banks: dict[str, Bank] | None = None, **systems: object) -> Iterator[None]:
    """The given systems, and gateways of banks by code, stand in for the real ones, which are online meanwhile."""
    online: dict[str, object] = {f"{name.upper()}_MODE": "online" for name in systems}
    online |= {"PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": tuple(banks)} if banks else {}
    before = app.extensions["gateways"], {name: app.config[name] for name in online}
    everybody = {"sso": None, "registry": None, "shahkar": None, "sms": None}
    app.extensions["gateways"] = Gateways(**{**everybody, **systems}, banks=banks or {})
    app.config.update(online)
    try:
        yield
    finally:
        app.extensions["gateways"] = before[0]
        app.config.update(before[1])
