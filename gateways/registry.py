"""The civil registry: who is the person with this national code and birth date.

The record has the field names of the registry's own person service: the national code as a number that has lost its
leading zeros, texts as base64 of bytes (UTF-8, or the old Arabic code page where they are not), gender and dates as
integers, the latter Jalali. `result` null with code 1 means that no such person exists.
"""

import base64
import binascii
import datetime
from dataclasses import dataclass, field
from typing import Any

from persiantools.jdatetime import JalaliDate

from gateways.errors import Temporary, Unanswered
from gateways.http import call

PATH = "/api/SabtAhval/PersonalInformation"
NOT_FOUND = "1"
GENDERS = {"0": "female", "1": "male"}
DEAD = "1"


@dataclass(frozen=True, repr=False)
class RegistryPerson:
    """One person as registered; names are as received and may hold Arabic letters."""

    national_code: str
    first_name: str
    last_name: str
    father_name: str | None
    gender: str | None
    birth_date: datetime.date
    shenasname_no: str | None
    alive: bool


@dataclass(frozen=True)
class Registry:
    url: str
    client_id: str = field(repr=False)
    timeout_s: float

    def person(self, national_code: str, birth_date: datetime.date) -> RegistryPerson | None:
        """The person, or None when the registry knows nobody with this code and birth date.

        Raises:
            Temporary, Refused, Unanswered: no judgment about the person can be drawn from any of them.
        """
        question = {
            "nationalCode": national_code,
            "birthDate": JalaliDate(birth_date).strftime("%Y%m%d"),
            "clientId": self.client_id,
        }
        answer = call("POST", self.url.rstrip("/") + PATH, self.timeout_s, payload=question).document()
        if answer.get("isSuccessful") is not True:
            raise Temporary(f"registry_{_short(answer.get('code'))}")
        record = answer.get("result")
        if record is None and _short(answer.get("code")) == NOT_FOUND:
            return None
        if not isinstance(record, dict):
            raise Unanswered("no_record")
        person = _person(record)
        if person.national_code != national_code or person.birth_date != birth_date:
            raise Unanswered("other_person")
        return person


def _person(record: dict[str, Any]) -> RegistryPerson:
    try:
        return RegistryPerson(
            national_code=str(int(record["nin"])).zfill(10),
            first_name=_text(record["name"]),
            last_name=_family(record),
            father_name=_text(record.get("fatherName") or "") or None,
            gender=GENDERS.get(_number(record.get("gender"))),
            birth_date=_date(record["birthDate"]),
            shenasname_no=None if record.get("shenasnameNo") is None else str(record["shenasnameNo"]),
            alive=not _is_dead(record),
        )
    except (KeyError, ValueError, TypeError, OverflowError):
        raise Unanswered("bad_record") from None


def _family(record: dict[str, Any]) -> str:
    """The family name between its prefix and postfix; where these are mere flags, the name holds them already."""
    around = (record.get("prefix"), record["family"], record.get("postfix"))
    return " ".join(filter(None, (_text(part) for part in around if isinstance(part, str | list))))


def _text(encoded: str | list[int]) -> str:
    """Bytes as base64, or as numbers, which are signed where the service is written in Java."""
    try:
        raw = bytes(n % 256 for n in encoded) if isinstance(encoded, list) else base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1256")


def _is_dead(record: dict[str, Any]) -> bool:
    """By the flag or by the date; 0 in either is nothing."""
    return _number(record.get("deathStatus")) == DEAD or _number(record.get("deathDate")) not in ("", "0")


def _number(value: object) -> str:
    """A whole number as its digits, whether it came as a number or as text; "" for anything else."""
    digits = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return str(int(digits)) if digits.isdecimal() else ""


def _date(number: int | str) -> datetime.date:
    year, rest = divmod(int(number), 10000)
    date: datetime.date = JalaliDate(year, *divmod(rest, 100)).to_gregorian()
    return date


def _short(code: object) -> str:
    """An answer's code as a word for logs, cut so that no text of theirs gets in."""
    text = str(code)
    return text if text.isascii() and text.isalnum() and len(text) <= 12 else "other"
