"""What is still missing of a person who is in a course, each with what they can do about it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Label, Row, Select, bindparam, case, select

from models import IdentityStatus, MobileStatus, Person, PersonPhoto, PhotoState, db
from services import guardians

WINDOW, PHOTO, ME, GUARDIAN = "/auth/sso", "/trainee/photo", "/trainee/me", "/trainee/guardian"


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
    found = (_name(row), _guardian(row), _mobile(row), _photo(row))
    return [lack for lack in found if lack]


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    known = (Person.first_name, Person.last_name, Person.identity_status, Person.mobile_status, Person.birth_date)
    query = select(*known, guardians.stands(Person.id).label("guarded"), *of_photo())
    return query.outerjoin(PersonPhoto, newest_photo(Person.id)).where(Person.id == bindparam("person"))


def _name(row: Row[Any]) -> Lack | None:
    if not row.first_name and not row.last_name:
        todo = "با یک بار ورود تازه از پنجره ملی دولت هوشمند نام خودکار کامل می‌شود. تا آن وقت ثبت‌نام شما برقرار است."
        return Lack("نام ثبت نشده", todo, WINDOW, "ورود با پنجره ملی")
    if row.identity_status is IdentityStatus.DISCREPANCY:
        todo = "نامی که نوشته شده است با نام رسمی شما یکی نیست. مرکز برگزارکننده آن را با کارت ملی شما درست می‌کند."
        return Lack("نام تأیید نشده", todo)
    return None


def _guardian(row: Row[Any]) -> Lack | None:
    if row.guarded or not guardians.is_minor(row.birth_date):
        return None
    todo = "برای کسی که به سن قانونی نرسیده است سرپرست ثبت می‌شود؛ پیامک‌ها به او هم می‌رسد."
    return Lack("سرپرست ثبت نشده", todo, GUARDIAN, "نوشتن سرپرست")


MOBILES = {
    MobileStatus.NONE: ("شمارهٔ همراه ثبت نشده", "پیامکی به شما نمی‌رسد."),
    MobileStatus.NOT_MATCHED: ("شمارهٔ همراه به نام شما نیست", "پیامکی به شما نمی‌رسد."),
}


def _mobile(row: Row[Any]) -> Lack | None:
    if row.mobile_status not in MOBILES:
        return None
    what, why = MOBILES[row.mobile_status]
    todo = f"{why} شماره‌ای را که به نام خودتان است از پنجره ملی دولت هوشمند بگیرید یا بنویسید، یا به مرکز بگویید."
    return Lack(what, todo, ME, "تلفن همراه من")


def _photo(row: Row[Any]) -> Lack | None:
    why = f"{row.photo_reason.rstrip('. ')}." if row.photo_reason else ""
    found: dict[str, Lack] = {
        "none": Lack("عکس پرسنلی نفرستاده‌اید", "عکس برای گواهینامه لازم است.", PHOTO, "فرستادن عکس"),
        "begun": Lack("عکس پرسنلی نیمه‌کاره است", "عکس رسیده و بریدن آن مانده است.", PHOTO, "ادامهٔ کار عکس"),
        "rejected": Lack("عکس پرسنلی پذیرفته نشد", f"{why} عکس دیگری بفرستید.", PHOTO, "فرستادن عکس دیگر"),
    }
    return found.get(photo_stands(row))


# -- The portrait, where it is one thing among others --------------------------------

PHOTO_WORDS = {
    "none": "هنوز نفرستاده‌اید",
    "begun": "نیمه‌کاره",
    "waiting": "در انتظار بررسی مرکز",
    "rejected": "پذیرفته نشد",
    "accepted": "پذیرفته شد",
}


def photo_stands(row: Any) -> str:
    """`none`, `begun` (sent and not cut), or the state of the portrait; `row` has the columns of `of_photo`."""
    if row.photo is PhotoState.WAITING and row.photo_file_id is None:
        return "begun"
    return row.photo.value if row.photo else "none"


def of_photo() -> tuple[Label[Any], ...]:
    """SQL: the columns that tell how a portrait stands, joined by `newest_photo`."""
    whole = (PersonPhoto.state.label("photo"), PersonPhoto.file_id.label("photo_file_id"))
    return (*whole, PersonPhoto.reason.label("photo_reason"))


def newest_photo(person: Any) -> ColumnElement[bool]:
    """SQL: the portrait that holds, else the newest one."""
    mine = select(PersonPhoto.id).where(PersonPhoto.person_id == person, PersonPhoto.state != PhotoState.REPLACED)
    holds = case((PersonPhoto.state == PhotoState.ACCEPTED, 0), else_=1)
    one = mine.order_by(holds, PersonPhoto.id.desc()).limit(1).correlate_except(PersonPhoto).scalar_subquery()
    return PersonPhoto.id == one
