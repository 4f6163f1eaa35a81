"""What is still missing of a person who is in a course, each with what they can do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from models import IdentityStatus, MobileStatus, Person, PersonPhoto, PhotoState, db

WINDOW, PHOTO = "/auth/sso", "/trainee/photo"


@dataclass(frozen=True)
class Lack:
    """`what` is missing, `todo` is what to do; `url` and `button` lead there, where there is a page for it."""

    what: str
    todo: str
    url: str = ""
    button: str = ""


def of_person(person_id: int) -> list[Lack]:
    """Everything that is missing, the most pressing first.

    Source: docs/rules.md R-605.
    """
    row = db.session.connection().execute(_standing(), {"person": person_id}).one()
    found = (_name(row), _mobile(row), _photo(row))
    return [lack for lack in found if lack]


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    newest = select(func.max(PersonPhoto.id)).where(
        PersonPhoto.person_id == Person.id, PersonPhoto.state != PhotoState.REPLACED
    )
    photo = (PersonPhoto.state.label("photo"), PersonPhoto.reason.label("photo_reason"))
    query = select(Person.first_name, Person.last_name, Person.identity_status, Person.mobile_status, *photo)
    joined = query.outerjoin(PersonPhoto, PersonPhoto.id == newest.correlate(Person).scalar_subquery())
    return joined.where(Person.id == bindparam("person"))


def _name(row: Row[Any]) -> Lack | None:
    if not row.first_name and not row.last_name:
        todo = "با یک بار ورود تازه از پنجره ملی دولت هوشمند نام خودکار کامل می‌شود. تا آن وقت ثبت‌نام شما برقرار است."
        return Lack("نام ثبت نشده", todo, WINDOW, "ورود با پنجره ملی")
    if row.identity_status is IdentityStatus.DISCREPANCY:
        todo = "نامی که نوشته شده است با نام رسمی شما یکی نیست. مرکز برگزارکننده آن را با کارت ملی شما درست می‌کند."
        return Lack("نام تأیید نشده", todo)
    return None


MOBILES = {
    MobileStatus.NONE: ("شمارهٔ همراه ثبت نشده", "پیامکی به شما نمی‌رسد."),
    MobileStatus.NOT_MATCHED: ("شمارهٔ همراه به نام شما نیست", "پیامکی به شما نمی‌رسد."),
}


def _mobile(row: Row[Any]) -> Lack | None:
    if row.mobile_status not in MOBILES:
        return None
    what, why = MOBILES[row.mobile_status]
    todo = f"{why} با ورود از پنجره ملی دولت هوشمند شمارهٔ به نام خودتان ثبت می‌شود، یا آن را به مرکز بگویید."
    return Lack(what, todo, WINDOW, "ورود با پنجره ملی")


PHOTOS: dict[PhotoState | None, Callable[[str], Lack]] = {
    None: lambda _: Lack("عکس ۳×۴ نفرستاده‌اید", "عکس برای گواهینامه لازم است.", PHOTO, "فرستادن عکس"),
    PhotoState.REJECTED: lambda why: Lack("عکس پذیرفته نشد", f"{why} عکس دیگری بفرستید.", PHOTO, "فرستادن عکس دیگر"),
}


def _photo(row: Row[Any]) -> Lack | None:
    made = PHOTOS.get(row.photo)
    return made(f"{row.photo_reason.rstrip('. ')}." if row.photo_reason else "") if made else None
