"""What the national window says of a person: the claims by any of their names, and their values made ours."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from persiantools.jdatetime import JalaliDate

from gateways.errors import Refused, SsoRefused

# The names seen at the window, at brokers before it and in the standard; the first that is present counts. Neither
# capitals nor "_" make another name.
CLAIMS: dict[str, tuple[str, ...]] = {
    "national_code": ("nationalCode", "nationalId", "nationalNumber", "nid"),
    "first_name": ("firstName", "given_name"),
    "last_name": ("lastName", "family_name"),
    "father_name": ("fatherName",),
    "gender": ("gender",),
    "birth_date": ("birthDate",),
    "shenasname_no": ("shenasnamehNo", "shenasnameNo"),
    "mobile": ("mobile", "phone_number"),
    "postal_code": ("postalCode",),
    "address": ("address",),
}
GENDERS = {"male": "male", "m": "male", "مرد": "male", "female": "female", "f": "female", "زن": "female"}
TO_ASCII = {ord(digit): str(value) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(row)}
GREGORIAN_FROM = 1700  # no Jalali year of a living person is so high, no Gregorian one so low

Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, repr=False)
class SsoPerson:
    """Who signed in; all but the first three may be unknown. `birth_date` is Gregorian, `mobile` "09…"."""

    issuer: str
    subject: str
    national_code: str
    first_name: str | None
    last_name: str | None
    father_name: str | None
    gender: str | None
    birth_date: datetime.date | None
    shenasname_no: str | None
    mobile: str | None
    postal_code: str | None
    address: str | None
    id_token: str


def table(words: str) -> Table:
    """`CLAIMS` with further names before them, from a setting such as "national_code=melliCode mobile=cell,msisdn".

    Raises:
        ValueError: a word of it is no such thing.
    """
    found = dict(CLAIMS)
    for word in words.split():
        field, _, names = word.partition("=")
        if field not in CLAIMS or not all(names.split(",")):
            raise ValueError(f"SSO_CLAIMS: {word!r} is not one of {', '.join(CLAIMS)} with names of claims after a =")
        found[field] = (*names.split(","), *found[field])
    return found


def person(issuer: str, known: dict[str, Any], told: dict[str, Any], id_token: str, names: Table = CLAIMS) -> SsoPerson:
    """Who this is by the id token (`known`) and the user info (`told`), which counts more.

    Raises:
        Refused: neither holds a national code.
        SsoRefused: they hold two.
    """
    claims = {_plain(name): value for source in (known, told) for name, value in source.items() if value is not None}
    values = {field: _first(claims, spellings) for field, spellings in names.items()}
    return SsoPerson(
        issuer=issuer,
        subject=known["sub"],
        national_code=_one_code((known, told), names["national_code"]),
        first_name=values["first_name"],
        last_name=values["last_name"],
        father_name=values["father_name"],
        gender=GENDERS.get((values["gender"] or "").lower()),
        birth_date=_date(values["birth_date"]),
        shenasname_no=(values["shenasname_no"] or "").translate(TO_ASCII) or None,
        mobile=None if claims.get("phonenumberverified") is False else _mobile(values["mobile"]),
        postal_code=(values["postal_code"] or "").translate(TO_ASCII) or None,
        address=values["address"],
        id_token=id_token,
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _one_code(sources: tuple[dict[str, Any], ...], names: tuple[str, ...]) -> str:
    """The one national code that is said, however often and under whatever name."""
    wanted = {_plain(name) for name in names}
    said = (_code(value) for source in sources for name, value in source.items() if _plain(name) in wanted)
    codes = {code for code in said if code}
    if not codes:
        raise Refused("no_national_code")
    if len(codes) > 1:
        raise SsoRefused("two_codes")
    return codes.pop()


def _code(value: Any) -> str | None:
    """Ten digits: the window sends the code as a number, without its zeros, or in Persian digits."""
    digits = (_text(value) or "").translate(TO_ASCII)
    plain = digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 10
    return digits.zfill(10) if plain else None


def _first(claims: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := _text(claims.get(_plain(name))))), None)


def _text(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) and not isinstance(value, bool) else None


def _date(text: str | None) -> datetime.date | None:
    """A Jalali "1370/01/01", "1370-1-1" or "13700101", or the same day in the Gregorian calendar; else None."""
    digits = (text or "").translate(TO_ASCII).replace("-", "/")
    pieces = digits.split("/") if "/" in digits else [digits[:4], digits[4:6], digits[6:]]
    if len(pieces) != 3 or not all(piece.isascii() and piece.isdigit() and len(piece) <= 4 for piece in pieces):
        return None
    year, month, day = map(int, pieces)
    try:
        if year >= GREGORIAN_FROM:
            return datetime.date(year, month, day)
        date: datetime.date = JalaliDate(year, month, day).to_gregorian()
    except ValueError:
        return None
    return date


def _mobile(text: str | None) -> str | None:
    digits = (text or "").translate(TO_ASCII).lstrip("+").removeprefix("0098").removeprefix("98").removeprefix("0")
    return "0" + digits if len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[0] == "9" else None
