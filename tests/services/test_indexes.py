"""What is asked every few seconds, or of the whole country, is found by an index and not by reading a table."""

import pytest
from sqlalchemy import event

from models import OwnerKind, Role, UnitKind, db, utcnow
from services import (
    course_lists,
    courses,
    discrepancies,
    identity,
    inventory_reports,
    known,
    letters,
    mobiles,
    nameless,
    planning,
    policy,
    receipts,
    servicing,
)
from services.attendance import calendar, sheets
from services.catalog.booklet import Month
from services.course_lists import Order
from services.courses import conflicts
from services.enrollment import reports
from services.purses import clerks, objections, statement, sums
from tests import class_cases, course_cases, databases, make


def reviewer():
    return course_cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))


def clerk():
    return course_cases.staff(Role.CLERK, make.unit())


def planner():
    return course_cases.staff(Role.PLANNER, make.unit(UnitKind.DIRECTORATE))


def moved(actor):
    scope = inventory_reports.scope(actor)
    inventory_reports.traffic(scope, inventory_reports.Filters(), inventory_reports.period(None, None))


def sheet():
    """The sheet of a meeting: of all enrollments there are, those of one course."""
    course = class_cases.course(class_cases.instructor(make.unit()))
    sheets.lines(class_cases.meeting(course))


def collisions():
    """What else takes the workshop, the place and the people of a course, among all courses there are."""
    clerk = course_cases.staff(Role.CLERK, course_cases.center())
    conflicts.of(clerk, course_cases.draft(clerk))


def calendar_of(kind):
    asked = planning.Asked(kind, calendar.span("month", "", policy.today()))
    class_cases.course(class_cases.instructor(make.unit()))
    planning.page(planner(), asked)


def kinds(actor):
    inventory_reports.stock(inventory_reports.scope(actor), inventory_reports.Filters())


def listed(actor, order):
    course_lists.listing(actor, course_lists.Wanted("all", order=order))


ASKED = [
    ("ix_message_sent", lambda: receipts._on_their_way(utcnow())),
    ("ix_message_unknown", letters.unknown_messages),
    ("ix_person_unchecked", identity.sweep),
    ("ix_person_matched_at", lambda: mobiles._oldest(utcnow(), 3)),
    ("ix_identity_event_at", nameless.numbers),
    ("ix_identity_event_person", lambda: known._events(1)),
    ("ix_discrepancy_waiting", lambda: discrepancies.listing(reviewer())),
    ("ix_course_at_hq", lambda: courses.queue(reviewer(), "waiting", utcnow())),
    ("ix_course_returned", lambda: courses.queue(reviewer(), "returned", utcnow())),
    ("ix_course_opens", lambda: courses.tick(utcnow())),
    ("ix_course_closes", lambda: courses.tick(utcnow())),
    ("ix_course_starts", lambda: courses.tick(utcnow())),
    ("ix_course_ends", lambda: courses.tick(utcnow())),
    ("ix_course_dates", lambda: listed(reviewer(), Order.SOONEST)),
    ("ix_course_dates", lambda: listed(reviewer(), Order.LATEST)),
    ("ix_course_province_dates", lambda: listed(planner(), Order.SOONEST)),
    ("ix_course_unit_dates", lambda: listed(clerk(), Order.LATEST)),
    ("ix_equipment_item_next_service", lambda: servicing.listing(clerk(), servicing.OVERDUE)),
    ("ix_equipment_movement_unit", lambda: moved(clerk())),
    ("ix_equipment_movement_unit", lambda: moved(planner())),
    ("ix_equipment_movement_unit", lambda: moved(reviewer())),
    ("ix_equipment_item_province", lambda: kinds(planner())),
    ("ix_course_workshop_id", collisions),
    ("ix_course_instructor_id", collisions),
    ("ix_course_instructor_instructor_id", collisions),
    ("ix_course_workshop_id", lambda: calendar_of(planning.WORKSHOP)),
    ("uq_enrollment_active", sheet),
    ("ix_enrollment_canceled", sheet),
    *(
        (f"ix_ledger_transfer_{end}", lambda: statement.page((OwnerKind.NATIONAL, make.purse(balance=1).owner_code)))
        for end in ("from", "to")
    ),
    ("ix_ledger_transfer_at", lambda: sums.month_sums(reviewer(), Month(1405, 9))),
    ("ix_debit_objection_unit", lambda: objections.open_count(course_cases.staff(Role.MANAGER, make.unit()))),
    ("ix_enrollment_in_person", lambda: reports.in_person(reviewer(), Month(1405, 9), "no_infrastructure")),
    ("ix_enrollment_grouped", lambda: reports.exempt(planner(), Month(1405, 9))),
    ("ix_enrollment_unit", lambda: clerks.table(course_cases.staff(Role.MANAGER, make.unit()), Month(1405, 9))),
]
# On a few rows PostgreSQL finds anything else cheaper than the index, and what it finds depends on whether somebody
# has counted the rows lately. Without these ways the plan depends on the statement alone.
OTHER_WAYS = ("seqscan", "bitmapscan", "sort", "incremental_sort", "hashjoin", "mergejoin")
# Indexes that cost the same as long as a table is empty, and far more with the rows of a country.
RIVALS = {"ix_course_province_dates": ("ix_course_dates", "ix_course_province_ends")}


@pytest.fixture(scope="module", autouse=True)
def empty_files(app):
    """Tables as they are in a new database: what other tests have left of files changes what PostgreSQL expects."""
    with app.app_context():
        databases.empty(db.engine)


@pytest.mark.parametrize(("index", "ask"), ASKED)
def test_it_is_found_by_its_index(index, ask):
    plans: list[str] = []

    def explain(connection, cursor, statement, parameters, *_rest) -> None:
        if not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        if connection.dialect.name == "sqlite":
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        else:
            cursor.execute("SAVEPOINT before_the_plan")
            for way in OTHER_WAYS:
                cursor.execute(f"SET enable_{way} = off")
            for rival in RIVALS.get(index, ()):
                cursor.execute(f"DROP INDEX {rival}")
            rows = cursor.execute(f"EXPLAIN {statement}", parameters).fetchall()
            cursor.execute("ROLLBACK TO before_the_plan")
        plans.extend(str(row) for row in rows)

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    assert any(index in plan for plan in plans), "\n".join(plans)
