"""What the tests about files of outside systems share: people who wait, an operator, and the file that comes back."""

import csv
import datetime as dt
import io

from models import ImportBatch, Mode, OutsideSystem, Person, Role, UnitKind, db
from services import exchange, imports, lookups, messages, mobiles, outbox, people, submissions
from services.access import Actor, Level
from services.transaction import atomic
from tests import course_cases, make, owed

BORN = dt.date(1991, 4, 15)


def operator() -> Actor:
    return course_cases.actor(make.user(Role.OPERATOR, make.unit(UnitKind.HQ)), Level.OPS)


def put(code: str, mode: str) -> None:
    make.save(OutsideSystem(code=code, mode=Mode(mode)))


def nameless(**over) -> Person:
    """Somebody whose name is owed by the registry."""
    person = make.person(first_name=None, last_name=None, birth_date=BORN, **over)
    with atomic():
        lookups.owe(people.locked(person.id))
    return person


def unchecked(mobile: str = "09121234567") -> Person:
    person = make.person(mobile=mobile, mobile_status="unchecked")
    with atomic():
        mobiles.owe(people.locked(person.id))
    return person


def told(key: str = "k", **over) -> Person:
    person = make.person(**{"mobile": "09121234567", "mobile_status": "matched", **over})
    with atomic():
        messages.tell(person.id, "enrolled", "متن پیام", cause_key=key)
    return person


def gathered(who: Actor, code: str, *, sent: bool = True) -> int:
    batch_id = exchange.gather(who.user_id, code, submissions.new_key())
    assert batch_id is not None
    if sent:
        exchange.send(who.user_id, batch_id)
    return batch_id


def table(batch_id: int) -> list[dict[str, str]]:
    """The file of a batch, each line by the titles of its columns."""
    db.session.rollback()
    titles, *rest = exchange.lines(exchange.get(batch_id))
    return [dict(zip(titles, map(str, line), strict=True)) for line in rest]


def answered(who: Actor, batch_id: int, lines: list[dict[str, str]], *, apply: bool = True) -> ImportBatch:
    """The file comes back with these lines, is read, and its good lines are taken."""
    into = io.StringIO()
    writer = csv.DictWriter(into, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    batch = exchange.get(batch_id)
    file = ("answer.csv", ("\ufeff" + into.getvalue()).encode())
    sent = imports.send(who, exchange.form_of(batch.system), submissions.new_key(), file, exchange.options(batch))
    work()
    if apply and again(who, sent.batch_id).todo_count:
        imports.apply(who, sent.batch_id)
        work()
    return again(who, sent.batch_id)


def work() -> None:
    while rows := [row.id for row in owed.rows("import") if row.state == "open"]:
        for row in rows:
            outbox.handle(row)


def again(who: Actor, batch_id: int) -> ImportBatch:
    db.session.rollback()
    return imports.get(who, batch_id)


def problems(batch: ImportBatch) -> list[str]:
    """What each line that was not taken is told, in the order of the sheet."""
    return [" ".join(row.errors.values()) for row in imports.bad_rows(batch)]


def found(line: dict[str, str], **over: str) -> dict[str, str]:
    """A line of the registry's answer."""
    return line | {"نتیجه": "پیدا شد", "نام": "مریم", "نام خانوادگی": "کریمی", "نام پدر": "علی"} | over
