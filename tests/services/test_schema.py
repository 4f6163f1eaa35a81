"""The migrated database is the one that the models describe, guards included; and it refuses what it must."""

import contextlib
import datetime as dt
import re

import pytest
from sqlalchemy import MetaData, create_engine, inspect, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import (
    APPEND_ONLY,
    AttendanceMark,
    AuditEvent,
    Base,
    ChecklistSignature,
    Course,
    CourseEvent,
    DayClosing,
    DeliveryEvent,
    Enrollment,
    EnrollmentEvent,
    FileAccess,
    IdentityEvent,
    Inquiry,
    InquiryKind,
    Instructor,
    InstructorEvent,
    LicenseEvent,
    LicenseVisit,
    Message,
    Payment,
    PaymentEvent,
    PaymentState,
    RecordEvent,
    ServiceKind,
    ServiceRecord,
    SlipPrint,
    Stocktake,
    StocktakeCount,
    Unit,
    UnitKind,
    db,
    utcnow,
)
from services import database
from tables import guards
from tests import attachments, make
from tests.web import pages


@pytest.fixture
def created(tmp_path) -> Engine:
    """A database made from the models alone, beside the migrated one of the test."""
    if db.engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path}/created.sqlite3"
        engine = create_engine(url, **database.engine_options(url))
        database.listen(engine)
        Base.metadata.create_all(engine)
        yield engine
        engine.dispose()
        return
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS created CASCADE"))
        connection.execute(text("CREATE SCHEMA created"))
    engine = create_engine(db.engine.url, connect_args={"options": "-c search_path=created"})
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA created CASCADE"))


def shape(engine: Engine, schema: str | None = None) -> dict[str, object]:
    """Columns, keys, checks, indexes, triggers and views of a database, spelled the same for both."""
    metadata = MetaData(schema=schema)
    metadata.reflect(engine)
    look = inspect(engine)
    found: dict[str, object] = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        found[f"{table.name} columns"] = sorted((c.name, str(c.type), c.nullable) for c in table.columns)
        found[f"{table.name} checks"] = sorted(
            (c["name"], tidy(c["sqltext"])) for c in look.get_check_constraints(table.name, schema=schema)
        )
        found[f"{table.name} unique"] = sorted(
            (c["name"], tuple(c["column_names"])) for c in look.get_unique_constraints(table.name, schema=schema)
        )
        found[f"{table.name} foreign"] = sorted(
            (c["name"], tuple(c["constrained_columns"]), c["referred_table"])
            for c in look.get_foreign_keys(table.name, schema=schema)
        )
    return found | others(engine, schema or "public")


def others(engine: Engine, schema: str) -> dict[str, object]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(
                text(
                    "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view', 'index') AND sql <> ''"
                )
            )
            return {f"{kind} {name}": tidy(sql) for kind, name, sql in rows}
        queries = (
            "SELECT 'index', indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = :s AND tablename <> 'alembic_version'",
            "SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = :s",
            "SELECT 'trigger', tgname, pg_get_triggerdef(t.oid) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :s AND NOT tgisinternal",
        )
        rows = [row for query in queries for row in connection.execute(text(query), {"s": schema})]
    return {f"{kind} {name}": tidy(sql.replace(f"{schema}.", "")) for kind, name, sql in rows}


def tidy(sql: str) -> str:
    return re.sub(r"[\s\"()]+", " ", sql).strip()


def test_the_models_and_the_migrations_make_the_same_database(created):
    schema = None if created.dialect.name == "sqlite" else "created"
    wanted, migrated = shape(created, schema), shape(db.engine)
    assert migrated == wanted


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_an_append_only_table_has_its_guards_in_the_migrated_database(table):
    names = [name for name in others(db.engine, "public") if name.startswith(f"trigger {table}_no_")]
    assert len(names) == (3 if db.engine.dialect.name == "sqlite" else 2)


CHANGE = "UPDATE {table} SET at = '2000-01-01 00:00:00+00:00'"
OTHER_TIME = "ON CONFLICT (id) DO UPDATE SET at = '2000-01-01 00:00:00+00:00'"
ATTACKS = {
    "sqlite": {
        "change": CHANGE,
        "delete": "DELETE FROM {table}",
        "replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "upsert": f"INSERT INTO {{table}} SELECT * FROM {{table}} WHERE true {OTHER_TIME}",
    },
    "postgresql": {
        "change": CHANGE,
        "delete": "DELETE FROM {table}",
        "replace": "TRUNCATE {table} CASCADE",
        "upsert": f"INSERT INTO {{table}} OVERRIDING SYSTEM VALUE SELECT * FROM {{table}} {OTHER_TIME}",
    },
}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("attack", ["change", "delete", "replace", "upsert"])
def test_a_row_of_an_append_only_table_can_be_neither_changed_nor_deleted_nor_replaced(table, attack):
    before = one_row(table)
    statement = ATTACKS[db.engine.dialect.name][attack].format(table=table)
    for recursive in (True, False):
        with pytest.raises(DBAPIError, match="append-only"):
            run(statement, recursive=recursive)
    assert rows(table) == before


def run(statement: str, *, recursive: bool = True) -> None:
    """One statement, also as from a tool that does not know our settings and leaves recursive triggers off."""
    try:
        with db.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text(f"PRAGMA recursive_triggers={recursive:d}"))
            connection.execute(text(statement))
    finally:
        db.engine.dispose()  # the setting stays with the connection


def one_row(table: str) -> list[tuple]:
    """The rows of the table, of which there is at least one."""
    course, person = make.course(), make.person()
    enrollment = pages.enroll(course, person)
    message = make.save(Message(person_id=person.id, cause_key="k", template="enrolled", body="b"))
    step = {"level": "center", "source": "draft", "target": "center_review"}
    make.purse(balance=120_000)
    make.save(CourseEvent(course_id=course.id, action="send", course_version=1, **step))
    signature = {"signature_key": "k", "actor_id": course.entered_by_id, "level": "center", "items": ["safety"]}
    make.save(ChecklistSignature(course_id=course.id, course_version=1, **signature))
    make.save(EnrollmentEvent(enrollment_id=enrollment.id, action="enroll"))
    make.save(SlipPrint(enrollment_id=enrollment.id))
    make.save(IdentityEvent(person_id=person.id, field="name", step="filled", source="sso"))
    make.save(Inquiry(person_id=person.id, kind=next(iter(InquiryKind)), request_id="r", outcome="match"))
    make.save(DeliveryEvent(message_id=message.id, state="sent"))
    make.save(AuditEvent(action="a", subject="b"))
    _payments(course.entered_by_id)
    _inventory()
    _people_who_teach(course, enrollment)
    found = rows(table)
    assert found, f"no builder for a row of {table}"
    return found


def _payments(user_id: int) -> Payment:
    """A visit to a bank with what it said, and a day that was closed."""
    keys = {"order_number": 7, "receipt_key": "r", "form_key": "f"}
    payment = make.save(Payment(gateway="sadad", amount=50_000, **keys))
    make.save(PaymentEvent(payment_id=payment.id, kind="asked"))
    sums = {"our_count": 0, "our_rials": 0, "bank_count": 0, "bank_rials": 0}
    day = dt.date(2026, 11, 22)
    make.save(DayClosing(closing_key="sadad:1", gateway="sadad", day=day, closed_by_id=user_id, **sums))
    return payment


def _inventory() -> None:
    """A file that somebody looked at, and equipment that was received, counted and serviced."""
    user, item, today = make.user(), make.item(), dt.date(2026, 11, 22)
    document = attachments.ready(user, db.session.get(Unit, item.unit_id))
    make.save(FileAccess(file_id=document.id, user_id=user.id, part="whole"))
    where = {"unit_id": item.unit_id, "province_id": item.province_id}
    count = make.save(Stocktake(workshop_id=item.workshop_id, opened_by_id=user.id, **where))
    said = {"quantity": 5, "serviceable": 5, "book_quantity": 5, "book_serviceable": 5}
    make.save(StocktakeCount(stocktake_id=count.id, item_id=item.id, count_key="k", counted_by_id=user.id, **said))
    service = {"kind": ServiceKind.SERVICE, "done_on": today, "done_by": "تعمیرکار"}
    make.save(ServiceRecord(item_id=item.id, user_id=user.id, **service))


def _people_who_teach(course: Course, enrollment: Enrollment) -> None:
    """An instructor with a degree, an academy with a license that was visited, and a mark of attendance."""
    user, teacher = make.user(), make.first(Instructor)
    said = {"actor_id": user.id, "action": "recorded"}
    make.save(InstructorEvent(instructor_id=teacher.id, **said))
    make.save(RecordEvent(record_id=make.education(teacher).id, level="center", **said))
    held = make.license_(make.unit(kind=UnitKind.ACADEMY))
    make.save(LicenseEvent(license_id=held.id, level="center", **said))
    visit = {"kind": "equipment", "outcome": "passed", "visited_on": dt.date(2026, 11, 22), "visitor": "کارشناس"}
    make.save(LicenseVisit(license_id=held.id, actor_id=user.id, **visit))
    mark = {"mark_key": "k", "presence": "present", "held": True, "said_at": utcnow()}
    whose = {"session_id": make.meeting(course).id, "enrollment_id": enrollment.id, "actor_id": user.id}
    make.save(AttendanceMark(**whose, **mark))


def rows(table: str) -> list[tuple]:
    db.session.rollback()
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]


def test_the_guards_know_every_unique_key_of_an_append_only_table():
    look = inspect(db.engine)
    found = [(table, *each["column_names"]) for table in APPEND_ONLY for each in look.get_unique_constraints(table)]
    assert found == list(guards.KEYS.items())


def test_no_transfer_is_put_in_the_place_of_one_with_the_same_cause():
    before = one_row("ledger_transfer")
    is_sqlite = db.engine.dialect.name == "sqlite"
    columns = "from_account_id, to_account_id, kind, amount, cause_key, at"
    how = "INSERT OR REPLACE" if is_sqlite else "INSERT"
    statement = f"{how} INTO ledger_transfer ({columns}) SELECT {columns.replace('amount', '1')} FROM ledger_transfer"
    with contextlib.nullcontext() if is_sqlite else pytest.raises(IntegrityError):
        run(statement, recursive=False)
    assert rows("ledger_transfer") == before
    assert db.session.scalar(text("SELECT sum(balance) FROM account")) == 120_000


def test_a_database_time_without_a_zone_is_a_bug_and_refused():
    import datetime as dt

    from models import CronRun

    db.session.add(CronRun(name="x", slot="y", at=dt.datetime(2026, 1, 1)))  # noqa: DTZ001 (that is the point)
    with pytest.raises(Exception, match="naive datetime"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    "change",
    [{"state": "created"}, {"amount": 1}, {"gateway": "sep"}, {"order_number": 8}],
    ids=["back", "amount", "gateway", "order number"],
)
def test_a_payment_goes_forward_only_and_keeps_what_it_was_made_with(change):
    payment = _payments(make.user().id)
    db.session.execute(update(Payment).values(state=PaymentState.REDIRECTED))
    db.session.commit()
    with pytest.raises(DBAPIError, match="forward only"):
        db.session.execute(update(Payment).values(**change))
    db.session.rollback()
    assert db.session.get_one(Payment, payment.id, populate_existing=True).state is PaymentState.REDIRECTED


@pytest.mark.parametrize("end", ["failed", "expired", "reversed", "verified"])
def test_a_settled_payment_stays_as_it_is(end):
    _payments(make.user().id)
    db.session.execute(update(Payment).values(state=end, settled_at=utcnow(), reference="1"))
    db.session.commit()
    for other in {"failed", "expired", "reversed", "verified", "returned"} - {end}:
        with pytest.raises(DBAPIError, match="forward only"):
            db.session.execute(update(Payment).values(state=other))
        db.session.rollback()
    db.session.execute(update(Payment).values(code="100"))  # what else is known of it may still be written
    db.session.commit()
