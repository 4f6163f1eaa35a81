"""What those who wait for a seat are told by SMS: no name and no national code, and what they can do.

`course` is the one behind its lock (services/waiting/offering.py), `row` an entry of its line.
"""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import joinedload

from models import Course, CourseStatus, Message, Unit, WaitlistEntry, WaitState, db, utcnow
from services import jalali, messages, policy, text
from services.waiting import quiet

OFFERED, PASSED, TAKEN_BACK = "seat_offered", "seat_offer_passed", "seat_offer_taken_back"
JOINED, REMOVED, CLOSED = "waitlist_joined", "waitlist_removed", "waitlist_closed"


def joined(course: Any, person_id: int, entry_id: int, place: int) -> None:
    """To somebody whom staff has put into the line."""
    body = (
        f"شما در فهرست انتظار دورهٔ «{course.row.title}» نفر {text.persian_digits(place)} هستید. چیزی کسر نشد. اگر جایی "
        f"خالی شود، با پیامک خبر می‌دهیم و مهلت را می‌نویسیم.{_asks(course.unit)}"
    )
    messages.tell(person_id, JOINED, body, cause_key=f"waiting:{entry_id}:joined")


def offered(course: Any, row: Any, until: datetime) -> None:
    body = (
        f"در دورهٔ «{course.row.title}» جایی برای شما نگه داشته شد، تا {jalali.at(until)}. تا آن وقت ثبت‌نام کنید: "
        f"{_address(course.row)}{_asks(course.unit)} پس از آن، جا به نفر بعد می‌رسد."
    )
    messages.tell(row.person_id, OFFERED, body, cause_key=f"waiting:{row.id}:{row.version}:offered")


def passed(course: Any, row: Any) -> None:
    body = (
        f"مهلت جایی که در دورهٔ «{course.row.title}» برای شما نگه داشته شده بود گذشت و نوبت به نفر بعد رسید. اگر هنوز "
        f"می‌خواهید، دوباره در فهرست انتظار بنشینید: {_address(course.row)}"
    )
    messages.tell(row.person_id, PASSED, body, cause_key=f"waiting:{row.id}:{row.version}:passed")


def taken_back(course: Any, row: Any) -> None:
    body = (
        f"ظرفیت دورهٔ «{course.row.title}» کم شد و جایی که برای شما نگه داشته شده بود دیگر نیست. نوبت شما سر جای خود "
        f"می‌ماند و اگر جایی خالی شود خبر می‌دهیم.{_asks(course.unit)}"
    )
    messages.tell(row.person_id, TAKEN_BACK, body, cause_key=f"waiting:{row.id}:{row.version}:back")


def removed(entry: WaitlistEntry) -> None:
    """By staff; why is said to whoever asks, not in an SMS."""
    course = entry.course
    body = (
        f"مرکز شما را از فهرست انتظار دورهٔ «{course.title}» بیرون آورد. چیزی از شما کسر نشده است.{_asks(course.unit)}"
    )
    messages.tell(entry.person_id, REMOVED, body, cause_key=f"waiting:{entry.id}:removed")


def closed(course: Any, row: Any) -> None:
    gone = course.row.status is CourseStatus.CANCELED
    why = "برگزار نمی‌شود" if gone else "دیگر ثبت‌نام نمی‌کند"
    body = (
        f"دورهٔ «{course.row.title}» {why} و فهرست انتظار آن بسته شد. چیزی از شما کسر نشده است. دوره‌های دیگر: "
        f"{current_app.config['BASE_URL'] or ''}/courses"
    )
    messages.tell(row.person_id, CLOSED, body, cause_key=f"waiting:{row.id}:closed")


def _address(course: Any) -> str:
    return f"{current_app.config['BASE_URL'] or ''}/c/{course.code}"


def _asks(unit: Any) -> str:
    return f" پرسش: {text.persian_digits(unit.phone.replace('-', ''))}." if unit.phone else ""


# -- When they are sent ----------------------------------------------------------------


def _entry(message: Message) -> WaitlistEntry:
    """The entry that a message is about, by its cause, with the course and its unit."""
    unit = joinedload(WaitlistEntry.course).joinedload(Course.unit).joinedload(Unit.province)
    entry_id = int(message.cause_key.split(":")[1])
    return db.session.get_one(WaitlistEntry, entry_id, options=[unit], populate_existing=True)


def _of_running(message: Message) -> str | None:
    """The words of an offer, as long as it runs: nobody is called for a seat that is gone."""
    entry = _entry(message)
    runs = entry.state is WaitState.OFFERED and entry.offer_until is not None and entry.offer_until > utcnow()
    return message.body if runs else None


def _awake(message: Message) -> datetime:
    """When it may be sent at the earliest.

    Source: docs/rules.md R-696.
    """
    values = policy.values((quiet.FROM, quiet.TO), _entry(message).course.unit)
    return quiet.over(utcnow(), int(values[quiet.FROM]), int(values[quiet.TO]))


messages.RENDERED[OFFERED] = _of_running
for _template in (OFFERED, PASSED, TAKEN_BACK, REMOVED, CLOSED):  # who joins at the desk is told at once
    messages.NOT_BEFORE[_template] = _awake
